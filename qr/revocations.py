"""Which plates were called back, small enough to keep on a phone: a Golomb-coded set.

Every plate is hashed into a range of `count` x 2^20; the sorted hashes are written as differences
in Golomb-Rice code, about 21.5 bits each. A plate in the set is always found; one that is not is
found once in a million times, and asking the issuer settles that.

Source: Golomb-coded sets as in BIP 158 (compact block filters), with SHA-256 for SipHash.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PARAMETER = 20
"""Bits of a difference written plainly: one in 2^20 plates is accused falsely."""
_DOMAIN = b"place-registry/plate-revocation/v1\n"


@dataclass(frozen=True, slots=True)
class RevokedSet:
    """A set of plates (address number, serial) that can be asked, not listed."""

    count: int
    body: bytes

    @classmethod
    def of(cls, plates: Iterable[tuple[int, int]]) -> "RevokedSet":
        """The set of these plates; the same plates give the same bytes."""
        distinct = set(plates)
        hashes = sorted({_hash(number, serial, len(distinct)) for number, serial in distinct})
        bits: list[str] = []
        before = 0
        for each in hashes:
            step, before = each - before, each
            bits.append("1" * (step >> PARAMETER) + "0")
            bits.append(format(step & (1 << PARAMETER) - 1, f"0{PARAMETER}b"))
        # A run of ones nothing follows can be no difference, so it fills the last byte.
        written = "".join(bits)
        written += "1" * (-len(written) % 8)
        return cls(
            len(distinct), bytes(int(written[i : i + 8], 2) for i in range(0, len(written), 8))
        )

    def __contains__(self, plate: tuple[int, int]) -> bool:
        return self.count > 0 and _hash(*plate, self.count) in self.hashes()

    def hashes(self) -> frozenset[int]:
        """Every hash of the set; keep it where many plates are asked about."""
        return frozenset(self._decoded())

    def _decoded(self) -> Iterator[int]:
        bits = "".join(format(byte, "08b") for byte in self.body)
        at, value = 0, 0
        while (end := bits.find("0", at)) >= 0 and end + PARAMETER < len(bits):
            value += (end - at) << PARAMETER | int(bits[end + 1 : end + 1 + PARAMETER], 2)
            at = end + 1 + PARAMETER
            yield value


def _hash(number: int, serial: int, count: int) -> int:
    plate = number.to_bytes(7, "big") + serial.to_bytes(2, "big")
    digest = hashlib.sha256(_DOMAIN + plate).digest()
    return int.from_bytes(digest[:8], "big") * (count << PARAMETER) >> 64
