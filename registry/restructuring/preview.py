"""A plan in words and figures, for people to read before anything is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select

from registry.changes.period import AsOf
from registry.changes.timeline import Timeline
from registry.divisions.figures import read_figures
from registry.restructuring.audience import audience_of
from registry.restructuring.door_texts import (
    address_table,
    carrier_names,
    count_doors,
    equal_numbers,
    some_addresses,
)
from registry.restructuring.impact import Impact, NameConflict, NameConflictKind
from registry.restructuring.ledger import Census, Ledger, code_on
from registry.restructuring.lines import line_effects, marker_effects
from registry.restructuring.model import (
    AddressEffect,
    ChangedUnit,
    CodeChange,
    MovedUnit,
    Preview,
    SuccessionLine,
    TextChange,
    UnitLine,
)
from registry.restructuring.namesakes import bearers_elsewhere, division_conflicts, new_names
from registry.restructuring.plan import Plan
from registry.restructuring.plates import (
    Doors,
    carrier_conflicts,
    cut_thoroughfares,
    legal_keys,
    plate_effect,
)
from registry.restructuring.resulting import Sources, resulting_divisions
from registry.restructuring.situation import Situation, situations
from registry.restructuring.wording import (
    Rewording,
    affected,
    carriers_of,
    carriers_renamed,
    divisions_of,
    rewordings,
)
from registry.tables import COLLECTIONS

SAMPLES = 12
COLLECTION_OF = {table.name: name for name, tables in COLLECTIONS.items() for table in tables}


@dataclass(frozen=True, slots=True)
class Study:
    """A plan with all that is read to show what it does; nothing of it is written."""

    plan: Plan
    before: Situation
    after: Situation
    doors: Doors
    at: AsOf
    """The day of the act, as known before it."""

    @property
    def affected(self) -> list[UUID]:
        """Divisions some of whose addresses read differently afterwards."""
        return divisions_of(self.reworded)

    @property
    def reworded(self) -> list[Rewording]:
        """What is written around those addresses, before and after."""
        return affected(self.doors.words, everywhere=bool(self.doors.renamed))

    def addresses(self, only: Sequence[UUID] | None = None) -> Select[Any]:
        """The whole table of addresses before and after, or the part of a few."""
        doors = self.doors
        names = doors.earlier, {**doors.earlier, **doors.renamed}
        return address_table(doors.words.routes, self.reworded, names, self.at, only=only)


def study(connection: Connection, plan: Plan, ledger: Ledger) -> Study:
    """Read what a preview needs besides the ledger: addresses in groups, names of carriers."""
    at = AsOf(plan.paper.effective_on, ledger.head)
    before, after = situations(plan, ledger)
    words = rewordings(plan, ledger)
    counts = count_doors(connection, divisions_of(words.by_home.values()), words.routes, at)
    carriers = {one.carrier_id for one in counts if one.carrier_id is not None}
    earlier = carriers_of(ledger, plan.paper.effective_on)
    doors = Doors(
        counts,
        words,
        {**carrier_names(connection, carriers, at), **earlier},
        earlier,
        carriers_renamed(plan),
        before,
        after,
    )
    return Study(plan, before, after, doors, at)


def sample_texts(connection: Connection, done: Study) -> list[TextChange]:
    """A few addresses before and after, from as many divisions as can be."""
    doors, routes = done.doors, done.doors.words.routes
    populated = {doors.word(one).home for one in doors.counts if doors.changes(one)}
    words = [one for one in done.reworded if one.home in populated][:SAMPLES]
    each = -(-SAMPLES // max(len(words), 1))
    with_unit = [one.filed_under for one in words if one.route is None]
    few = some_addresses(connection, with_unit, routes, done.at, each=each)
    for one in words:
        few += [] if one.route is None else routes.some(one.route, each)
    rows = connection.execute(done.addresses(few))
    return [_text_change(row) for row in rows][:SAMPLES]


def _text_change(row: Row[Any]) -> TextChange:
    """Full texts; the legal ones where only these change, as with a carrier's division put before."""
    if row.text_before == row.text_after:
        return TextChange(row.code, row.legal_before, row.legal_after)
    return TextChange(row.code, row.text_before, row.text_after)


def describe(connection: Connection, done: Study, samples: Sequence[TextChange]) -> Preview:
    """Put a plan into lists and figures."""
    plan, impact = done.plan, _impact(connection, done)
    return Preview(
        title=plan.paper.title,
        effective_on=plan.paper.effective_on,
        effective_precision=plan.paper.effective_precision.value,
        drawn_at=plan.drawn_at,
        digest=plan.digest,
        ended=_lines(plan, set(plan.before.units) - set(plan.after.units), plan.before),
        begun=_lines(plan, set(plan.after.units) - set(plan.before.units), plan.after),
        changed=tuple(_changed(plan)),
        moved=tuple(_moved(plan)),
        codes=tuple(_codes(plan)),
        succession=tuple(_succession(plan)),
        addresses=_addresses(done, samples),
        rows_to_write=plan.rows_to_write(),
        warnings=plan.warnings,
        breaches=plan.breaches,
        plates=impact.plates,
        thoroughfares=impact.thoroughfares,
        lines=impact.lines,
        markers=impact.markers,
        names=impact.names,
        audience=impact.audience,
        divisions=impact.divisions,
        findings=plan.findings,
        edge_doors=plan.edge_doors,
    )


