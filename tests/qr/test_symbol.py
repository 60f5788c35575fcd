"""The symbols on door plates, read back by an independent decoder."""

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from qr import symbol
from registry.addresses.address_code import AddressCode

CODE = str(AddressCode.of(0x1F2E3D4C5B6A7))
PUBLIC_URL = "https://dizhi.example.gov.cn"


def decoded(picture: bytes) -> str:
    with Image.open(io.BytesIO(picture)) as image:
        read = zxingcpp.read_barcode(np.asarray(image.convert("L")))
    assert read is not None
    return str(read.text)


class WhenAPlateIsScanned:
    @given(st.integers(0, (1 << 50) - 1), st.integers(2, 12))
    @settings(max_examples=25, deadline=None)
    def test_the_png_says_what_was_written(self, number: int, module_px: int) -> None:
        text = symbol.payload(PUBLIC_URL, str(AddressCode.of(number)))

        assert decoded(symbol.png(text, module_px=module_px)) == text

    def test_the_svg_says_the_same_in_a_browser(self, tmp_path: Path) -> None:
        text = symbol.payload(PUBLIC_URL, CODE)
        drawing, shot = tmp_path / "plate.svg", tmp_path / "plate.png"
        drawing.write_bytes(symbol.svg(text))
        subprocess.run(
            ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
             "--window-size=400,400", f"--screenshot={shot}", drawing.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip

        assert decoded(shot.read_bytes()) == text

    def test_a_lower_case_path_is_kept_and_still_read(self) -> None:
        text = symbol.payload("https://example.gov.cn/places/", CODE)

        assert text == f"https://example.gov.cn/places/a/{CODE}"
        assert decoded(symbol.png(text, module_px=3)) == text


class WhatASymbolSays:
    def test_it_is_an_upper_case_url(self) -> None:
        assert symbol.payload(PUBLIC_URL + "/", CODE) == f"HTTPS://DIZHI.EXAMPLE.GOV.CN/A/{CODE}"
        assert symbol.payload("http://127.0.0.1:8000", CODE) == f"HTTP://127.0.0.1:8000/A/{CODE}"

    @pytest.mark.parametrize(
        "wrong", ["", "dizhi.example.cn", "ftp://x.cn", "https://", "https://x.cn/?q=1"]
    )
    def test_something_else_than_a_site_is_refused(self, wrong: str) -> None:
        with pytest.raises(ValueError, match=r"not the URL of a site|end with its path"):
            symbol.payload(wrong, CODE)

    def test_a_name_beyond_the_alphanumeric_set_stays_as_it_is(self) -> None:
        assert symbol.payload("https://me_x.cn", CODE) == f"https://me_x.cn/a/{CODE}"


class WhatASymbolLooksLike:
    @pytest.mark.parametrize(
        "public_url", [PUBLIC_URL, "http://127.0.0.1:8000", "https://menpai.xm.gov.cn"]
    )
    def test_it_fits_the_small_door_plate(self, public_url: str) -> None:
        assert symbol.version(symbol.payload(public_url, CODE)) <= 3

    def test_it_has_a_quiet_zone_of_four_modules(self) -> None:
        modules = np.array(symbol.matrix(symbol.payload(PUBLIC_URL, CODE)))

        assert modules.shape == (37, 37)
        assert not modules[:4].any()
        assert not modules[:, -4:].any()
        assert modules[4, 4:11].all()

    def test_the_same_text_gives_the_same_bytes(self) -> None:
        text = symbol.payload(PUBLIC_URL, CODE)

        assert symbol.svg(text) == symbol.svg(text)
        assert symbol.png(text, module_px=8) == symbol.png(text, module_px=8)

    @pytest.mark.parametrize("module_px", [0, 65])
    def test_an_absurd_size_is_refused(self, module_px: int) -> None:
        with pytest.raises(ValueError, match="1 to 64"):
            symbol.png("X", module_px=module_px)
