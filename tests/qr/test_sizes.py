"""How large symbols get on the plates of the standard: computed, documented, and true."""

from pathlib import Path

import pytest

from qr import sizes, symbol
from qr.claim import PlateKind

ROOT = Path(__file__).parents[2]


class TheTableOfSizes:
    def test_stands_in_the_document_as_it_is_computed(self) -> None:
        assert sizes.table() in (ROOT / "docs" / "qr.md").read_text("utf-8")

    @pytest.mark.parametrize("version", [1, 2, 3, 4, 9, 10, 12, 26, 27, 40])
    def test_knows_what_the_encoder_can_hold(self, version: int) -> None:
        full = "A" * sizes.capacity(version)

        assert symbol.version(full) == version
        if version < sizes.VERSIONS:
            assert symbol.version(full + "A") == version + 1

    def test_keeps_the_short_form_of_the_small_plate_within_version_3(self) -> None:
        longest = "h" * (sizes.longest_host(PlateKind.SMALL) - 3) + ".cn"
        text = symbol.plate_payload(f"https://{longest}", "X" * 19)

        assert sizes.coarsest_version(PlateKind.SMALL) == 3
        assert symbol.version(text) == 3
        assert symbol.version(text.replace("HHH", "HHHH", 1)) == 4
        assert len(longest) == 17

    def test_says_which_plates_take_the_signed_form(self) -> None:
        printable = {(one.kind, one.form) for one in sizes.fits(17, 30) if one.printable}

        assert (PlateKind.SMALL, "signed") not in printable
        assert (PlateKind.MEDIUM, "signed") in printable
        assert (PlateKind.LARGE, "signed") in printable
