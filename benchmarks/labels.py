"""Scores on open label sets: elements of parsed addresses, and pairs of addresses.

The sets may not be shipped; they are read from a folder beside the checkout when it is there.
"""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.nation import national_lexicon
from geo.geocode.compare import Relation, relation
from geo.geocode.segment import Element, segment

ROOT = Path(__file__).parents[1]
SETS = ROOT.parent / "shared" / "data" / "cn_addresses"
NAACL_ROLES = {
    "prov": "province", "city": "city", "district": "county", "town": "township",
    "community": "village", "devzone": "zone", "road": "road", "subroad": "lane",
    "roadno": "number", "subroadno": "lane number",
}  # fmt: skip
_IN_SET = {"group": "road"}
"""The set labels 5组, a group of a village, as road."""
GROUPS = {
    "administrative": ("province", "city", "county", "township"),
    "administrative with villages": ("province", "city", "county", "township", "village"),
    "road": ("road",),
    "road number": ("number",),
}


@dataclass(frozen=True, slots=True)
class F1:
    """Precision, recall and F1 of whole elements: role and both ends must agree."""

    group: str
    right: int
    said: int
    meant: int

    @property
    def precision(self) -> float:
        """Share of what was said that is right."""
        return self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        """Share of what was meant that was said."""
        return self.right / self.meant if self.meant else 0.0

    @property
    def value(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def naacl(part: str) -> list[tuple[str, list[Element]]]:
    """Texts with their labelled elements; `part` is train or dev. Empty when the set is not there."""
    file = SETS / f"parsing_naacl2019_{part}.jsonl.gz"
    if not file.exists():
        return []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (row["text"], [Element(NAACL_ROLES.get(label, label), a, b) for a, b, label in row["spans"]])
        for row in rows
    ]  # fmt: skip


def element_scores(rows: Sequence[tuple[str, Sequence[Element]]]) -> list[F1]:
    """F1 of the groups of roles."""
    right, said, meant = Counter[str](), Counter[str](), Counter[str]()
    for text, labelled in rows:
        found = segment(text, national_lexicon())
        true = set(labelled)
        found = [replace(one, role=_IN_SET.get(one.role, one.role)) for one in found]
        said.update(one.role for one in found)
        meant.update(one.role for one in labelled)
        right.update(one.role for one in found if one in true)
    return [
        F1(group, *(sum(count[role] for role in roles) for count in (right, said, meant)))
        for group, roles in GROUPS.items()
    ]


CCKS_RELATIONS: dict[str, Relation] = {
    "完全匹配": "same",
    "部分匹配": "part",
    "不匹配": "different",
}


def ccks_pairs() -> list[tuple[str, str, Relation]]:
    """Pairs of addresses with their relation; empty when the set is not there."""
    file = SETS / "matching_ccks2021_a.jsonl.gz"
    if not file.exists():
        return []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (row["query"], one["text"], CCKS_RELATIONS[one["label"]])
        for row in rows
        for one in row["candidates"]
    ]


def pair_accuracy(pairs: Sequence[tuple[str, str, Relation]]) -> float:
    """Share of pairs whose relation, of three, is told rightly."""
    lexicon = national_lexicon()
    return sum(relation(a, b, lexicon) == meant for a, b, meant in pairs) / len(pairs)
