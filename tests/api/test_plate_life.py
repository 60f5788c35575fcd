"""Plates over HTTP and on the command line, from issue before two restructurings to a scan after."""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import Engine

from api import plate_keys
from api.cli.main import run
from api.security import ensure_demo_keys
from qr.claim import key_id_of
from qr.plate_code import GENERATIONS, read_code
from qr.revocations import RevokedSet
from qr.verification import Finding, SigningKey, Trust, verify
from registry.addresses.address_code import AddressCode
from registry.changes.model import Intent, Verb
from registry.log.keychain import KeyStatement
from registry.log.notes import VerifierKey, open_note
from registry.plates.keys import NAME, Purpose
from tests.conftest import serving

ISSUED = "2020-06-30"
DOORS = ("翔安区琼头社区琼头中里9号", "琼头中里11号")
"""In 马巷镇 when the plates were issued, in 凤翔街道 after both acts."""


@dataclass
class Office:
    """A registry with keys for its staff."""

    client: httpx.Client
    keys: dict[str, str]
    home: Path
    url: str

    def post(self, path: str, role: str = "approver", **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        return self.client.post(path, headers=headers, **more)  # type: ignore[arg-type]  # -- httpx takes more than object

    def get(self, path: str, role: str = "approver", **params: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        return self.client.get(path, headers=headers, params=params)  # type: ignore[arg-type]  # -- httpx takes more than object

    def issue(self, *codes: str, kind: str = "small") -> list[dict[str, object]]:
        asked = {"codes": list(codes), "kind": kind, "on": ISSUED}
        answered = self.post("/v1/plates", json=asked)
        assert answered.status_code == 201, answered.text
        made: list[dict[str, object]] = answered.json()["plates"]
        return made

    def code_on(self, plate: dict[str, object], form: str = "short") -> str:
        """What the symbol on the printed plate says."""
        drawn = self.get(f"/v1/plates/{plate['id']}/artwork", format="png", code_form=form)
        assert drawn.status_code == 200, drawn.text
        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.content)))
        return str(read[0].text)

    def verify(self, code: str, **more: object) -> dict[str, object]:
        answered = self.client.get("/v1/plates/verify", params={"code": code, **more})  # type: ignore[arg-type]  # -- httpx takes more than object
        assert answered.status_code == 200, answered.text
        found: dict[str, object] = answered.json()
        return found


