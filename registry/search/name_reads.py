"""Reading names as periods: all of them, or those of what a few changes touched."""

from collections.abc import Collection, Iterator
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, and_, func, or_, select, true

from geo.geocode.gazetteer import Names
from geo.geocode.names import CarrierPeriod, CodePeriod, DivisionPeriod
from registry.changes.rows import history_of
from registry.changes.tables import change, decree
from registry.divisions.model import LEVELS, DivisionKind
from registry.divisions.tables import division_code_version, division_version
from registry.names.tables import named_place, place_extent_version, place_name_version

NAMED = (
    (division_version, division_version.c.division_id),
    (division_code_version, division_code_version.c.division_id),
    (place_name_version, place_name_version.c.named_place_id),
    (place_extent_version, place_extent_version.c.named_place_id),
)
"""Tables a gazetteer is made from, with the identity their rows speak of; what happens to
addresses leaves it as it is."""
SPEAKABLE = ("standard", "former", "variant")

Only = Collection[UUID] | None


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
        for table, _key in NAMED
    ]
    return max((number for number in numbers if number is not None), default=0)


def touched(connection: Connection, after: int, until: int) -> set[UUID]:
    """The divisions and places whose names, codes or extents changes `after < n <= until` touched."""
    found: set[UUID] = set()
    for table, key in NAMED:
        found.update(
            connection.scalars(
                select(key)
                .where(
                    or_(
                        table.c.recorded_from.between(after + 1, until),
                        table.c.recorded_to.between(after + 1, until),
                    )
                )
                .distinct()
            )
        )
    return found


def read_names(connection: Connection, known: int, only: Only = None) -> Names:
    """Every name that ever held, as believed after change `known`; of some identities, or of all."""
    return Names.of(
        _divisions(connection, known, only),
        _carriers(connection, known, only),
        _codes(connection, known, only),
    )


def _among(key: Column[Any], only: Only) -> ColumnElement[bool]:
    return true() if only is None else key.in_(list(only))


def _divisions(connection: Connection, known: int, only: Only) -> Iterator[DivisionPeriod]:
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
            version.c.romanisation,
            decree.c.number.label("decree"),
        )
        .outerjoin(change, change.c.number == version.c.begun_by)
        .outerjoin(decree, decree.c.decree_id == change.c.decree_id)
        .where(history_of(version, known), _among(version.c.division_id, only))
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
            romanisation=row.romanisation,
        )


def _codes(connection: Connection, known: int, only: Only) -> Iterator[CodePeriod]:
    version = division_code_version
    rows = connection.execute(
        select(
            version.c.code,
            version.c.division_id,
            func.lower(version.c.valid),
            func.upper(version.c.valid),
        )
        .where(history_of(version, known), _among(version.c.division_id, only))
        .order_by(version.c.code, version.c.division_id, version.c.valid)
    )
    for row in rows:
        yield CodePeriod(*row)


def _carriers(connection: Connection, known: int, only: Only) -> Iterator[CarrierPeriod]:
    lies_in = _extents(connection, known, only)
    version = place_name_version
    rows = connection.execute(
        select(
            version.c.named_place_id,
            version.c.text,
            version.c.status,
            version.c.romanisation,
            version.c.language,
            named_place.c.category,
            func.lower(version.c.valid).label("valid_from"),
            func.upper(version.c.valid).label("valid_to"),
        )
        .join(named_place, named_place.c.named_place_id == version.c.named_place_id)
        .where(
            or_(*(version.c.status == status for status in SPEAKABLE)),
            history_of(version, known),
            _among(version.c.named_place_id, only),
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
            romanisation=row.romanisation,
            language=row.language,
        )


def _extents(connection: Connection, known: int, only: Only) -> dict[UUID, frozenset[UUID]]:
    table = place_extent_version
    rows = connection.execute(
        select(table.c.named_place_id, func.array_agg(table.c.division_id.distinct()))
        .where(
            and_(table.c.division_id.is_not(None), history_of(table, known)),
            _among(table.c.named_place_id, only),
        )
        .group_by(table.c.named_place_id)
    )
    return {place: frozenset(divisions) for place, divisions in rows}
