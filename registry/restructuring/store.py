"""All SQL of restructurings: the ledger a plan is drawn on, the papers, the address figures."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    func,
    insert,
    select,
    true,
    union,
    update,
)

from registry.addresses.tables import address_version
from registry.changes.period import AsOf
from registry.changes.rows import history_of, seen_at, timelines
from registry.changes.store import ChangeStore
from registry.divisions.model import DivisionKind
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.errors import RestructuringIsUnknown
from registry.restructuring.doors import Doors
from registry.restructuring.ledger import AddressCount, Ledger
from registry.restructuring.model import Restructuring, State
from registry.restructuring.paper import Paper
from registry.restructuring.references import (
    divided_by,
    given_codes,
    named_by,
    places_named_by,
)
from registry.restructuring.surroundings import Surroundings, release
from registry.restructuring.tables import restructuring

COUNTY = 3
"""Level of the units whose whole inside a plan looks at."""


class RestructuringStore:
    """Restructurings inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection, known: int | None = None) -> None:
        """`known`: draw ledgers on what was known after that change; None: on what is now."""
        self._connection = connection
        self._known = known

    def ledger(self, paper: Paper) -> Ledger:
        """What is believed of every division the paper can touch: whole counties around the
        units it names, so that members, namesakes and codes ever used are seen too."""
        head = ChangeStore(self._connection).head() if self._known is None else self._known
        named = named_by(paper)
        around = Surroundings(self._connection, AsOf(paper.effective_on, head), self._known)
        renamed = around.meant(places_named_by(paper))
        ids = self._neighbourhood(
            subjects=self._resolve(named.subjects, paper.code_scheme),
            targets=self._resolve(named.targets, paper.code_scheme) | around.homes(renamed),
        )
        divisions = timelines(
            self._connection,
            division_version,
            division_version.c.division_id.in_(ids),
            self._known,
        )
        codes = timelines(
            self._connection,
            division_code_version,
            division_code_version.c.division_id.in_(ids),
            self._known,
        )
        return Ledger(
            head=head,
            layers=self._layers(ids),
            divisions=divisions,
            codes=codes,
            territories=timelines(
                self._connection,
                territory_version,
                territory_version.c.division_id.in_(ids),
                self._known,
            ),
            code_owners=self._code_owners(paper),
            address_counts=self._address_counts(ids, AsOf(paper.effective_on, head)),
            places=around.places(ids, renamed),
            used_codes=around.used_codes(paper, codes),
            reserved=around.reserved(paper),
            doors=around.doors(self._resolve(divided_by(paper), paper.code_scheme)),
        )

    def release_codes(self, restructuring_id: UUID) -> None:
        """Keep no codes for a restructuring any longer."""
        release(self._connection, restructuring_id)

    def doors(self, ids: Collection[UUID], at: AsOf) -> dict[UUID, Doors]:
        """Addresses of these divisions that hold on a day or later."""
        return Surroundings(self._connection, at, self._known).doors(ids)

    def get(self, restructuring_id: UUID) -> Restructuring:
        """One restructuring.

        Raises:
            RestructuringIsUnknown: none has that id.
        """
        row = (
            self._connection.execute(
                select(restructuring).where(restructuring.c.restructuring_id == restructuring_id)
            )
            .mappings()
            .first()
        )
        if row is None:
            raise RestructuringIsUnknown(str(restructuring_id))
        return to_restructuring(row)

    def all(self) -> list[Restructuring]:
        """Every restructuring, latest effect first."""
        rows = self._connection.execute(
            select(restructuring).order_by(
                restructuring.c.effective_on.desc(), restructuring.c.restructuring_id
            )
        ).mappings()
        return [to_restructuring(row) for row in rows]

    def add(self, values: Mapping[str, Any]) -> None:
        """File a new restructuring."""
        self._connection.execute(insert(restructuring).values(**values))

    def amend(self, restructuring_id: UUID, **values: Any) -> None:
        """Move a restructuring on."""
        self._connection.execute(
            update(restructuring)
            .where(restructuring.c.restructuring_id == restructuring_id)
            .values(revision=restructuring.c.revision + 1, **values)
        )

    def substance(self, restructuring_id: UUID) -> dict[str, Any] | None:
        """What was submitted, effect by effect; None: filed before that was kept."""
        found: dict[str, Any] | None = self._connection.scalar(
            select(restructuring.c.substance).where(
                restructuring.c.restructuring_id == restructuring_id
            )
        )
        return found

    def lock(self, restructuring_id: UUID) -> Restructuring:
        """One restructuring, held so that no other step of it happens meanwhile."""
        self._connection.execute(
            select(restructuring.c.restructuring_id)
            .where(restructuring.c.restructuring_id == restructuring_id)
            .with_for_update()
        )
        return self.get(restructuring_id)

    def _resolve(self, references: Collection[str], scheme: str) -> set[UUID]:
        ids = {UUID(one) for one in references if _is_uuid(one)}
        codes = division_code_version
        by_code = select(codes.c.division_id).where(
            codes.c.code.in_(list(references)),
            codes.c.scheme == scheme,
            self._held(codes),
        )
        names = [
            one.rsplit("/", 1)[-1].removeprefix("name:") for one in references if "name:" in one
        ]
        by_name = select(division_version.c.division_id).where(
            division_version.c.name.in_(names), self._held(division_version)
        )
        return ids | set(self._connection.scalars(union(by_code, by_name)))

    def _neighbourhood(self, *, subjects: set[UUID], targets: set[UUID]) -> list[UUID]:
        above = self._above(subjects | targets)
        levels = self._levels(above)
        roots = subjects | {one for one in above if levels.get(one, COUNTY) >= COUNTY}
        around = above | self._closure(
            roots, division_version.c.parent_id, division_version.c.division_id
        )
        # Units that moved out of the neighbourhood long ago have other ancestors.
        return sorted(around | self._above(around), key=lambda one: one.bytes)

    def _held(self, table: Table) -> ColumnElement[bool]:
        return (
            table.c.recorded_to.is_(None) if self._known is None else history_of(table, self._known)
        )

    def _above(self, ids: set[UUID]) -> set[UUID]:
        return self._closure(ids, division_version.c.division_id, division_version.c.parent_id)

    def _closure(self, start: Iterable[UUID], given: Any, wanted: Any) -> set[UUID]:
        # Level by level: at most five rounds, each an index scan.
        known = set(start)
        frontier = set(known)
        while frontier:
            found = self._connection.scalars(
                select(wanted)
                .where(
                    given.in_(list(frontier)),
                    wanted.is_not(None),
                    self._held(division_version),
                )
                .distinct()
            )
            frontier = set(found) - known
            known |= frontier
        return known

    def _levels(self, ids: Collection[UUID]) -> dict[UUID, int]:
        from_kind = self._connection.execute(
            select(division_version.c.division_id, division_version.c.kind).where(
                division_version.c.division_id.in_(list(ids)),
                self._held(division_version),
            )
        )
        return {division_id: _level(kind) for division_id, kind in from_kind}

    def _layers(self, ids: Collection[UUID]) -> dict[UUID, str]:
        rows = self._connection.execute(
            select(division.c.division_id, division.c.layer).where(
                division.c.division_id.in_(list(ids))
            )
        )
        return {row.division_id: row.layer for row in rows}

    def _code_owners(self, paper: Paper) -> dict[str, UUID]:
        # Every row ever recorded counts, also the ones no longer believed: a code that was once
        # on paper is never given again.
        codes = division_code_version
        named = named_by(paper)
        mentioned = sorted(given_codes(paper) | named.subjects | named.targets)
        rows = self._connection.execute(
            select(codes.c.code, codes.c.division_id)
            .where(
                codes.c.scheme == paper.code_scheme,
                codes.c.code.in_(mentioned),
                true() if self._known is None else codes.c.recorded_from <= self._known,
            )
            .order_by(codes.c.version_id)
        )
        return {row.code: row.division_id for row in rows}

    def _address_counts(self, ids: Sequence[UUID], at: AsOf) -> dict[UUID, AddressCount]:
        rows = self._connection.execute(
            select(
                address_version.c.division_id,
                func.count(),
                func.count().filter(address_version.c.carrier_id.is_(None)),
            )
            .where(address_version.c.division_id.in_(ids), seen_at(address_version, at))
            .group_by(address_version.c.division_id)
        )
        return {division_id: AddressCount(total, bare) for division_id, total, bare in rows}


def to_restructuring(row: RowMapping) -> Restructuring:
    """One row of `restructuring`; its substance is read only where it is compared."""
    values = {name: value for name, value in row.items() if name != "substance"}
    return Restructuring(**{**values, "state": State(row["state"])})


def _level(kind: str) -> int:
    return DivisionKind(kind).level


def _is_uuid(reference: str) -> bool:
    try:
        UUID(reference)
    except ValueError:
        return False
    return True
