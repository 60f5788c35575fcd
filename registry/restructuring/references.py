"""Which divisions and codes a paper speaks of."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.restructuring.paper import (
    Abolish,
    Absorb,
    AdjustTerritory,
    Establish,
    Merge,
    NewUnit,
    Operation,
    Paper,
    Recode,
    Rename,
    Reparent,
    Retype,
    Split,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class Named:
    """References of a paper: what it changes, and what it only points at."""

    subjects: frozenset[str]
    targets: frozenset[str]


def named_by(paper: Paper) -> Named:
    """Every reference in a paper; references to units it makes itself are among the targets."""
    subjects: set[str] = set()
    targets: set[str] = set()
    for operation in paper.operations:
        subjects |= set(_subjects(operation))
        targets |= set(_targets(operation))
    return Named(frozenset(subjects), frozenset(targets - subjects))


def given_codes(paper: Paper) -> frozenset[str]:
    """Every code a paper gives to something."""
    return frozenset(code for operation in paper.operations for code in _codes(operation) if code)


def _subjects(operation: Operation) -> Iterator[str]:
    match operation:
        case Retype() | Rename() | Reparent() | Abolish() | AdjustTerritory():
            yield operation.division
        case Transfer():
            yield from operation.divisions
            yield from operation.codes
        case Recode():
            yield from operation.codes
        case Merge() | Absorb():
            yield from operation.divisions
        case Split():
            yield operation.division
            for part in operation.into:
                yield from part.members
        case Establish():
            yield from operation.origins


def _targets(operation: Operation) -> Iterator[str]:
    match operation:
        case Transfer() | Reparent():
            yield operation.to
        case Absorb():
            yield operation.into
        case Abolish():
            yield from operation.successors
        case Establish() if operation.parent is not None:
            yield operation.parent
        case Merge() if operation.into.parent is not None:
            yield operation.into.parent
        case Split():
            yield from (part.parent for part in operation.into if part.parent is not None)
        case _:
            pass


def _codes(operation: Operation) -> Iterator[str | None]:
    match operation:
        case Retype() | Reparent() | Establish():
            yield operation.code
        case Transfer() | Recode():
            yield from operation.codes.values()
        case Merge():
            yield operation.into.code
        case Split():
            for part in operation.into:
                yield from _unit_codes(part, part.codes)
        case _:
            pass


def _unit_codes(unit: NewUnit, codes: dict[str, str]) -> Iterator[str | None]:
    yield unit.code
    yield from codes.values()
