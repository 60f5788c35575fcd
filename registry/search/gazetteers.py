"""Gazetteers (地名索引) built from the registry as it was known after a change, a few kept at hand."""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Connection, Table, func, or_, select

from geo.geocode.gazetteer import CarrierPeriod, DivisionPeriod, Gazetteer
from registry.changes.rows import history_of
from registry.changes.tables import change, decree
from registry.divisions.model import LEVELS, DivisionKind
from registry.divisions.tables import division_version
from registry.names.tables import named_place, place_extent_version, place_name_version

NAMED = (division_version, place_name_version, place_extent_version)
"""Tables a gazetteer is made from; what happens to addresses leaves it as it is."""
SPEAKABLE = ("standard", "former", "variant")
KEPT = 3
REMEMBERED = 1000


class Gazetteers:
    """One gazetteer for each state of the names that is being asked about.

    A gazetteer belongs to the last change that touched a division or a name, and so stays right
    however many addresses change. It is built when the first question about that state comes.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._built: OrderedDict[int, Gazetteer] = OrderedDict()
        self._basis: OrderedDict[int, int] = OrderedDict()

    def known_at(self, connection: Connection, known: int) -> Gazetteer:
        """The gazetteer of what was known after change `known`."""
        with self._lock:
            basis = self._basis.get(known)
            if basis is None:
                basis = self._basis[known] = last_change_of_names(connection, known)
                _shorten(self._basis, REMEMBERED)
            found = self._built.get(basis)
            if found is None:
                found = self._built[basis] = load_gazetteer(connection, basis)
                _shorten(self._built, KEPT)
            self._built.move_to_end(basis)
            return found


def last_change_of_names(connection: Connection, known: int) -> int:
    """Number of the last change up to `known` that wrote or closed a division or a name."""
    numbers = [
        connection.scalar(
            select(
                func.greatest(
                    func.max(table.c.recorded_from).filter(table.c.recorded_from <= known),
                    func.max(table.c.recorded_to).filter(table.c.recorded_to <= known),
                )
            )
        )
        for table in NAMED
    ]
    return max((number for number in numbers if number is not None), default=0)


def load_gazetteer(connection: Connection, known: int) -> Gazetteer:
    """Every name that ever held, as believed after change `known`."""
    return Gazetteer(_divisions(connection, known), _carriers(connection, known))


def _divisions(connection: Connection, known: int) -> Iterator[DivisionPeriod]:
    version = division_version
    rows = connection.execute(
        select(
            version.c.division_id,
            version.c.name,
            version.c.kind,
            version.c.parent_id,
            func.lower(version.c.valid).label("valid_from"),
            func.upper(version.c.valid).label("valid_to"),
            version.c.begun_by,
            decree.c.number.label("decree"),
        )
        .outerjoin(change, change.c.number == version.c.begun_by)
        .outerjoin(decree, decree.c.decree_id == change.c.decree_id)
        .where(history_of(version, known))
        .order_by(version.c.division_id, version.c.valid)
    )
    for row in rows:
        yield DivisionPeriod(
            division_id=row.division_id,
            name=row.name,
            kind=row.kind,
            level=LEVELS[DivisionKind(row.kind)],
            parent_id=row.parent_id,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            decree=row.decree,
            change=row.begun_by,
        )


def _carriers(connection: Connection, known: int) -> Iterator[CarrierPeriod]:
    lies_in = _extents(connection, known)
    version = place_name_version
    rows = connection.execute(
        select(
            version.c.named_place_id,
            version.c.text,
            version.c.status,
            named_place.c.category,
            func.lower(version.c.valid).label("valid_from"),
            func.upper(version.c.valid).label("valid_to"),
        )
        .join(named_place, named_place.c.named_place_id == version.c.named_place_id)
        .where(
            or_(*(version.c.status == status for status in SPEAKABLE)),
            history_of(version, known),
        )
        .order_by(version.c.named_place_id, version.c.valid)
    )
    for row in rows:
        yield CarrierPeriod(
            carrier_id=row.named_place_id,
            name=row.text,
            kind="thoroughfare" if row.category == "thoroughfare" else "area",
            status=cast(Literal["standard", "former", "variant"], row.status),
            division_ids=lies_in.get(row.named_place_id, frozenset()),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


def _extents(connection: Connection, known: int) -> dict[UUID, frozenset[UUID]]:
    table: Table = place_extent_version
    rows = connection.execute(
        select(table.c.named_place_id, func.array_agg(table.c.division_id.distinct()))
        .where(table.c.division_id.is_not(None), history_of(table, known))
        .group_by(table.c.named_place_id)
    )
    return {place: frozenset(divisions) for place, divisions in rows}


def _shorten(kept: OrderedDict[int, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
