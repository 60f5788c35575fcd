"""QR symbols of plates: every one can be read and says where its page is."""

import io
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image

from api.cli.main import run


@pytest.fixture(scope="module")
def code(client: httpx.Client) -> str:
    found = client.get("/v1/addresses", params={"limit": 1}).json()["addresses"]
    made: str = found[0]["address"]["code"]
    return made


class WhenAPlateIsDrawn:
    def test_the_png_reads_back_as_the_page_of_the_address(
        self, client: httpx.Client, code: str, base_url: str
    ) -> None:
        answered = client.get(f"/qr/{code}.png")

        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(answered.content)))
        assert answered.headers["content-type"] == "image/png"
        assert [one.text.lower() for one in read] == [f"{base_url}/a/{code}".lower()]

    def test_what_it_says_opens_the_page(self, client: httpx.Client, code: str) -> None:
        answered = client.get(f"/A/{code}")

        assert answered.status_code == 200
        assert answered.headers["content-type"].startswith("text/html")

    def test_the_svg_is_an_image_for_print(self, client: httpx.Client, code: str) -> None:
        answered = client.get(f"/qr/{code}.svg")

        assert answered.headers["content-type"] == "image/svg+xml"
        assert answered.text.startswith("<svg")

    def test_no_symbol_is_drawn_for_a_code_nobody_bears(self, client: httpx.Client) -> None:
        assert client.get("/qr/000000000000.svg").status_code == 404

    def test_the_command_writes_a_file(
        self, demo_url: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", demo_url)
        target = tmp_path / "plate.png"

        assert run(["plates", "qr", code, "--output", str(target)]) == 0

        assert zxingcpp.read_barcodes(Image.open(target))[0].text.lower().endswith(code.lower())
