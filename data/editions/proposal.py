"""One operation as proposed from two editions: what it says, and what that rests on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from data.editions.roles import Uid


class Theme(IntEnum):
    """What an act is about, in the order acts come."""

    COUNTY = 1
    """县级以上区划变更: the State Council's."""
    CONVERSION = 2
    """撤镇设街, territory unchanged: the province's."""
    TOWNSHIP = 3
    """Splits, transfers, mergers, names of townships: the city's."""
    VILLAGE = 4
    """村居变动: the county's."""
    FORM = 5
    """Codes and printed forms only: nothing need have happened outside the list."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in an operation for a unit until it is known what a paper calls it that day."""

    uid: Uid


@dataclass(frozen=True, slots=True)
class Proposed:
    """One operation, what it is about and what it rests on."""

    verb: str
    fields: Mapping[str, Any]
    """As the paper has them, with `Ref` for units, and without codes."""
    county: str
    """Key of the county of the later edition it belongs to."""
    theme: Theme
    confidence: float
    evidence: tuple[str, ...]
    codes: Mapping[Uid, str] = field(default_factory=dict)
    """Codes it gives."""
    coins: Uid | None = None
    """The unit it sets up."""
    ends: frozenset[Uid] = frozenset()
    renames: Mapping[Uid, str] = field(default_factory=dict)
    moves: Mapping[Uid, Uid] = field(default_factory=dict)
    """Unit -> its new parent."""
    towns: frozenset[str] = frozenset()
    """New keys of the townships it touches."""
    questions: tuple[str, ...] = ()
    """What a person must decide about it."""

    def spoken_of(self) -> set[Uid]:
        """Every unit its fields name."""
        return set(_refs(self.fields))


def _refs(value: Any) -> Iterator[Uid]:
    match value:
        case Ref():
            yield value.uid
        case Mapping():
            for one in value.values():
                yield from _refs(one)
        case list():
            for one in value:
                yield from _refs(one)
