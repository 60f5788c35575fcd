"""Crockford's base 32 for codes on plates: no I, L, O, U; read in any case, with confusables."""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 5
_CONFUSABLES = str.maketrans("OIL", "011")
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


class NotBase32(ValueError):
    """A character does not occur in the alphabet, or a length or padding that nothing has."""


def tidied(text: str) -> str:
    """The text as it was meant: full-width, lower case and confusable characters put right."""
    written = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(each for each in written if not each.isspace() and each != "-")
    return kept.translate(_CONFUSABLES)


def number_to_text(number: int, characters: int) -> str:
    """A number, most significant character first.

    Raises:
        ValueError: it is negative or needs more characters.
    """
    if not 0 <= number < 1 << BITS * characters:
        raise ValueError(f"{number} does not fit {characters} characters")
    shifts = range(BITS * (characters - 1), -1, -BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts)


def text_to_number(text: str) -> int:
    """The number a tidied text says.

    Raises:
        NotBase32: a foreign character.
    """
    number = 0
    for each in text:
        if each not in _VALUES:
            raise NotBase32(f"{each!r} does not occur in plate codes")
        number = number << BITS | _VALUES[each]
    return number


def length_of(size: int) -> int:
    """Characters that bytes take."""
    return -(-8 * size // BITS)


def bytes_to_text(body: bytes) -> str:
    """Bytes, first bit first; the last character is filled up with zero bits."""
    characters = length_of(len(body))
    padding = BITS * characters - 8 * len(body)
    return number_to_text(int.from_bytes(body, "big") << padding, characters)


def text_to_bytes(text: str) -> bytes:
    """The bytes a tidied text says; only what `bytes_to_text` writes is read.

    Raises:
        NotBase32: a foreign character, a length no bytes have, or padding that is not zero.
    """
    size = BITS * len(text) // 8
    padding = BITS * len(text) - 8 * size
    number = text_to_number(text)
    if length_of(size) != len(text) or number & ((1 << padding) - 1):
        raise NotBase32("the code is cut off or has something added")
    return (number >> padding).to_bytes(size, "big")
