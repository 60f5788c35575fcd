"""Certificates of address: for any day, on paper and as JSON, proven anywhere with the published keys."""

import io
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image

from api import app
from api.cli.main import run
from tests.api.test_plate_life import Office, door, office
from tests.conftest import serving

__all__ = ["door", "office"]

TOWN = "福建省厦门市翔安区马巷镇琼头社区琼头中里9号"
NOW = "福建省厦门市翔安区凤翔街道琼头社区琼头中里9号"


class WhenACertificateIsIssued:
    def test_for_any_day_it_says_how_the_address_read_and_is_proven(
        self, office: Office, door: str
    ) -> None:
        place = f"/v1/addresses/{door}/certificate"
        now = office.client.get(place).json()
        then = office.client.get(place, params={"at": "2020-12-31"})

        assert now["certificate"]["address"] == NOW
        assert [one["decree"] for one in now["certificate"]["former"]][-1] == "闽政文〔2021〕3号"
        assert then.json()["certificate"]["address"] == TOWN
        assert then.json()["certificate"]["former"] == []
        assert then.headers["Memento-Datetime"].startswith("Thu, 31 Dec 2020")
        for file in (now, then.json()):
            checked = office.client.post("/v1/certificates/verify", json=file).json()
            assert checked["genuine"] and checked["address"] == file["certificate"]["address"]

    def test_one_that_was_altered_is_refused(self, office: Office, door: str) -> None:
        file = office.client.get(f"/v1/addresses/{door}/certificate").json()
        file["certificate"]["address"] = TOWN

        checked = office.client.post("/v1/certificates/verify", json=file).json()
        shown = office.client.post(
            "/verify?lang=zh", files={"file": ("c.json", json.dumps(file), "application/json")}
        )

        assert (checked["finding"], checked["genuine"]) == ("forged", False)
        assert "假" in shown.text and "真证明" not in shown.text
        refused = office.client.post("/v1/certificates/verify", json={"seal": 1})
        assert refused.json()["code"] == "request-is-invalid"

    def test_none_is_issued_for_a_day_on_which_there_was_no_such_address(
        self, office: Office, door: str
    ) -> None:
        answered = office.client.get(
            f"/v1/addresses/{door}/certificate", params={"at": "1950-01-01"}
        )

        assert (answered.status_code, answered.json()["code"]) == (409, "not-in-force")

    def test_the_paper_has_text_embedded_type_and_a_symbol_that_opens_its_proof(
        self, office: Office, door: str, tmp_path: Path
    ) -> None:
        file, name = tmp_path / "c.pdf", tmp_path / "page"
        answered = office.client.get(
            f"/v1/addresses/{door}/certificate",
            params={"format": "pdf", "at": "2020-12-31", "lang": "en"},
        )
        file.write_bytes(answered.content)
        fonts, text = (
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
            for command in (["pdffonts", file], ["pdftotext", "-layout", file, "-"])
        )
        subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", file, name], check=True)

        read = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))[0].text

        assert answered.headers["content-type"] == "application/pdf"
        assert [line.split()[-5] for line in fonts.splitlines()[2:]] == ["yes", "yes"]
        assert TOWN in text and "Certificate of standard address" in text
        shown = office.client.get("/C/" + read.rpartition("/C/")[2], params={"lang": "zh"})
        assert "真证明" in shown.text and TOWN in shown.text and "2020年12月31日" in shown.text

    def test_who_has_too_many_drawn_waits_and_still_gets_them_as_json(
        self, office: Office, door: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app, "MOST_PAPERS", 1)
        place, pdf = f"/v1/addresses/{door}/certificate", {"format": "pdf"}
        nobodys = "/v1/addresses/000000000000/certificate"

        with (
            serving(office.url, office.home) as url,
            httpx.Client(base_url=url, timeout=60) as client,
        ):
            asked = [client.get(each, params=pdf) for each in (nobodys, place, place)]
            read = client.get(place)

        assert [one.status_code for one in asked] == [404, 200, 429]
        assert asked[-1].json()["code"] == "too-many-certificates"
        assert 0 < int(asked[-1].headers["Retry-After"]) <= 600
        assert read.status_code == 200

    def test_many_at_once_do_not_wait_for_connections_that_they_hold_themselves(
        self, office: Office, door: str
    ) -> None:
        place = f"{office.client.base_url}/v1/addresses/{door}/certificate"

        with ThreadPoolExecutor(40) as crowd:
            answered = list(crowd.map(lambda _each: httpx.get(place, timeout=60), range(40)))

        assert {one.status_code for one in answered} == {200}


class WhenItIsVerifiedOnTheCommandLine:
    def test_the_published_keys_are_enough_and_no_database_is_asked(
        self,
        office: Office,
        door: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        file, keys = tmp_path / "c.json", tmp_path / "keys.json"
        certificate = office.client.get(f"/v1/addresses/{door}/certificate")
        file.write_bytes(certificate.content)
        keys.write_bytes(office.client.get("/v1/plates/keys").content)
        photo = tmp_path / "symbol.png"
        photo.write_bytes(symbol_of(office.client, door))
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "elsewhere"))

        asked = ["certificate", "verify", str(file), str(photo), "--keys", str(keys), "--json"]
        assert run(asked) == 0
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        changed = certificate.json()
        changed["certificate"]["at"] = "2021-01-01"
        file.write_text(json.dumps(changed))
        assert run(["certificate", "verify", str(file), "--keys", str(keys)]) == 1
        assert capsys.readouterr().out.startswith("forged")
        assert run(["certificate", "verify", str(file), "--keys", str(photo)]) == 2

        assert [(one["finding"], one["whole"]) for one in told] == [
            *(("genuine", True), ("genuine", False))
        ]
        assert told[0]["address"] == NOW

    def test_one_is_issued_and_verified_with_the_registrys_own_keys(
        self,
        office: Office,
        door: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", office.url)
        monkeypatch.setenv("REGISTRY_HOME", str(office.home))
        file, sheet = tmp_path / "c.json", tmp_path / "c.pdf"

        for target in (file, sheet):
            command = ["certificate", "issue", door, "--at", "2020-12-31", "--output", str(target)]
            assert run(command) == 0
        assert run(["certificate", "issue", door]) == 0
        assert json.loads(capsys.readouterr().out)["certificate"]["address"] == NOW
        assert run(["certificate", "verify", str(file)]) == 0
        assert TOWN in capsys.readouterr().out
        assert sheet.read_bytes().startswith(b"%PDF")


def symbol_of(client: httpx.Client, door: str) -> bytes:
    """A picture of the symbol on the paper."""
    answered = client.get(f"/v1/addresses/{door}/certificate", params={"format": "pdf"})
    done = subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile"],
        input=answered.content,
        capture_output=True,
        check=True,
    )
    Image.open(io.BytesIO(done.stdout)).verify()
    return done.stdout