@pytest.fixture
def office(city: Engine, city_url: str, tmp_path: Path) -> Iterator[Office]:
    keys = ensure_demo_keys(city, tmp_path)
    with (
        serving(city_url, tmp_path) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield Office(client, keys, tmp_path, city_url)


@pytest.fixture
def door(office: Office) -> str:
    found = office.client.get("/v1/geocode", params={"q": DOORS[0]}).json()
    made: str = found["results"][0]["address"]["code"]
    return made


@pytest.fixture
def other(office: Office, door: str) -> str:
    asked = {"thoroughfare": "琼头中里", "limit": 9}
    found = office.client.get("/v1/addresses", params=asked).json()["addresses"]
    codes = [one["address"]["code"] for one in found]
    return next(
        str(code)
        for code, one in zip(codes, found, strict=True)
        if code != door and not one["address"]["components"]["room"]
    )


class WhenAPlateIssuedBeforeBothActsIsScannedAfter:
    def test_it_opens_the_right_door_with_both_names_under_another_public_url_and_offline(
        self, office: Office, door: str
    ) -> None:
        [plate] = office.issue(door, kind="medium")
        short, long = office.code_on(plate), office.code_on(plate, "signed")
        published = office.client.get("/v1/plates/keys").json()["keys"]

        with (
            serving(office.url, office.home, PUBLIC_URL="https://new.example.cn") as moved,
            httpx.Client(base_url=moved, timeout=60, follow_redirects=True) as phone,
        ):
            for text in (short, long):
                page = phone.get("/P/" + text.rpartition("/P/")[2])
                assert page.status_code == 200
                assert page.url.path == f"/a/{door}"
                assert "凤翔街道" in page.text and "马巷镇" in page.text
                assert "真牌" in page.text and "琼头中里9号" in page.text
                assert "script-src 'self';" in page.headers["Content-Security-Policy"]

        trust = Trust(
            signing={
                bytes.fromhex(one["key_id"]): SigningKey(bytes.fromhex(one["public"]))
                for one in published
                if one["public"]
            }
        )
        verdict = verify(long, trust, at_door=AddressCode.parse(door).number)
        assert verdict.finding is Finding.GENUINE
        assert verify(short, trust).finding is Finding.NEEDS_ISSUER
        code = read_code(long)
        assert code == verdict.code
        assert office.verify(long)["claim"]["text"] == "琼头中里9号"  # type: ignore[index]  # -- JSON


class WhenAPlateIsVerified:
    def test_a_copy_at_another_door_is_noted_and_told_what_should_hang_there(
        self, office: Office, door: str, other: str
    ) -> None:
        here, there = office.issue(door, other)
        code = office.code_on(here)

        assert office.verify(code, door=door)["finding"] == "genuine"
        for _scan in range(2):
            found = office.verify(code, door=other)
        far = office.verify(code, lon=118.0, lat=24.0)

        assert (found["finding"], found["genuine"]) == ("wrong-door", False)
        assert found["expected"]["text"] == there["text"]  # type: ignore[index]  # -- JSON
        assert found["plate"]["text"] == here["text"]  # type: ignore[index]  # -- JSON
        assert far["finding"] == "wrong-door"
        defects = office.get("/v1/plates/defects", "surveyor").json()["defects"]
        assert {(one["rule"], one["address_code"], one["times"]) for one in defects} == {
            ("plate-at-wrong-door", other, 2),
            ("plate-at-wrong-door", door, 1),
        }
        assert set(defects[0]) == {
            *("defect_id", "rule", "plate_id", "address_code"),
            *("first_found_on", "last_found_on", "times", "closed_on"),
        }
        closed = office.post(f"/v1/plates/defects/{defects[0]['defect_id']}/close", "surveyor")
        assert closed.status_code == 204
        assert len(office.get("/v1/plates/defects", "surveyor").json()["defects"]) == 1

    def test_a_revoked_plate_is_refused_listed_and_noted(self, office: Office, door: str) -> None:
        [plate] = office.issue(door)
        code = office.code_on(plate)
        before = office.client.get("/v1/plates/revocations")
        again = office.client.get(
            "/v1/plates/revocations", headers={"If-None-Match": before.headers["ETag"]}
        )
        revoked = office.post(f"/v1/plates/{plate['id']}/revoke", json={"reason": "stolen"})

        found = office.verify(code)
        listed = office.client.get("/v1/plates/revocations")

        assert revoked.json()["state"] == "revoked"
        assert found["finding"] == "revoked"
        body = listed.json()
        kept = RevokedSet(body["count"], base64.b64decode(body["set"]))
        assert (AddressCode.parse(door).number, 1) in kept
        assert before.json()["count"] == 0
        assert again.status_code == 304
        assert "max-age" in listed.headers["Cache-Control"]
        [defect] = office.get("/v1/plates/defects").json()["defects"]
        assert defect["rule"] == "plate-revoked-in-use"
        page = office.client.get(f"/P/{code.rpartition('/')[2]}", follow_redirects=True)
        assert "已作废的门牌" in page.text

    @pytest.mark.parametrize("text", ["", "https://example.cn/", "HTTPS://A.CN/P/123", "号" * 50])
    def test_whatever_else_is_scanned_is_unreadable(self, office: Office, text: str) -> None:
        assert office.verify(text)["finding"] == "unreadable"

    def test_a_plate_made_behind_the_registrys_back_is_forged(
        self, office: Office, door: str, city: Engine
    ) -> None:
        [plate] = office.issue(door)
        code = office.code_on(plate)
        with city.connect() as connection:
            die = plate_keys.die(connection, office.home)
        from qr.plate_code import tagged

        number = AddressCode.parse(door).number
        unheard = tagged(die.tag, number=number, serial=2, generation=die.generation)

        assert office.verify(str(unheard))["finding"] == "forged"
        assert office.verify(code[:-1] + ("0" if code[-1] != "0" else "1"))["finding"] == "forged"


class WhenAPlateShowsMoreThanAClaimHolds:
    def test_the_signed_form_is_refused_and_the_short_one_is_drawn(
        self, office: Office, door: str, city: Engine
    ) -> None:
        [plate] = office.issue(door)
        repaint(city, str(plate["id"]), f"{'长' * 40}9号")
        place = f"/v1/plates/{plate['id']}/artwork"

        refused = office.get(place, format="svg", code_form="signed")

        assert (refused.status_code, refused.json()["code"]) == (409, "plate-has-no-signed-form")
        assert office.get(place, format="svg").status_code == 200


class WhenStaffLookAfterPlates:
    def test_a_plate_is_put_up_with_a_photo_that_keeps_no_place_or_person(
        self, office: Office, door: str
    ) -> None:
        [plate] = office.issue(door)
        exif = Image.Exif()
        exif[0x013B] = "张三"
        shot = io.BytesIO()
        Image.new("RGB", (2000, 900), "blue").save(shot, "JPEG", exif=exif)
        where = {"lon": "118.2401", "lat": "24.6602", "on": "2020-07-03"}

        hung = office.post(
            f"/v1/plates/{plate['id']}/install",
            "surveyor",
            data=where,
            files={"photo": ("p.jpg", shot.getvalue(), "image/jpeg")},
        )
        kept = office.get(f"/v1/plates/{plate['id']}/photo", "surveyor")
        seen = office.post(
            f"/v1/plates/{plate['id']}/inspections", "surveyor", data={"condition": "damaged"}
        )
        order = office.post(
            "/v1/plates/work-orders", "surveyor", json={"within": "350213", "purpose": "reprint"}
        )

        assert hung.json()["state"] == "installed"
        assert hung.json()["spot"] == {"lon": 118.2401, "lat": 24.6602}
        with Image.open(io.BytesIO(kept.content)) as picture:
            assert picture.size == (1600, 720)
            assert not picture.getexif()
        assert seen.status_code == 201
        assert [one["need"] for one in order.json()["items"]] == ["damaged"]
        now = office.post(f"/v1/plates/{plate['id']}/reissue", json={"reason": "damaged"})
        assert (now.json()["serial"], now.json()["state"]) == (2, "issued")

    def test_plates_that_show_another_text_are_replaced_at_once_and_the_list_is_read_page_by_page(
        self, office: Office, door: str, other: str, city: Engine
    ) -> None:
        stays, goes = office.issue(door, other)
        repaint(city, str(goes["id"]), "琼头村11号")
        listed = [office.client.get("/v1/plates/reprints?within=350213&limit=1")]
        while "next" in listed[-1].links:
            listed.append(office.client.get(listed[-1].links["next"]["url"]))
        asked = {"codes": [door, other]}

        done = office.post("/v1/plates/replacements", json=asked)
        again = office.post("/v1/plates/replacements", json=asked)

        assert [page.json()["plates"][0]["plate"]["id"] for page in listed] == [
            *(goes["id"], stays["id"])
        ]
        assert [(one["address_code"], one["serial"]) for one in done.json()["plates"]] == [
            (other, 2)
        ]
        assert again.json()["plates"] == []
        old = office.client.get(f"/v1/plates/{goes['id']}").json()
        assert (old["state"], old["reason"]) == ("revoked", "replaced")
        assert office.post("/v1/plates/replacements", "surveyor", json=asked).status_code == 403
        for wrong in (
            "reprints?within=350213&cursor=nonsense",
            "?cursor=A-²",
            f"?cursor=A-{2**70}",
        ):
            refused = office.client.get(f"/v1/plates/{wrong}".replace("/?", "?"))
            assert refused.json()["code"] == "cursor-is-invalid"

    def test_only_those_who_may_do_it(self, office: Office, door: str) -> None:
        asked = {"codes": [door]}

        assert office.client.post("/v1/plates", json=asked).status_code == 401
        assert office.post("/v1/plates", "surveyor", json=asked).status_code == 403
        assert office.get("/v1/plates/defects", "public").status_code == 403

    def test_a_file_that_is_no_photo_is_refused_and_nothing_changed(
        self, office: Office, door: str
    ) -> None:
        [plate] = office.issue(door)

        refused = office.post(
            f"/v1/plates/{plate['id']}/install",
            data={"lon": "118", "lat": "24"},
            files={"photo": ("p.jpg", b"no picture", "image/jpeg")},
        )

        turned = Image.Exif()
        turned[0x0112], turned[0x011A] = 6, 72.0
        shot = io.BytesIO()
        Image.new("RGB", (40, 30)).save(shot, "JPEG", exif=turned)
        # The resolution is now said to be a text.
        spoilt = shot.getvalue().replace(b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x02")
        page = office.client.post("/verify", files={"file": ("p.jpg", spoilt, "image/jpeg")})

        assert spoilt != shot.getvalue() and page.status_code == 422
        assert (refused.status_code, refused.json()["code"]) == (422, "photo-is-unreadable")
        assert office.client.get(f"/v1/plates/{plate['id']}").json()["state"] == "issued"


class WhenKeysAreRotated:
    def test_old_plates_stay_good_until_their_key_is_revoked_and_the_heir_is_vouched_for(
        self, office: Office, door: str, city: Engine
    ) -> None:
        [plate] = office.issue(door, kind="medium")
        old_short, old_long = office.code_on(plate), office.code_on(plate, "signed")
        with city.connect() as connection:
            for purpose in Purpose:
                plate_keys.rotate(connection, office.home, purpose)
            connection.commit()
        new_short, new_long = office.code_on(plate), office.code_on(plate, "signed")

        every = (old_short, old_long, new_short, new_long)
        assert len(set(every)) == 4
        assert {office.verify(code)["finding"] for code in every} == {"genuine"}
        first, heir = (
            one for one in office.client.get("/v1/plates/keys").json()["keys"] if one["public"]
        )
        trusted = VerifierKey.parse(first["verifier"])
        text, _signers = open_note(heir["introduction"], [trusted])
        assert KeyStatement(heir["verifier"], None).key in text
        assert trusted.name == NAME
        assert key_id_of(bytes.fromhex(heir["public"])).hex() == heir["key_id"]

        with city.connect() as connection:
            for purpose in Purpose:
                plate_keys.revoke(connection, purpose, 0)
            connection.commit()
        assert [office.verify(code)["finding"] for code in every] == [
            *("key-revoked", "key-revoked", "genuine", "genuine")
        ]

    def test_a_run_that_was_cut_off_before_its_commit_leaves_keys_that_serve(
        self, office: Office, door: str, city: Engine
    ) -> None:
        with city.connect() as connection:
            plate_keys.ensure_keys(connection, office.home)
            connection.rollback()

        [plate] = office.issue(door)

        assert office.verify(office.code_on(plate))["finding"] == "genuine"

    def test_the_seventeenth_tag_key_takes_the_place_of_the_first(
        self, office: Office, door: str, city: Engine
    ) -> None:
        [plate] = office.issue(door)
        first = office.code_on(plate)
        with city.connect() as connection:
            for _each in range(GENERATIONS):
                plate_keys.rotate(connection, office.home, Purpose.TAG)
            connection.commit()

        assert office.verify(office.code_on(plate))["finding"] == "genuine"
        assert office.verify(first)["finding"] == "forged"


class WhenTheCommandLineIsUsed:
    def test_issue_sheet_verify_and_revoke(
        self,
        city_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", city_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PUBLIC_URL", "https://dz.xm.gov.cn")
        sheet, photos = tmp_path / "sheet", tmp_path / "photos"
        photos.mkdir()

        assert run(["plates", "issue", "--within", "350213102001", "--json"]) in (0, 1)
        capsys.readouterr()
        assert run(["plates", "issue", "--within", "350213", "--json"]) == 0
        issued = json.loads(capsys.readouterr().out)["issued"]
        assert run(["plates", "sheet", str(sheet), "--within", "350213", "--workers", "1"]) == 0
        manifest = json.loads((sheet / "manifest.json").read_text())
        first = {part["file"]: part["sha256"] for part in manifest["parts"]}
        (sheet / "part-00001.pdf").write_bytes(b"cut off")
        assert run(["plates", "sheet", str(sheet), "--within", "350213", "--workers", "1"]) == 0
        rows = (sheet / "manifest.csv").read_text("utf-8-sig").splitlines()

        assert issued > 0
        assert manifest["plates"] == issued == len(rows) - 1
        again = json.loads((sheet / "manifest.json").read_text())
        assert {part["file"]: part["sha256"] for part in again["parts"]} == first
        code = rows[1].split(",")[2]
        assert run(["plates", "sheet", str(photos), "--code", code, "--format", "png"]) == 0
        _unpack(photos)
        assert run(["plates", "verify", str(photos), "--json"]) == 0
        assert run(["plates", "revoke", code, "--reason", "lost"]) == 0
        capsys.readouterr()
        assert run(["plates", "verify", str(photos), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["finding"] == "revoked"

    def test_a_symbol_too_fine_for_the_plate_is_refused_in_one_line(
        self,
        city_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", city_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PUBLIC_URL", "https://addresses.city.example.gov.cn")
        assert run(["plates", "issue", "--within", "350213"]) == 0
        capsys.readouterr()

        assert run(["plates", "sheet", str(tmp_path / "sheet"), "--within", "350213"]) == 1

        assert "symbol-is-too-fine" in capsys.readouterr().err


def _unpack(folder: Path) -> None:
    import zipfile

    for packed in folder.glob("*.zip"):
        with zipfile.ZipFile(packed) as opened:
            opened.extractall(folder)


def repaint(city: Engine, plate_id: str, shown: str) -> None:
    """Let a plate show something else than its door is called, as one from before a renaming does."""
    from uuid import UUID

    from api.work import works_on
    from registry.changes.timeline import change_from
    from registry.plates.tables import plate_version

    intent = Intent(author="test", verb=Verb.CHANGE, title="重绘", effective_on=None)
    with works_on(city)(intent) as work:
        work.start()
        before = work.believed(plate_version, [UUID(plate_id)])[UUID(plate_id)]
        after = change_from(before, date.fromisoformat(ISSUED), {"shown_text": shown}, "issue")
        work.rewrite(plate_version, UUID(plate_id), before, after)
