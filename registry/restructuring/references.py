"""Which divisions and codes a paper speaks of."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.restructuring.grammar import (
    AUTO,
    Absorb,
    Establish,
    Merge,
    Operation,
    Rename,
    Split,
    Transfer,
    codes_in,
)
from registry.restructuring.paper import Paper


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
    given = (code for operation in paper.operations for code in _codes(operation))
    return frozenset(code for code in given if code and code != AUTO)


def asks_for_codes(paper: Paper) -> bool:
    """Whether the paper leaves any code to the registry."""
    return any(AUTO in (*_codes(one), *_all_at_once(one)) for one in paper.operations)


def divided_by(paper: Paper) -> frozenset[str]:
    """Units the paper divides on the ground: whose doors must be looked at one by one."""
    found: set[str] = set()
    for operation in paper.operations:
        match operation:
            case Split():
                parts = operation.into
                picked = any(one.places or one.side or one.territory for one in parts)
                if picked or operation.doors:
                    found.add(operation.division)
            case Transfer() if operation.part_of is not None:
                found.add(operation.part_of)
            case _:
                pass
    return frozenset(found)


def places_named_by(paper: Paper) -> frozenset[str]:
    """Streets and areas the paper renames: they are looked for wherever they lie."""
    return frozenset(
        one.place for one in paper.operations if isinstance(one, Rename) and one.place is not None
    )


def _subjects(operation: Operation) -> Iterator[str]:
    for field in ("division", "part_of"):
        reference = getattr(operation, field, None)
        if reference is not None:
            yield reference
    yield from getattr(operation, "divisions", ())
    yield from codes_in(getattr(operation, "codes", {}))
    match operation:
        case Split():
            for part in operation.into:
                yield from part.members
                yield from codes_in(part.codes)
        case Establish():
            yield from operation.origins
        case _:
            pass


def _targets(operation: Operation) -> Iterator[str]:
    for field in ("to", "parent"):
        reference = getattr(operation, field, None)
        if reference is not None:
            yield reference
    yield from getattr(operation, "successors", ())
    yield from getattr(operation, "doors", {}).values()
    match operation:
        case Absorb():
            yield operation.into
        case Merge() if operation.into.parent is not None:
            yield operation.into.parent
        case Split():
            yield from (part.parent for part in operation.into if part.parent is not None)
        case _:
            pass


def _codes(operation: Operation) -> Iterator[str | None]:
    yield getattr(operation, "code", None)
    yield from codes_in(getattr(operation, "codes", {})).values()
    match operation:
        case Merge():
            yield operation.into.code
        case Split():
            for part in operation.into:
                yield part.code
                yield from codes_in(part.codes).values()
        case _:
            pass


def _all_at_once(operation: Operation) -> Iterator[str]:
    if getattr(operation, "codes", None) == AUTO:
        yield AUTO
    if isinstance(operation, Split):
        yield from (AUTO for part in operation.into if part.codes == AUTO)