def _impact(connection: Connection, done: Study) -> Impact:
    plan, doors, before, after = done.plan, done.doors, done.before, done.after
    touched = {effect.key for effect in plan.effects} | set(done.affected)
    touched |= {move.to_division for move in plan.door_moves}
    written = {COLLECTION_OF[effect.table.name] for effect in plan.effects}
    return Impact(
        plates=plate_effect(doors),
        thoroughfares=cut_thoroughfares(doors),
        lines=line_effects(before, after),
        markers=marker_effects(before, after),
        names=_name_conflicts(connection, done),
        audience=audience_of(
            connection,
            touched & (set(before.census.units) | set(after.census.units)),
            written | ({"addresses"} if plan.rehomed or plan.door_moves else set()),
            (before, after),
        ),
        divisions=resulting_divisions(
            Sources(
                plan,
                before,
                after,
                doors,
                read_figures(connection, before.census.units, done.at),
            )
        ),
    )


def _name_conflicts(connection: Connection, done: Study) -> tuple[NameConflict, ...]:
    fresh = new_names(done.before, done.after)
    known = {*done.before.census.units, *done.after.census.units}
    elsewhere = bearers_elsewhere(connection, fresh.values(), known, done.at)
    equal = equal_numbers(connection, legal_keys(done.doors), done.doors.words.routes, done.at)
    return (
        *division_conflicts(done.before, done.after, elsewhere),
        *carrier_conflicts(done.doors),
        *(
            NameConflict(NameConflictKind.ADDRESS, text, "", (), doors)
            for text, doors in sorted(equal.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def _line(
    plan: Plan, unit: UUID, census: Census, codes: dict[UUID, Timeline], members: int
) -> UnitLine:
    parent = census.parent(unit)
    return UnitLine(
        division_id=unit,
        kind=str(census.units[unit].value("kind")),
        name=census.name(unit),
        code=code_on(codes, unit, plan.paper.code_scheme, census.on),
        parent=None if parent is None else census.name(parent),
        members=members,
    )


def _lines(plan: Plan, units: set[UUID], census: Census) -> tuple[UnitLine, ...]:
    codes = dict(plan.codes_before if census is plan.before else plan.codes_after)
    members = census.members()
    lines = [_line(plan, unit, census, codes, len(members.get(unit, []))) for unit in units]
    return tuple(sorted(lines, key=lambda line: (line.code or "", line.name)))


def _changed(plan: Plan) -> Iterator[ChangedUnit]:
    before_members, after_members = plan.before.members(), plan.after.members()
    found = []
    for unit in set(plan.before.units) & set(plan.after.units):
        old, new = plan.before.units[unit], plan.after.units[unit]
        if all(old.value(name) == new.value(name) for name in ("kind", "name")):
            continue
        found.append(
            ChangedUnit(
                _line(
                    plan,
                    unit,
                    plan.before,
                    dict(plan.codes_before),
                    len(before_members.get(unit, [])),
                ),
                _line(
                    plan,
                    unit,
                    plan.after,
                    dict(plan.codes_after),
                    len(after_members.get(unit, [])),
                ),
            )
        )
    yield from sorted(found, key=lambda line: (line.before.code or "", line.before.name))


def _moved(plan: Plan) -> Iterator[MovedUnit]:
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on
    found = []
    for unit in set(plan.before.units) & set(plan.after.units):
        old, new = plan.before.parent(unit), plan.after.parent(unit)
        if old is None or new is None or old == new:
            continue
        found.append(
            MovedUnit(
                division_id=unit,
                name=plan.after.name(unit),
                from_name=plan.before.name(old),
                to_name=plan.after.name(new),
                code_before=code_on(plan.codes_before, unit, scheme, on),
                code_after=code_on(plan.codes_after, unit, scheme, on),
            )
        )
    yield from sorted(found, key=lambda line: (line.code_after or "", line.name))


def _codes(plan: Plan) -> Iterator[CodeChange]:
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on
    found = []
    for unit in set(plan.before.units) | set(plan.after.units):
        old = code_on(plan.codes_before, unit, scheme, on) if unit in plan.before.units else None
        new = code_on(plan.codes_after, unit, scheme, on) if unit in plan.after.units else None
        if old != new:
            census = plan.after if unit in plan.after.units else plan.before
            found.append(CodeChange(unit, census.name(unit), old, new))
    yield from sorted(found, key=lambda line: (line.before or "~", line.after or "~"))


def _succession(plan: Plan) -> Iterator[SuccessionLine]:
    for edge in plan.edges:
        yield SuccessionLine(
            predecessor=None
            if edge.predecessor_id is None
            else _name_before(plan, edge.predecessor_id),
            successor=None if edge.successor_id is None else _name_after(plan, edge.successor_id),
            kind=edge.kind,
            share_members=edge.share_members,
            share_area=edge.share_area,
            share_addresses=edge.share_addresses,
            note=edge.note,
        )


def _name_before(plan: Plan, unit: UUID) -> str:
    return (plan.before if unit in plan.before.units else plan.after).name(unit)


def _name_after(plan: Plan, unit: UUID) -> str:
    return (plan.after if unit in plan.after.units else plan.before).name(unit)


def _addresses(done: Study, samples: Sequence[TextChange]) -> AddressEffect:
    counts = done.doors.counts
    return AddressEffect(
        full_text_changes=sum(one.addresses for one in counts if done.doors.full_changes(one)),
        legal_text_changes=sum(one.addresses for one in counts if done.doors.legal_changes(one)),
        rehomed=sum(
            one.addresses
            for one in counts
            if (word := done.doors.word(one)).division_id != word.after_id
        ),
        samples=tuple(samples),
    )
