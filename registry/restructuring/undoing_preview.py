"""The preview of an annulment or a correction: the lists a plan has, from two sets of timelines."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from registry.addresses.tables import address_version
from registry.changes.holding import Obstacle
from registry.changes.obstacle_names import LaterChange, named
from registry.changes.rewriting import Rewriting, changes_since
from registry.changes.store import ChangeStore
from registry.changes.timeline import Version
from registry.divisions.tables import (
    division_code_version,
    division_version,
    succession_version,
    territory_version,
)
from registry.names.tables import place_name_version
from registry.restructuring.grammar import Abolish
from registry.restructuring.ledger import Census
from registry.restructuring.paper import Paper
from registry.restructuring.plan import Effect, Plan
from registry.restructuring.preview import describe, sample_texts, study
from registry.restructuring.store import RestructuringStore
from registry.restructuring.succession import Edge
from registry.restructuring.undoing import UndoingKind, UndoingPreview
from registry.restructuring.undoing_doors import doors_given_back

SHOWN = (
    division_version,
    division_code_version,
    territory_version,
    place_name_version,
    succession_version,
)
ANNUL = "annul"


def preview_of(
    connection: Connection,
    rewriting: Rewriting,
    obstacles: tuple[Obstacle, ...],
    *,
    kind: UndoingKind,
    title: str,
    on: date | None,
) -> UndoingPreview:
    """Put a rewriting into the lists people know from plans.

    Args:
        on: the day both sides are shown on; None: the first day on which they differ.
    """
    plan = as_plan(connection, rewriting, title=title, on=on or first_day(rewriting))
    done = study(connection, plan, RestructuringStore(connection).ledger(plan.paper))
    return UndoingPreview(
        kind=kind,
        change=rewriting.first,
        corrections=rewriting.numbers[1:],
        title=title,
        digest=rewriting.digest,
        plan=describe(connection, done, sample_texts(connection, done)),
        addresses_rewritten=_addresses(rewriting),
        plates=sum(one.plates for one in done.doors.counts if done.doors.changes(one)),
        later=tuple(_later(connection, rewriting)),
        obstacles=tuple(named(connection, obstacles)),
    )


def as_plan(connection: Connection, rewriting: Rewriting, *, title: str, on: date) -> Plan:
    """The rewriting as the plan that would do the same."""
    units = sorted(rewriting.facts.get(division_version, {}), key=lambda unit: unit.bytes)
    paper = Paper(
        title=title,
        effective_on=on,
        # Never carried out: it names the units whose surroundings are to be read.
        operations=tuple(Abolish(division=str(unit)) for unit in units),
    )
    ledger = RestructuringStore(connection).ledger(paper)
    divisions = {**ledger.divisions, **rewriting.after(division_version)}
    return Plan(
        paper=paper,
        drawn_at=rewriting.head,
        before=Census.take(ledger.divisions, on),
        after=Census.take(divisions, on),
        established={},
        effects=tuple(
            Effect(table, key, one.before, one.after)
            for table in SHOWN
            for key, one in rewriting.facts.get(table, {}).items()
        ),
        edges=tuple(_edges(rewriting)),
        rehomed={},
        door_moves=doors_given_back(connection, rewriting, on),
        codes_before=ledger.codes,
        codes_after={**ledger.codes, **rewriting.after(division_code_version)},
        breaches=(),
        warnings=(),
    )


def first_day(rewriting: Rewriting) -> date:
    """The first day on which anything of a division differs."""
    days = [
        version.valid.start
        for one in rewriting.facts.get(division_version, {}).values()
        for version in (*one.before, *one.after)
        if version not in one.before or version not in one.after
    ]
    return max((day for day in days if day is not None), default=date.min)


def _edges(rewriting: Rewriting) -> Iterator[Edge]:
    """What follows from what afterwards: edges taken back run the other way."""
    for key, one in rewriting.facts.get(succession_version, {}).items():
        before, after = _last(one.before), _last(one.after)
        if after is not None:
            yield Edge(
                key,
                after.value("predecessor_id"),
                after.value("successor_id"),
                after.value("kind"),
                share_members=after.values.get("share_members"),
                share_area=after.values.get("share_area"),
                share_addresses=after.values.get("share_addresses"),
                note=after.values.get("note"),
            )
        elif before is not None:
            yield Edge(key, before.value("successor_id"), before.value("predecessor_id"), ANNUL)


def _last(timeline: tuple[Version, ...]) -> Version | None:
    return timeline[-1] if timeline else None


def _addresses(rewriting: Rewriting) -> int:
    listed = len(rewriting.facts.get(address_version, {}))
    return listed + rewriting.in_bulk.get(address_version, 0)


def _later(connection: Connection, rewriting: Rewriting) -> Iterator[LaterChange]:
    numbers = {
        number
        for table, facts in rewriting.facts.items()
        for since in changes_since(connection, table, facts, rewriting).values()
        for number in since
    }
    changes = ChangeStore(connection).many(sorted(numbers), rewriting.head)
    for number in sorted(changes):
        yield LaterChange(number, changes[number].title)
