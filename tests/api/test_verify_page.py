"""The page of verification without a script: typed codes, photos, certificates."""

import json
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import Engine

from api.web.standing import SAYINGS, Standing
from tests.api.test_plate_life import Office, door, office, other, repaint

__all__ = ["door", "office", "other"]

Asked = Callable[..., str]


@pytest.fixture
def asked(office: Office) -> Asked:
    def ask(code: str, **more: object) -> str:
        answered = office.client.get("/verify", params={"code": code, "lang": "zh", **more})  # type: ignore[arg-type]  # -- httpx takes more than object
        assert answered.status_code == 200
        assert answered.headers["Cache-Control"] == "no-store"
        return answered.text

    return ask


def said(page: str, standing: str) -> bool:
    return f">{SAYINGS['zh'][standing][0]}<" in page


class WhenACodeIsTyped:
    def test_every_standing_is_told_in_words_with_what_must_hang_there(
        self, office: Office, door: str, other: str, asked: Asked
    ) -> None:
        here, _there = office.issue(door, other, kind="medium")
        code = office.code_on(here)
        signed = office.code_on(here, "signed")

        assert said(asked(code), Standing.GENUINE) and "琼头中里" in asked(code)
        assert said(asked(signed), Standing.GENUINE)
        moved = asked(code, door=other)
        assert said(moved, Standing.WRONG_DOOR) and "这扇门上的牌子应该是这样" in moved
        assert said(asked(code, lon=118.0, lat=24.0), Standing.WRONG_DOOR)
        altered = code[:-1] + ("0" if code[-1] != "0" else "1")
        assert said(asked(altered), Standing.FORGED)
        assert said(asked("你好"), Standing.UNKNOWN)
        by_address = asked(door.lower())
        assert said(by_address, "address-code") and door[:4] in by_address
        assert said(asked(f"HTTPS://OLD.EXAMPLE.CN/A/{door}"), "address-code")
        defects = office.get("/v1/plates/defects", "surveyor").json()["defects"]
        assert {one["rule"] for one in defects} == {"plate-at-wrong-door"}

        office.post(f"/v1/plates/{here['id']}/reissue", json={"reason": "replaced"})
        assert said(asked(code), Standing.REPLACED)
        stolen = office.client.get("/v1/plates", params={"limit": 9}).json()["plates"]
        newest = next(
            one for one in stolen if one["address_code"] == door and one["state"] != "revoked"
        )
        lost = office.code_on(newest)
        office.post(f"/v1/plates/{newest['id']}/revoke", json={"reason": "stolen"})
        assert said(asked(lost), Standing.REVOKED)
        page = office.client.get(f"/P/{lost.rpartition('/')[2]}", follow_redirects=True).text
        assert page.index(SAYINGS["zh"][Standing.REVOKED][0]) < page.index("<h1")

    def test_a_plate_with_a_former_name_is_said_to_be_valid(
        self, office: Office, door: str, city: Engine, asked: Asked
    ) -> None:
        [plate] = office.issue(door)
        code = office.code_on(plate)
        repaint(city, str(plate["id"]), "琼头村9号")

        page = asked(code)
        opened = office.client.get(f"/P/{code.rpartition('/')[2]}", follow_redirects=True).text

        assert said(page, Standing.OLD_NAME) and said(opened, Standing.OLD_NAME)
        assert "琼头村9号" in opened and "琼头中里" in opened

    def test_a_door_that_is_none_is_explained(self, office: Office) -> None:
        answered = office.client.get("/verify", params={"code": "x", "door": "ABC"})

        assert answered.status_code == 404
        assert answered.headers["content-type"].startswith("text/html")


class WhenAPhotoIsSent:
    def test_the_plate_on_it_is_judged_and_the_photo_not_kept(
        self, office: Office, door: str, other: str
    ) -> None:
        [plate] = office.issue(door)
        drawn = office.get(f"/v1/plates/{plate['id']}/artwork", format="png").content
        (office.home / "files").mkdir(exist_ok=True)

        good = sent(office.client, drawn)
        moved = sent(office.client, drawn, door=other)

        assert said(good.text, Standing.GENUINE)
        assert said(moved.text, Standing.WRONG_DOOR)
        assert list((office.home / "files").rglob("*")) == []

    def test_one_without_a_symbol_or_no_picture_at_all_is_explained(
        self, office: Office, door: str
    ) -> None:
        blank = office.client.get(f"/qr/{door}.png").content

        assert said(sent(office.client, blank).text, "address-code")
        empty = sent(office.client, EMPTY_PNG)
        assert "没有找到二维码" in empty.text
        nothing = sent(office.client, b"no picture")
        assert nothing.status_code == 422 and "照片无法使用" in nothing.text

    def test_json_that_is_no_certificate_is_no_picture_either(self, office: Office) -> None:
        for body in (b"{}", b"{", b'{"certificate":1,"seal":2}', b"[1]"):
            assert sent(office.client, body).status_code == 422

    def test_a_certificate_is_judged_whole(self, office: Office, door: str) -> None:
        file = office.client.get(f"/v1/addresses/{door}/certificate").content

        page = sent(office.client, file, name="c.json").text

        assert said(page, "certificate") and "与签章一致" in page
        assert json.loads(file)["certificate"]["address"] in page


def sent(
    client: httpx.Client, body: bytes, *, door: str = "", name: str = "p.png"
) -> httpx.Response:
    return client.post("/verify?lang=zh", files={"file": (name, body)}, data={"door": door})


EMPTY_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
