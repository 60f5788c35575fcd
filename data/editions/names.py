"""Names as the editions print them, brought to the form the registry uses in addresses.

The committee is not the place: 居民委员会 and 村民委员会 are organisations, the place they serve is
a community (社区) or a village (村). Source: 中办发〔2000〕23号, "the extent of a community is as a
rule the district of a residents' committee".
"""

import re
from dataclasses import dataclass

from registry.divisions.model import BLOCKS, DivisionKind

UNREADABLE = "unreadable-character"
KIND_DISAGREES = "kind-disagrees-with-code"
NO_BLOCK = "code-in-no-block"

COMMITTEE_OF_COMMUNITY = re.compile(
    r"(?:社区居民委员会|社区居委会|社区委员会|社区居民会|社区居委|社区村委会|居民委员会|居委会|居委)$"
)
COMMITTEE_OF_VILLAGE = re.compile(r"(?:村民委员会|村委会|村委|(?<=村)会)$")
OFFICE = re.compile(r"(?<=.)办事处$")
PLACEHOLDER = "虚拟"
"""In the name of a statistical unit that stands for no place; such names stay as they are."""

HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}
HALF_WIDTH |= {code: code - 0xFEE0 for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
FULL_WIDTH_BRACKETS = {ord("("): "（", ord(")"): "）"}
ROUND_ZEROS = re.compile(r"(?<=[\u4e00-\u9fff〇])[0○◯Ｏ０〇](?=[\u4e00-\u9fff〇○◯0０]|$)")
BLANKS = re.compile(r"[\s\u3000\u00a0\u200b\ufeff]+")
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd?？\ufffd□]")

SUFFIX_KINDS: tuple[tuple[str, DivisionKind], ...] = (
    ("街道", DivisionKind.SUBDISTRICT),
    ("镇", DivisionKind.TOWN),
    ("乡", DivisionKind.TOWNSHIP),
    ("苏木", DivisionKind.TOWNSHIP),
)


@dataclass(frozen=True, slots=True)
class ReadName:
    """A published name, understood."""

    name: str
    warnings: tuple[str, ...] = ()


def clean(published: str) -> str:
    """Characters only: no blanks, half-width digits and letters, 〇 between Han numerals."""
    text = BLANKS.sub("", published)
    text = ROUND_ZEROS.sub("〇", text)
    return text.translate(HALF_WIDTH).translate(FULL_WIDTH_BRACKETS)


def township_name(published: str) -> str:
    """Name of a township-level unit without its office: 湖里街道办事处 is 湖里街道."""
    return OFFICE.sub("", clean(published))


def village_name(published: str) -> str:
    """Name of the place a committee serves.

    琼头社区居委会 is 琼头社区, 彭厝村委会 is 彭厝村, 螺洲居委会 is 螺洲社区; a name that ends
    in neither committee nor place word stays as it is.
    """
    text = clean(published)
    if PLACEHOLDER in text:
        return text
    stem, found = COMMITTEE_OF_COMMUNITY.subn("", text)
    if found and stem:
        return stem if stem.endswith("社区") else f"{stem}社区"
    stem, found = COMMITTEE_OF_VILLAGE.subn("", text)
    if found and stem:
        return stem if stem.endswith(("村", "社区")) else f"{stem}村"
    return text


def read_name(published: str, kind: DivisionKind) -> ReadName:
    """The name in use for a unit of a kind, with what is odd about it."""
    if kind.level == 5:
        name = village_name(published)
    elif kind.level == 4:
        name = township_name(published)
    else:
        name = clean(published)
    warnings = []
    if PRIVATE_USE.search(name):
        warnings.append(UNREADABLE)
    said = kind_said_by(name, kind.level)
    if said is not None and said is not kind:
        warnings.append(KIND_DISAGREES)
    return ReadName(name, tuple(warnings))


def kind_of_code(code: str, name: str) -> DivisionKind | None:
    """Kind by the code's block; None when the last digits lie in no block.

    Above the township the suffix decides: units keep their code for decades under rules the
    blocks no longer match (429004 is a city, its 04 a district's number).
    """
    level = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}[len(code)]
    if level == 1:
        return DivisionKind.PROVINCE
    if level == 2:
        return DivisionKind.PREFECTURE
    if level == 3:
        return _county_kind(name)
    ordinal = int(code[-3:])
    kinds = (kind for kind, block in BLOCKS.items() if kind.level == level and ordinal in block)
    return next(kinds, None)


def kind_said_by(name: str, level: int) -> DivisionKind | None:
    """Kind a name's ending speaks of, None when it speaks of none."""
    if level == 4:
        return next((kind for suffix, kind in SUFFIX_KINDS if name.endswith(suffix)), None)
    if level == 5 and name.endswith("社区"):
        return DivisionKind.COMMUNITY
    if level == 5 and name.endswith("村"):
        return DivisionKind.VILLAGE
    return None


def _county_kind(name: str) -> DivisionKind:
    if name.endswith("市"):
        return DivisionKind.COUNTY_CITY
    if name.endswith(("区", "新城")):
        return DivisionKind.DISTRICT
    return DivisionKind.COUNTY
