"""Han numerals (汉字数字) as numbers, and numbers as names write them."""

HAN_DIGITS = "〇一二三四五六七八九"
NUMERAL = "〇零一二两三四五六七八九十百千"
"""Inside a character class of a regular expression."""
_VALUES = {**{c: i for i, c in enumerate(HAN_DIGITS)}, "零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def number_of(han: str) -> int:
    """Read a Han numeral, positional (一二〇五) or with 十百千."""
    if not any(c in _UNITS for c in han):
        return int("".join(str(_VALUES[c]) for c in han))
    total = pending = 0
    for c in han:
        if c in _UNITS:
            total += (pending or 1) * _UNITS[c]
            pending = 0
        else:
            pending = _VALUES[c]
    return total + pending


def han_of(number: int) -> str:
    """Write 1 to 99 as names do: 四, 十二, 二十."""
    tens, ones = divmod(number, 10)
    lead = ("" if tens == 1 else HAN_DIGITS[tens]) + "十" if tens else ""
    return lead + (HAN_DIGITS[ones] if ones or not tens else "")
