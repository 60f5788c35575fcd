"""A thousand plates under each degradation, read by two decoders; prints the table row by row."""

import sys
from functools import lru_cache

import numpy as np
import pytest

from qr.artwork import Face
from tests.qr.reading import DECODERS, DEGRADATIONS, Pixels, blotted_beyond, face, scanned

PLATES = 1000
BEYOND = 200
LEAST = 0.99

pytestmark = pytest.mark.drill


@lru_cache(maxsize=1)
def printed() -> list[tuple[Face, Pixels]]:
    """The plates as they leave the printer."""
    faces = [face(number) for number in range(PLATES)]
    return [(one, scanned(one)) for one in faces]


def shares(name: str, count: int, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """How many of the plates each decoder reads rightly; the row is printed."""
    degrade = {**DEGRADATIONS, "15 % occlusion, anywhere inside": blotted_beyond}[name]
    right = dict.fromkeys(DECODERS, 0)
    for number, (one, picture) in enumerate(printed()[:count]):
        seen = degrade(picture, np.random.default_rng(number))
        for decoder, read in DECODERS.items():
            right[decoder] += read(seen) == one.payload
    found = {decoder: good / count for decoder, good in right.items()}
    with capsys.disabled():
        row = " | ".join(f"{share:.1%}" for share in found.values())
        sys.stdout.write(f"\n| {name} | {count} | {row} |\n")
    return found


class WhenAThousandPlatesAreRead:
    @pytest.mark.parametrize("name", DEGRADATIONS)
    def test_either_decoder_reads_99_of_a_hundred(
        self, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = shares(name, PLATES, capsys)

        assert min(found.values()) >= LEAST, found

    def test_what_level_q_cannot_mend_is_told_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = shares("15 % occlusion, anywhere inside", BEYOND, capsys)

        assert min(found.values()) > 0
