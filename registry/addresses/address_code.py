"""Address codes (地址代码): permanent names of addresses that people can read out and write down.

Twelve characters of Crockford's base 32: ten carry 50 random bits, two are check characters of
a shortened Reed-Solomon code over GF(32). Its distance is 3, so every code with one or two
wrong characters is noticed, and with them every transposition, adjacent or not. A code says
nothing of divisions, names or numbers, and so outlives all of them.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from registry.errors import RegistryError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
RANDOM_BITS = 50
RANDOM_CHARACTERS = 10
CHARACTERS = 12
LONGEST_QUOTED = 40
"""Characters of a mistyped code that an error repeats."""

_CONFUSABLES = str.maketrans("abcdefghijklmnopqrstuvwxyzOIL", "ABCDEFGH1JK1MN0PQRSTUVWXYZ011")
_DASHES = "-_.·‐‑‒–—―−－"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_FIELD_POLYNOMIAL = 0b100101
"""x⁵ + x² + 1, primitive over GF(2); x generates the field."""


def _multiply(left: int, right: int) -> int:
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 0b100000:
            left ^= _FIELD_POLYNOMIAL
        right >>= 1
    return product


def _power(exponent: int) -> int:
    value = 1
    for _step in range(exponent):
        value = _multiply(value, 2)
    return value


def _inverse(value: int) -> int:
    return next(other for other in range(1, 32) if _multiply(value, other) == 1)


_WEIGHTS = tuple(_power(position) for position in range(CHARACTERS))
_WEIGHTED = tuple(tuple(_multiply(weight, value) for value in range(32)) for weight in _WEIGHTS)
"""`_WEIGHTED[position][value]`: what a character adds to the weighted sum."""
_SPREAD_INVERSE = _inverse(_WEIGHTS[10] ^ _WEIGHTS[11])
_LAST_CHECK = tuple(_multiply(_SPREAD_INVERSE, value) for value in range(32))


class AddressCodeIsMistyped(RegistryError):
    """The text is no address code; compare it with the plate, character by character."""

    code: ClassVar[str] = "address-code-is-mistyped"

    def __init__(self, given: str, why: str, *, suggestion: str | None = None) -> None:
        quoted = given if len(given) <= LONGEST_QUOTED else f"{given[:LONGEST_QUOTED]}…"
        hint = "" if suggestion is None else f"; did you mean {grouped(suggestion)}?"
        super().__init__(
            f"{quoted!r} is not an address code: {why}{hint}",
            given=quoted,
            why=why,
            suggestion=suggestion,
        )
        self.given = quoted
        self.why = why
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True, order=True)
class AddressCode:
    """The permanent code of an address (地址代码): its 50 random bits."""

    number: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < 1 << RANDOM_BITS:
            raise ValueError(f"an address code carries {RANDOM_BITS} bits, not {self.number}")

    @classmethod
    def of(cls, number: int) -> Self:
        """The code that carries these 50 bits.

        Raises:
            ValueError: the number is negative or has more bits.
        """
        return cls(number)

    @classmethod
    def draw(cls, random_bits: Callable[[int], int]) -> Self:
        """A new code; `random_bits` is `secrets.randbits`, or a seeded source for a demo."""
        return cls(random_bits(RANDOM_BITS))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code as people write it: any case, spacing, hyphens, O for 0, I or L for 1.

        Raises:
            AddressCodeIsMistyped: wrong length, a foreign character, or check characters that
                do not agree; with the one single-character repair, where there is one.
        """
        characters = _tidied(text)
        if len(characters) != CHARACTERS:
            raise AddressCodeIsMistyped(
                text, f"it has {len(characters)} characters instead of {CHARACTERS}"
            )
        foreign = [at for at, each in enumerate(characters) if each not in _VALUES]
        if foreign:
            named = ", ".join(dict.fromkeys(characters[at] for at in foreign))
            raise AddressCodeIsMistyped(
                text,
                f"{named} does not occur in address codes",
                suggestion=_repaired(characters, foreign) if len(foreign) == 1 else None,
            )
        values = [_VALUES[each] for each in characters]
        if not _agrees(values):
            raise AddressCodeIsMistyped(
                text,
                "its check characters do not agree",
                suggestion=_repaired(characters, range(CHARACTERS)),
            )
        number = 0
        for value in values[:RANDOM_CHARACTERS]:
            number = number << 5 | value
        return cls(number)

    def __str__(self) -> str:
        values = [self.number >> shift & 31 for shift in range(RANDOM_BITS - 5, -1, -5)]
        plain = weighted = 0
        for position, value in enumerate(values):
            plain ^= value
            weighted ^= _WEIGHTED[position][value]
        last = _LAST_CHECK[weighted ^ _WEIGHTED[RANDOM_CHARACTERS][plain]]
        return "".join(ALPHABET[value] for value in (*values, plain ^ last, last))

    @property
    def grouped(self) -> str:
        """As it is printed for people: ABCD-EFGH-JKMN."""
        return grouped(str(self))


def grouped(code: str) -> str:
    """The twelve characters in three groups of four, as printed for people."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def codes(numbers: NDArray[np.integer]) -> list[str]:
    """The canonical codes of many numbers at once.

    Args:
        numbers: `(n,)`, any integer type, each of 50 bits.

    Raises:
        ValueError: a number is negative or has more bits.
    """
    given = np.asarray(numbers)
    if given.size and (given.min() < 0 or int(given.max()) >> RANDOM_BITS):
        raise ValueError(f"address codes carry {RANDOM_BITS} bits")
    bits = given.astype(np.uint64)
    values = np.empty((bits.size, CHARACTERS), dtype=np.uint8)
    for position in range(RANDOM_CHARACTERS):
        shift = np.uint64(RANDOM_BITS - 5 * (position + 1))
        values[:, position] = (bits >> shift) & np.uint64(31)
    weights = np.array(_WEIGHTED, dtype=np.uint8)
    plain = np.zeros(bits.size, dtype=np.uint8)
    weighted = np.zeros(bits.size, dtype=np.uint8)
    for position in range(RANDOM_CHARACTERS):
        plain ^= values[:, position]
        weighted ^= weights[position][values[:, position]]
    last = np.array(_LAST_CHECK, dtype=np.uint8)[weighted ^ weights[RANDOM_CHARACTERS][plain]]
    values[:, 10], values[:, 11] = plain ^ last, last
    letters = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)[values]
    text: list[str] = letters.view(f"S{CHARACTERS}").ravel().astype(f"U{CHARACTERS}").tolist()
    return text


def _tidied(text: str) -> str:
    written = unicodedata.normalize("NFKC", text)
    kept = "".join(each for each in written if not each.isspace() and each not in _DASHES)
    return kept.translate(_CONFUSABLES)


def _agrees(values: Iterable[int]) -> bool:
    plain = weighted = 0
    for position, value in enumerate(values):
        plain ^= value
        weighted ^= _WEIGHTED[position][value]
    return plain == weighted == 0


def _repaired(characters: str, positions: Iterable[int]) -> str | None:
    """The one valid code that differs in one of the positions; None: there is none."""
    tries = (
        f"{characters[:at]}{each}{characters[at + 1 :]}" for at in positions for each in ALPHABET
    )
    found = [tried for tried in tries if _agrees(_VALUES[each] for each in tried)]
    return found[0] if len(found) == 1 else None
