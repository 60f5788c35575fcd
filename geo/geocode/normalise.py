"""Address text to its plain written form, every step recorded.

The steps and their order are those of the grammar in docs/geo.md. What needs the registry's names
(former names, divisions added from the carrier, ranges that are sub-numbers) comes later.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from geo.geocode.characters import HAN, fold, half_width
from geo.geocode.numerals import NUMERAL, han_of, number_of

LONGEST_TEXT = 1000
"""Characters; longer texts are no addresses and are refused."""
_MOST_ROUNDS = 12
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_LONE_BRACKET = re.compile(r"[()\[\]]")
_LEAD_IN = re.compile(
    r"^\s*(?:请?(?:送到|送至|寄到|寄至|寄往|发到|送往)|请寄|地址在|(?:收货|详细|家庭|通讯|联系|注册|办公)?(?:地址|住址)\s*[:是]?"
    r"|(?:我家)?住在)\s*"
)
_TELEPHONE = re.compile(
    r"(?<!\d)(?:电话|手机|联系电话|TEL)?[:\s]*(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}"
    r"|[48]00-\d{3,4}-?\d{3,4}|\d{17}[\dX]|1[3-9]\d[\d*X]*(?:[.*…]+|X{2,})[\d*X]*)(?!\d)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    rf"(?:[\s,;、(]|(?<=[号室\d])|^)[{HAN}]{{1,3}}(?:先生|女士|小姐|老师|同志|收)(?=[\s,;.)]|$)"
    rf"|(?:收件人|联系人|收货人|经办人|户主)[:\s]*[{HAN}]{{2,4}}(?=[\s,;.)]|$)"
)
_REPEATED = re.compile(rf"([{HAN}]{{1,6}}?(?:省|市|区|县|镇|乡|街道))\1+")
_SLOT_WORDS = "号|栋|幢|座|单元|梯|层|楼|室"
_SLOT = re.compile(rf"([{NUMERAL}]+)(?={_SLOT_WORDS})|(?<=号之)([{NUMERAL}]+)")
_NAME_DIGITS = re.compile(
    rf"(?:(?<=[{HAN}])(?<![号栋幢座层室元梯之第路街巷道楼院])(\d{{1,2}})(?=[里路街巷社期区弄](?!\d*米)|马路)"
    r"|^(\d{1,2})(?=马路))"
)
_ORDINAL = re.compile(r"第(?=\d+号)")
_SPACES = re.compile(r"[\s,;。]+")
_JOINED = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}0-9])")
_HASH = re.compile(r"(\d+)#")
_SUB_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d+)-?之([A-Z]?\d+)号(?:楼(?=\d))?"), lambda m: f"{m[1]}号之{m[2]} "),
    (re.compile(r"(\d+)号楼?-之"), lambda m: f"{m[1]}号之"),
    (
        re.compile(rf"(\d+)-?之([{NUMERAL}]+)号"),
        lambda m: f"{m[1]}号之{number_of(m[2])} ",
    ),
    (re.compile(r"(\d+)-([A-Z]\d*)号"), lambda m: f"{m[1]}号之{m[2]} "),
    (re.compile(r"(?<![\d-])(\d+)([A-Z])号(?![楼院])"), lambda m: f"{m[1]}号之{m[2]} "),
    (re.compile(r"(\d+)号-(\d{1,2})(?![\dA-Z室层楼])"), lambda m: f"{m[1]}号之{m[2]}"),
    (re.compile(r"(?<![\d甲乙丙丁])([甲乙丙丁])(\d+)号"), lambda m: f"{m[2]}号之{m[1]} "),
    (re.compile(r"(\d+)([甲乙丙丁])号"), lambda m: f"{m[1]}号之{m[2]} "),
    (re.compile(r"(\d+)号([甲乙丙丁])(?![栋幢座单])"), lambda m: f"{m[1]}号之{m[2]} "),
    (
        re.compile(r"(?<!\d)(?<![\d、]-)(\d+)-(\d+)号(?!楼)"),
        lambda m: f"{m[1]}号之{m[2]} " if 0 < int(m[2]) <= int(m[1]) else m[0],
    ),
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


def name_key(name: str) -> str:
    """A name of the registry as it stands in plain text: what texts are searched for."""
    return _numerals(fold(half_width(name)).upper())


def _half_width(text: str) -> str:
    return half_width(text).strip()


def _without_persons(text: str) -> str:
    return _PERSON.sub(" ", _TELEPHONE.sub(" ", text))


def _personal(text: str) -> str:
    return _LEAD_IN.sub("", _without_persons(text)).strip()


def _brackets(text: str) -> str:
    if "(" not in text and "[" not in text and ")" not in text and "]" not in text:
        return text
    return _LONE_BRACKET.sub(" ", _BRACKETS.sub(" ", text)).strip()


def _spaces(text: str) -> str:
    tidy = _SPACES.sub(" ", text).strip()
    return _JOINED.sub("", tidy) if " " in tidy else tidy


def _repeats(text: str) -> str:
    return _REPEATED.sub(r"\1", text)


def _signs(text: str) -> str:
    plain = _ORDINAL.sub("", text).upper()
    if "#" not in plain:
        return plain

    def sign(match: re.Match[str]) -> str:
        if "号" not in plain[: match.start()] and "#" not in plain[: match.start()]:
            return f"{match[1]}号"
        return f"{match[1]}{'栋' if len(match[1]) <= 2 else '室'}"

    return _HASH.sub(sign, plain)


def _numerals(text: str) -> str:
    digits = _SLOT.sub(lambda m: str(number_of(m[0])), text)
    return _NAME_DIGITS.sub(lambda m: han_of(int(m[1] or m[2])), digits)


def _sub_numbers(text: str) -> str:
    if "-" not in text and "之" not in text and not _STEMS.search(text):
        return text
    for pattern, written in _SUB_NUMBERS:
        text = pattern.sub(written, text)
    return text.strip()


_STEMS = re.compile(r"[甲乙丙丁]")
_RULES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("half width", _half_width),
    ("simplified", fold),
    ("personal", _personal),
    ("brackets", _brackets),
    ("spaces", _spaces),
    ("repeats", _repeats),
    ("signs", _signs),
    ("numerals", _numerals),
    ("sub-numbers", _sub_numbers),
)
