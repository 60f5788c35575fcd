"""All SQL that reads divisions (行政区划) at a point of both clocks."""

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    func,
    literal,
    select,
    tuple_,
)

from registry.changes.period import AsOf, Period
from registry.changes.rows import history_of, last_believed, plain, seen_at, to_period
from registry.divisions.chain import Chain, ChainLink
from registry.divisions.model import LEVELS, STATISTICAL, DivisionKind
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.divisions.values import (
    CodeBearer,
    Division,
    DivisionFilter,
    DivisionPage,
    DivisionStatus,
    Territory,
)
from registry.errors import CodeIsUnknown, CursorIsInvalid, DivisionIsUnknown


class DivisionStore:
    """Divisions inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def chains(self, division_ids: Collection[UUID], at: AsOf) -> dict[UUID, Chain]:
        """What lies above each division, itself first; ids not in force on the day are left out."""
        start = (
            select(
                division_version.c.division_id.label("origin"),
                *_LINK,
                literal(0).label("depth"),
            )
            .where(
                division_version.c.division_id.in_(list(division_ids)),
                seen_at(division_version, at),
            )
            .cte("chain", recursive=True)
        )
        above = (
            select(start.c.origin, *_LINK, (start.c.depth + 1).label("depth"))
            .join(start, start.c.parent_id == division_version.c.division_id)
            .where(seen_at(division_version, at))
        )
        chain = start.union_all(above)
        codes = division_code_version
        rows = self._connection.execute(
            select(chain, codes.c.code)
            .outerjoin(
                codes,
                (codes.c.division_id == chain.c.division_id)
                & (codes.c.scheme == STATISTICAL)
                & seen_at(codes, at),
            )
            .order_by(chain.c.origin, chain.c.depth)
        ).mappings()
        found: dict[UUID, list[ChainLink]] = {}
        for row in rows:
            found.setdefault(row["origin"], []).append(_to_link(row))
        return {origin: tuple(links) for origin, links in found.items()}

    def get(self, division_id: UUID, at: AsOf) -> Division:
        """One division; a retired one answers with its last version.

        Raises:
            DivisionIsUnknown: no division ever had that id, as far as was known.
        """
        versions = self.history(division_id, at.known)
        if not versions:
            return self._annulled(division_id, at)
        current = next((one for one in versions if at.valid_on in one.valid), None)
        if current is None:
            past = [
                one
                for one in versions
                if one.valid.end is not None and one.valid.end <= at.valid_on
            ]
            current = past[-1] if past else versions[0]
        return replace(current, status=_status(current.valid, at.valid_on))

    def _annulled(self, division_id: UUID, at: AsOf) -> Division:
        """What was last believed of a division whose every version was taken back."""
        last = last_believed(self._connection, division_version, division_id, at.known)
        if last is None:
            raise DivisionIsUnknown(str(division_id))
        found = self.get(division_id, AsOf(at.valid_on, last))
        return replace(found, status=DivisionStatus.ANNULLED)

    def many(self, division_ids: Collection[UUID], at: AsOf) -> dict[UUID, Division]:
        """Divisions in force on the day, by id."""
        rows = self._read(at, division_version.c.division_id.in_(list(division_ids)))
        return {one.division_id: one for one in rows}

    def children(self, division_id: UUID, at: AsOf) -> list[Division]:
        """Members on the day, in the order of their codes."""
        return self._read(at, division_version.c.parent_id == division_id)

    def page(
        self, wanted: DivisionFilter, at: AsOf, *, limit: int, cursor: str | None
    ) -> DivisionPage:
        """A part of the list of divisions in force on the day, by code, then id."""
        statement = _divisions(at).where(*self._conditions(wanted, at))
        ordering = tuple_(func.coalesce(_CODE, ""), division_version.c.division_id)
        if cursor is not None:
            code, division_id = _open_cursor(cursor)
            statement = statement.where(ordering > tuple_(literal(code), literal(division_id)))
        rows = (
            self._connection.execute(
                statement.order_by(func.coalesce(_CODE, ""), division_version.c.division_id).limit(
                    limit + 1
                )
            )
            .mappings()
            .all()
        )
        found = [_to_division(row, at.valid_on) for row in rows[:limit]]
        more = len(rows) > limit
        return DivisionPage(found, _cursor(found[-1]) if more else None)

    def history(self, division_id: UUID, known: int) -> list[Division]:
        """Every version of kind, name and parent believed after change `known`, oldest first."""
        at = AsOf(date.max, known)
        rows = self._connection.execute(
            select(*_COLUMNS, division.c.layer)
            .join(division, division.c.division_id == division_version.c.division_id)
            .where(
                division_version.c.division_id == division_id, history_of(division_version, known)
            )
            .order_by(func.lower(division_version.c.valid).asc().nulls_first())
        ).mappings()
        codes = self.codes_of(division_id, known)
        return [
            _to_division(
                {**row, "codes": _codes_during(codes, to_period(row["valid"]))}, at.valid_on
            )
            for row in rows
        ]

    def codes_of(self, division_id: UUID, known: int) -> list[CodeBearer]:
        """Every code the division bore, oldest first."""
        return self._bearers(division_code_version.c.division_id == division_id, known)

    def by_code(self, code: str, known: int) -> list[CodeBearer]:
        """Every division that ever bore a code, oldest first.

        Raises:
            CodeIsUnknown: nobody ever did.
        """
        found = self._bearers(division_code_version.c.code == code, known)
        if not found:
            raise CodeIsUnknown(code)
        return found

    def territory(self, division_id: UUID, at: AsOf) -> Territory | None:
        """The territory on the day, if one is known."""
        return self.territories([division_id], at).get(division_id)

    def territories(self, division_ids: Collection[UUID], at: AsOf) -> dict[UUID, Territory]:
        """Territories on the day, by division."""
        rows = self._connection.execute(
            select(territory_version).where(
                territory_version.c.division_id.in_(list(division_ids)),
                seen_at(territory_version, at),
            )
        ).mappings()
        return {row["division_id"]: _to_territory(row) for row in rows}

    def at_point(self, lon: float, lat: float, at: AsOf) -> list[UUID]:
        """Divisions whose territory holds a point (EPSG:4490), in no particular order."""
        point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4490)
        return list(
            self._connection.scalars(
                select(territory_version.c.division_id).where(
                    func.ST_Intersects(territory_version.c.territory, point),
                    seen_at(territory_version, at),
                )
            )
        )

    def descendants(self, division_id: UUID, at: AsOf) -> Select[tuple[UUID]]:
        """A query of the ids of a division and everything in it on the day."""
        top = select(literal(division_id).label("division_id")).cte("inside", recursive=True)
        below = (
            select(division_version.c.division_id)
            .join(top, division_version.c.parent_id == top.c.division_id)
            .where(seen_at(division_version, at))
        )
        inside = top.union_all(below)
        return select(inside.c.division_id)

    def resolve(self, reference: str, at: AsOf) -> UUID:
        """The division an id or a statistical code in force on the day means.

        Raises:
            DivisionIsUnknown: nothing answers to it.
        """
        try:
            return UUID(reference)
        except ValueError:
            pass
        found: UUID | None = self._connection.scalar(
            select(division_code_version.c.division_id).where(
                division_code_version.c.code == reference, seen_at(division_code_version, at)
            )
        )
        if found is None:
            raise DivisionIsUnknown(reference)
        return found

    def _read(self, at: AsOf, *conditions: ColumnElement[bool]) -> list[Division]:
        rows = self._connection.execute(
            _divisions(at)
            .where(*conditions)
            .order_by(func.coalesce(_CODE, ""), division_version.c.division_id)
        ).mappings()
        return [_to_division(row, at.valid_on) for row in rows]

    def _conditions(self, wanted: DivisionFilter, at: AsOf) -> Iterable[ColumnElement[bool]]:
        if wanted.code is not None:
            yield division_version.c.division_id.in_(
                select(division_code_version.c.division_id).where(
                    division_code_version.c.code == wanted.code, seen_at(division_code_version, at)
                )
            )
        if wanted.name is not None:
            yield division_version.c.name == wanted.name
        if wanted.kind is not None:
            yield division_version.c.kind == wanted.kind.value
        if wanted.level is not None:
            kinds = [kind.value for kind, level in LEVELS.items() if level == wanted.level]
            yield division_version.c.kind.in_(kinds)
        if wanted.parent is not None:
            yield division_version.c.parent_id == wanted.parent
        if wanted.within is not None:
            yield division_version.c.division_id.in_(self.descendants(wanted.within, at))
        if wanted.bbox is not None:
            box = func.ST_MakeEnvelope(*wanted.bbox, literal(4490, Integer))
            yield division_version.c.division_id.in_(
                select(territory_version.c.division_id).where(
                    func.ST_Intersects(territory_version.c.territory, box),
                    seen_at(territory_version, at),
                )
            )

    def _bearers(self, condition: ColumnElement[bool], known: int) -> list[CodeBearer]:
        codes = division_code_version
        named = (
            select(division_version.c.name, division_version.c.kind)
            .where(
                division_version.c.division_id == codes.c.division_id,
                history_of(division_version, known),
                division_version.c.valid.op("&&")(codes.c.valid),
            )
            .order_by(func.upper(division_version.c.valid).desc().nulls_first())
            .limit(1)
            .lateral("named")
        )
        rows = self._connection.execute(
            select(codes, named.c.name, named.c.kind)
            .join(named, literal(True))  # noqa: FBT003 -- SQL's ON true
            .where(condition, history_of(codes, known))
            .order_by(func.lower(codes.c.valid).asc().nulls_first(), codes.c.version_id)
        ).mappings()
        return [
            CodeBearer(
                code=row["code"],
                scheme=row["scheme"],
                division_id=row["division_id"],
                name=row["name"],
                kind=DivisionKind(row["kind"]),
                valid=to_period(row["valid"]),
                begun_by=row["begun_by"],
            )
            for row in rows
        ]


_LINK = (
    division_version.c.division_id,
    division_version.c.parent_id,
    division_version.c.kind,
    division_version.c.name,
    division_version.c.valid,
)
_COLUMNS = (
    *_LINK,
    division_version.c.published_name,
    division_version.c.romanisation,
    division_version.c.cause,
    division_version.c.begun_by,
)
_CODE = division_code_version.c.code


def _divisions(at: AsOf) -> Select[Any]:
    others = division_code_version.alias("others")
    codes = (
        select(func.jsonb_object_agg(others.c.scheme, others.c.code))
        .where(others.c.division_id == division_version.c.division_id, seen_at(others, at))
        .scalar_subquery()
    )
    return (
        select(*_COLUMNS, division.c.layer, codes.label("codes"))
        .join(division, division.c.division_id == division_version.c.division_id)
        .outerjoin(
            division_code_version,
            (division_code_version.c.division_id == division_version.c.division_id)
            & (division_code_version.c.scheme == STATISTICAL)
            & seen_at(division_code_version, at),
        )
        .where(seen_at(division_version, at))
    )


def _to_division(row: RowMapping | dict[str, Any], on: date) -> Division:
    kind, valid = DivisionKind(row["kind"]), to_period(row["valid"])
    return Division(
        division_id=row["division_id"],
        layer=row["layer"],
        status=_status(valid, on),
        kind=kind,
        level=kind.level,
        name=row["name"],
        published_name=row["published_name"],
        romanisation=row["romanisation"],
        parent_id=row["parent_id"],
        codes=row["codes"] or {},
        valid=valid,
        cause=row["cause"],
        begun_by=row["begun_by"],
    )


def _status(valid: Period, on: date) -> DivisionStatus:
    if on in valid:
        return DivisionStatus.IN_FORCE
    return (
        DivisionStatus.ENDED
        if valid.end is not None and valid.end <= on
        else DivisionStatus.NOT_YET
    )


def _codes_during(codes: Sequence[CodeBearer], valid: Period) -> dict[str, str]:
    return {one.scheme: one.code for one in codes if one.valid.overlaps(valid)}


def _to_link(row: RowMapping) -> ChainLink:
    kind = DivisionKind(row["kind"])
    return ChainLink(
        division_id=row["division_id"],
        level=kind.level,
        kind=kind,
        name=row["name"],
        code=row["code"],
        valid_from=row["valid"].lower,
    )


def _to_territory(row: RowMapping) -> Territory:
    return Territory(
        territory=plain(row["territory"]),
        area_m2=row["area_m2"],
        basis=row["basis"],
        source=row["source"],
        valid=to_period(row["valid"]),
    )


def _cursor(last: Division) -> str:
    place = [last.codes.get(STATISTICAL, ""), str(last.division_id)]
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _open_cursor(cursor: str) -> tuple[str, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        code, division_id = msgspec.json.decode(
            base64.urlsafe_b64decode(padded), type=tuple[str, UUID]
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise CursorIsInvalid(cursor) from error
    return code, division_id
