"""Rebasing (变基): a plan drawn at change N looked at again on what the registry knows by now.

Everyday edits go on while a plan waits. Three things can come of them, and they are kept apart:
objects of the plan *moved* without touching what it does; the plan's effects *differ*, so that it
must be approved again; or there are *conflicts*, objects on which the plan and a later change
cannot both be meant, and only a person can say which is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.store import ChangeStore
from registry.errors import PlanIsStale, RegistryError
from registry.restructuring.cases import draw_filed
from registry.restructuring.model import Restructuring
from registry.restructuring.movements import Moved, Span, moved_since
from registry.restructuring.plan import Plan
from registry.restructuring.substance import Substance, differing, overwritten, substance_of
from registry.restructuring.wording import affected, divisions_of, rewordings

OBJECTS = {
    "division_version": "division",
    "division_code_version": "code",
    "territory_version": "territory",
    "succession_version": "succession",
    "place_name_version": "name",
    "address_version": "address",
}


@dataclass(frozen=True, slots=True)
class Affected:
    """One object on which the plan is not what it was."""

    object: str
    id: UUID | None
    name: str | None
    changes: tuple[int, ...]
    """Later changes that touched it."""
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan then and now."""

    drawn_at: int | None
    head: int
    plan: Plan | None
    """As it would be now; None: it cannot be drawn any more."""
    moved: tuple[Moved, ...]
    differing: tuple[Affected, ...]
    conflicts: tuple[Affected, ...]


def compare(
    connection: Connection, filed: Restructuring, submitted: Substance | None
) -> Comparison:
    """What moved under a plan, and what that means for it; nothing is written.

    Args:
        submitted: what was submitted; None: nothing yet, so that nothing can differ.
    """
    head = ChangeStore(connection).head()
    try:
        plan, _ledger = draw_filed(connection, filed)
    except RegistryError as error:
        moved = _moved(connection, filed, head, submitted or {}, None)
        conflict = Affected("plan", None, filed.title, _numbers(moved), f"{error.code}: {error}")
        return Comparison(filed.drawn_at, head, None, moved, (), (conflict,))
    now = substance_of(plan)
    moved = _moved(connection, filed, head, {**(submitted or {}), **now}, plan)
    broken = [
        Affected("plan", None, filed.title, _numbers(moved), breach) for breach in plan.breaches
    ]
    if submitted is None:
        return Comparison(filed.drawn_at, head, plan, moved, (), tuple(broken))
    return Comparison(
        filed.drawn_at,
        head,
        plan,
        moved,
        tuple(_objects(plan, differing(submitted, now), submitted, now, moved)),
        (*_objects(plan, overwritten(submitted, now), submitted, now, moved), *broken),
    )


def stale(
    connection: Connection,
    filed: Restructuring,
    head: int,
    *,
    submitted: Substance,
    plan: Plan | None,
    why: str | None = None,
) -> PlanIsStale:
    """The refusal of a plan that is not any more what was approved, with its objects.

    Args:
        plan: as it would be now; None: it cannot be drawn, `why` says what stands against it.
    """
    now = {} if plan is None else substance_of(plan)
    moved = _moved(connection, filed, head, {**submitted, **now}, plan)
    objects = (
        [Affected("plan", None, filed.title, _numbers(moved), why or "")]
        if plan is None
        else list(_objects(plan, differing(submitted, now), submitted, now, moved))
    )
    return PlanIsStale(
        drawn_at=filed.drawn_at or 0,
        head=head,
        moved=[one.name or str(one.id) for one in objects],
        objects=[_facts(one) for one in objects],
    )


def _facts(one: Affected) -> dict[str, Any]:
    return {
        "object": one.object,
        "id": None if one.id is None else str(one.id),
        "name": one.name,
        "changes": list(one.changes),
        "why": one.why,
    }


def _moved(
    connection: Connection,
    filed: Restructuring,
    head: int,
    substance: Substance,
    plan: Plan | None,
) -> tuple[Moved, ...]:
    if filed.drawn_at is None or filed.drawn_at >= head:
        return ()
    units = set(_units(substance)) | set(divisions_of(affected(rewordings(plan))) if plan else ())
    return tuple(moved_since(connection, units, filed.effective_on, Span(filed.drawn_at, head)))


def _units(substance: Substance) -> Iterator[UUID]:
    for key, item in substance.items():
        table, _colon, own = key.partition(":")
        if table in ("division_version", "territory_version"):
            yield UUID(own)
        for written in item.get("written", []):
            for values in (written["was"] or {}, written["becomes"]):
                yield from (
                    UUID(values[name])
                    for name in ("division_id", "parent_id")
                    if values.get(name) is not None
                )


def _objects(
    plan: Plan,
    keys: Iterable[str],
    then: Substance,
    now: Substance,
    moved: Sequence[Moved],
) -> Iterator[Affected]:
    by_id = {one.id: one for one in moved}
    for key in keys:
        table, _colon, own = key.partition(":")
        one = UUID(own)
        touched = by_id.get(one)
        yield Affected(
            OBJECTS.get(table, table),
            one,
            _name(plan, one, touched, now.get(key) or then.get(key) or {}),
            () if touched is None else touched.changes,
            "is new" if key not in then else "is gone" if key not in now else "differs",
        )


def _name(plan: Plan, one: UUID, touched: Moved | None, item: dict[str, Any]) -> str | None:
    for census in (plan.after, plan.before):
        if one in census.units:
            return census.name(one)
    if touched is not None and touched.name is not None:
        return touched.name
    for written in item.get("written", []):
        values = written["becomes"]
        if "code" in values:
            return str(values["code"])
        ends = [values.get("predecessor_id"), values.get("successor_id")]
        names = [
            next(
                (c.name(UUID(end)) for c in (plan.after, plan.before) if UUID(end) in c.units), end
            )
            for end in ends
            if end is not None
        ]
        if names:
            return " → ".join(names)
    return None


def _numbers(moved: Iterable[Moved]) -> tuple[int, ...]:
    return tuple(sorted({number for one in moved for number in one.changes}))
