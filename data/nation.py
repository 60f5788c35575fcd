"""The nation's divisions by name: what texts about any place may say."""

import csv
import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from geo.geocode.segment import Lexicon

SAMPLE = Path(__file__).parent / "sample"
UPPER_LEVELS = SAMPLE / "nbs_upper_levels.csv.gz"
TOWNSHIPS = SAMPLE / "nbs_townships_national_2023-06-30.csv.gz"
EDITION = "2023-06-30"
LEVELS = {"province": 1, "city": 2, "county": 3}
TOWNSHIP = 4
PSEUDO = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
ENDINGS = (
    "特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "自治县", "地区",
    "林区", "省", "市", "区", "县",
)  # fmt: skip
TOWNSHIP_END = re.compile(r"(?:街道|镇|乡)$")
SHORTEST = 2


@cache
def national_names() -> frozenset[str]:
    """Full names down to counties, and the short forms of provinces and cities.

    A text that says one of them where the registry has none of that name means another place.
    """
    names: set[str] = set()
    for row in _upper_levels():
        names.add(row["name"])
        if row["level"] != "county":
            names.add(_stem(row["name"]))
    return frozenset(names)


@cache
def national_lexicon() -> Lexicon:
    """Divisions down to townships, for cutting texts about places the registry does not hold."""
    whole: dict[str, set[int]] = {}
    short: dict[str, set[int]] = {}
    counties: dict[str, str] = {}
    for row in _upper_levels():
        level = LEVELS[row["level"]]
        whole.setdefault(row["name"], set()).add(level)
        short.setdefault(_stem(row["name"]), set()).add(level)
        counties[row["code6"]] = row["name"]
    within: dict[str, set[str]] = {}
    for row in _rows(TOWNSHIPS):
        name, stem = row["name"], TOWNSHIP_END.sub("", row["name"])
        if len(name) > SHORTEST:
            whole.setdefault(name, set()).add(TOWNSHIP)
        county = counties.get(row["county_code"], "")
        if len(stem) >= SHORTEST:
            within.setdefault(county, set()).add(stem)
            within.setdefault(_stem(county), set()).add(stem)
    return Lexicon(
        {name: frozenset(levels) for name, levels in whole.items()},
        {name: frozenset(levels) for name, levels in short.items() if len(name) >= SHORTEST},
        {name: frozenset(stems) for name, stems in within.items()},
    )


def _upper_levels() -> Iterator[dict[str, str]]:
    for row in _rows(UPPER_LEVELS):
        if row["edition"] == EDITION and row["name"] not in PSEUDO:
            yield row


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def _stem(name: str) -> str:
    for ending in ENDINGS:
        short = name.removesuffix(ending)
        if short != name and len(short) >= SHORTEST:
            return short
    return name
