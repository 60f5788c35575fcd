"""Address text to its plain written form, every step recorded."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from opencc import OpenCC

_MOST_ROUNDS = 12
_HAN_DIGITS = "〇一二三四五六七八九"
_NUMERAL = "〇零一二两三四五六七八九十百千"
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_LEAD_IN = re.compile(r"^\s*(请?(送到|送至|寄到|寄至|发到)|请寄|(收货|详细|家庭)?地址[::是])\s*")
_TELEPHONE = re.compile(
    r"(?<!\d)(电话|手机|tel)?[:\s]*(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}"
    r"|1[3-9]\d[\d*x]*([.*…]+|x{2,})[\d*x]*)(?!\d)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:[\s,;、]|(?<=[号室\d]))[一-鿿]{1,3}(先生|女士|小姐|老师|同志|收)(?=[\s,;.]|$)"
)
_REPEATED = re.compile(r"([一-鿿]{1,6}?(?:省|市|区|县|镇|乡|街道))\1+")
_SLOT = re.compile(rf"([{_NUMERAL}]+)(?=号|栋|幢|座|单元|梯|层|楼|室)|(?<=号之)([{_NUMERAL}]+)")
_NAME_DIGITS = re.compile(
    r"(?<=[一-鿿])(?<![号栋幢座层室元梯之第])(\d{1,2})(?=[里路街巷社](?!\d*米))"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that changed the text."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """An address text in plain form (规范化文本).

    `original` may hold persons and telephones: it is kept out of `repr`, and `steps`
    never hold what was withheld.
    """

    text: str
    original: str = field(repr=False)
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def normalise(text: str) -> Normalised:
    """Write an address text in its plain form; applying it twice changes nothing more."""
    current, steps, notes = text, list[Step](), list[str]()
    for _ in range(_MOST_ROUNDS):
        start = current
        for rule, apply in _RULES:
            before = current
            if rule == "brackets":
                notes += [note for found in _BRACKETS.findall(current) if (note := found.strip())]
            current = apply(current)
            if before != current:
                steps.append(Step(rule, _without_persons(before), _without_persons(current)))
        if current == start:
            break
    return Normalised(current, text, tuple(steps), tuple(dict.fromkeys(notes)))


def number_of(han: str) -> int:
    """Read a Han numeral, positional (一二〇五) or with 十百千."""
    digits = {**{c: i for i, c in enumerate(_HAN_DIGITS)}, "零": 0, "两": 2}
    units = {"十": 10, "百": 100, "千": 1000}
    if not any(c in units for c in han):
        return int("".join(str(digits[c]) for c in han))
    total = pending = 0
    for c in han:
        if c in units:
            total += (pending or 1) * units[c]
            pending = 0
        else:
            pending = digits[c]
    return total + pending


def han_of(number: int) -> str:
    """Write 1 to 99 as names do: 四, 十二, 二十."""
    tens, ones = divmod(number, 10)
    lead = ("" if tens == 1 else _HAN_DIGITS[tens]) + "十" if tens else ""
    return lead + (_HAN_DIGITS[ones] if ones or not tens else "")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _half_width(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("…", "...")
    return re.sub(r"[‐-―−~]", "-", plain).strip()


def _simplified(text: str) -> str:
    return str(_converter().convert(text)).replace("裡", "里").replace("裏", "里")


def _without_persons(text: str) -> str:
    return _PERSON.sub(" ", _TELEPHONE.sub(" ", text))


def _personal(text: str) -> str:
    return _LEAD_IN.sub("", _without_persons(text)).strip()


def _brackets(text: str) -> str:
    return _BRACKETS.sub(" ", text).strip()


def _spaces(text: str) -> str:
    tidy = re.sub(r"[\s,;。]+", " ", text).strip()
    return re.sub(r"(?<=[一-鿿]) (?=[一-鿿0-9])", "", tidy)


def _repeats(text: str) -> str:
    return _REPEATED.sub(r"\1", text)


def _hashes(text: str) -> str:
    plain = re.sub(r"第(?=\d+号)", "", text.replace("號", "号"))

    def sign(match: re.Match[str]) -> str:
        if "号" not in plain[: match.start()] and "#" not in plain[: match.start()]:
            return f"{match[1]}号"
        return f"{match[1]}{'栋' if len(match[1]) <= 2 else '室'}"

    return re.sub(r"(\d+)#", sign, plain)


def _numerals(text: str) -> str:
    digits = _SLOT.sub(lambda m: str(number_of(m[0])), text)
    return _NAME_DIGITS.sub(lambda m: han_of(int(m[1])), digits)


def _sub_numbers(text: str) -> str:
    text = re.sub(r"(\d+)-?之([A-Z]?\d+)号(?:楼(?=\d))?", r"\1号之\2 ", text)
    text = re.sub(rf"(\d+)-?之([{_NUMERAL}]+)号", lambda m: f"{m[1]}号之{number_of(m[2])}", text)
    text = re.sub(r"(\d+)-([A-Z]\d*)号", r"\1号之\2", text)
    text = re.sub(r"(\d+)号-(\d{1,2})(?![\dA-Z室层楼])", r"\1号之\2", text)
    return re.sub(
        r"(?<!\d)(?<![\d、]-)(\d+)-(\d+)号",
        lambda m: f"{m[1]}号之{m[2]}" if 0 < int(m[2]) <= int(m[1]) else m[0],
        text,
    ).strip()


_RULES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("half width", _half_width),
    ("simplified", _simplified),
    ("personal", _personal),
    ("brackets", _brackets),
    ("spaces", _spaces),
    ("repeats", _repeats),
    ("signs", _hashes),
    ("numerals", _numerals),
    ("sub-numbers", _sub_numbers),
)
