"""The artwork of plates: what a printer gets, and that phones read it whatever happens to it."""

import io
import re
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from qr.artwork import Face
from qr.claim import PlateKind
from qr.fonts import Typeface, find_typeface
from qr.printing import MARGIN_MM, pdf, picture, png, svg
from qr.sizes import SIZES
from qr.symbol import PLATE_MASK, matrix, plate_payload
from tests.qr.reading import (
    DECODERS,
    DEGRADATIONS,
    blotted_beyond,
    face,
    read_by_zxing,
    scanned,
)

FEW = 12


def big(kind: PlateKind) -> Face:
    signed = plate_payload("https://dz.xm.gov.cn", "0123456789ABCDEFGHJK" * 9)
    return Face(kind, "湖滨四里62号之3", "Húbīn 4 Lǐ", signed, "6A0D-NQ03-K1AR · 2")


class WhenASheetIsPrinted:
    def test_every_page_rasterised_says_what_its_symbol_was_given(self, tmp_path: Path) -> None:
        faces = [face(1), big(PlateKind.MEDIUM), face(3, PlateKind.LARGE)]
        sheet = tmp_path / "sheet.pdf"
        sheet.write_bytes(pdf(faces, find_typeface()))

        subprocess.run(
            ["pdftoppm", "-r", "110", "-gray", "-png", str(sheet), str(tmp_path / "page")],
            check=True,
        )

        pages = sorted(tmp_path.glob("page-*.png"))
        read = [read_by_zxing(np.asarray(Image.open(page))) for page in pages]
        assert read == [one.payload for one in faces]

    def test_its_colours_are_inks_its_fonts_are_inside_and_its_boxes_are_set(self) -> None:
        body = pdf([face(1), big(PlateKind.MEDIUM)], find_typeface())

        streams = b"".join(
            zlib.decompress(_ascii85(raw))
            for raw in re.findall(
                rb"/ASCII85Decode /FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", body, re.S
            )
        )
        assert re.search(rb" k\n?", streams)
        assert not re.search(rb"\d (rg|RG)\b", streams)
        assert b"/FontFile2" in body
        assert b"/Helvetica" not in body
        assert body.count(b"/TrimBox") == body.count(b"/BleedBox") == 2

    def test_the_page_is_the_plate_with_room_for_bleed_and_marks(self) -> None:
        body = pdf([face(1)], find_typeface())

        box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", body)
        assert box is not None
        size = SIZES[PlateKind.SMALL]
        wanted = [(side + 2 * MARGIN_MM) / 25.4 * 72 for side in (size.width_mm, size.height_mm)]
        assert [float(side) for side in box.groups()] == pytest.approx(wanted, abs=0.01)

    def test_each_has_its_own_characters_whatever_was_printed_before(self, tmp_path: Path) -> None:
        texts = ("湖滨四里9号", "琼头中里8号", "新圩街7号")

        for text in texts:
            file = tmp_path / "sheet.pdf"
            file.write_bytes(pdf([replace(face(1), text=text)], find_typeface()))
            said = subprocess.run(
                ["pdftotext", file, "-"], capture_output=True, text=True, check=True
            )
            assert set(text) <= set(said.stdout)

    def test_the_same_plates_give_the_same_bytes(self) -> None:
        typeface = find_typeface()

        assert pdf([face(1), face(2)], typeface) == pdf([face(1), face(2)], typeface)
        assert svg(face(1), typeface) == svg(face(1), typeface)

    def test_one_typeface_draws_for_many_at_once_what_it_draws_for_one(self) -> None:
        known = find_typeface()
        alone, shared = (Typeface(known.file, known.index) for _each in range(2))
        text = "".join(map(chr, range(0x4E00, 0x4E60)))
        starts = range(0, len(text), len(text) // 6)

        with ThreadPoolExecutor(len(starts)) as pool:
            turned = [text[start:] + text[:start] for start in starts]
            drawn = pool.map(lambda each: {one: shared.outline(one) for one in each}, turned)

        assert all(each == {one: alone.outline(one) for one in text} for each in drawn)

    def test_all_three_forms_show_one_plate(self) -> None:
        one, typeface = big(PlateKind.MEDIUM), find_typeface()

        drawn = svg(one, typeface).decode()
        raster = np.asarray(Image.open(io.BytesIO(png(one, typeface, dpi=150))).convert("L"))

        assert read_by_zxing(raster) == one.payload
        assert 'viewBox="0 0 270 170"' in drawn
        assert "<text" not in drawn
        assert one.number == ("62", "号之3")
        assert one.name == "湖滨四里"

    @pytest.mark.parametrize("kind", PlateKind)
    def test_a_long_name_stays_on_the_plate_and_off_the_code(self, kind: PlateKind) -> None:
        long = Face(
            kind,
            "厦门火炬高新技术产业开发区翔安产业园区舫山南三里12880号之A88",
            "Xiàmén Huǒjù Gāoxīn Jìshù Chǎnyè Kāifāqū Fǎngshān Nán 3 Lǐ",
            face(1).payload,
            "6A0D-NQ03-K1AR · 511",
        )

        assert read_by_zxing(np.asarray(picture(long, find_typeface(), dpi=110).convert("L"))) == (
            long.payload
        )


class WhenAPhoneMeetsAPlate:
    @pytest.mark.parametrize("name", DEGRADATIONS)
    def test_both_decoders_read_it(self, name: str) -> None:
        for number in range(FEW):
            one = face(number)
            seen = DEGRADATIONS[name](scanned(one), np.random.default_rng(number))
            for decoder, read in DECODERS.items():
                assert read(seen) == one.payload, (decoder, number)

    def test_a_symbol_damaged_beyond_its_level_is_read_rightly_or_not_at_all(self) -> None:
        for number in range(FEW):
            one = face(number)
            seen = blotted_beyond(scanned(one), np.random.default_rng(number))

            assert read_by_zxing(seen) in (one.payload, None)


class TheMaskOfSheets:
    def test_is_one_of_the_eight_the_encoder_would_choose_from(self) -> None:
        text = face(1).payload
        every = [matrix(text, mask) for mask in range(8)]

        assert matrix(text) in every
        assert matrix(text, PLATE_MASK) == every[PLATE_MASK]


def _ascii85(raw: bytes) -> bytes:
    import base64

    return base64.a85decode(raw.strip().removesuffix(b"~>"))
