"""The set of revoked plates: whoever is in it is found, and it fits on a phone."""

from hypothesis import given
from hypothesis import strategies as st

from qr.revocations import RevokedSet

plates = st.tuples(st.integers(0, (1 << 50) - 1), st.integers(1, 511))


class TheRevokedSet:
    @given(st.sets(plates, max_size=60), st.sets(plates, max_size=60))
    def test_holds_every_plate_put_in_and_no_other(
        self, gone: set[tuple[int, int]], others: set[tuple[int, int]]
    ) -> None:
        made = RevokedSet.of(gone)

        assert all(plate in made for plate in gone)
        assert not any(plate in made for plate in others - gone)

    @given(st.lists(plates, max_size=30))
    def test_is_the_same_bytes_for_the_same_plates(self, gone: list[tuple[int, int]]) -> None:
        assert RevokedSet.of(gone) == RevokedSet.of(reversed(gone + gone))

    def test_takes_less_than_22_bits_a_plate(self) -> None:
        made = RevokedSet.of((number * 2**34, 1 + number % 511) for number in range(10_000))

        assert len(made.body) * 8 / made.count < 22
