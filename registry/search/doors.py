"""Keyed look-ups of doors (门牌): the database's part of geocoding, as hot reads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Label,
    Select,
    TableValuedAlias,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    union_all,
)

from geo.geocode.candidates import Door, DoorLookup, Place, Standing
from geo.geocode.lookups import ANY
from geo.geocode.parts import BUILDING_WORDS, FLOOR_WORDS, ROOM_WORDS, UNIT_WORDS
from registry.addresses.reading import ASKED, AddressRow, address_rows
from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import known_at, seen_at
from registry.hot import HotStatement, Row, Rows
from registry.search import grounds
from registry.search.door_index_reads import UNSPEAKABLE

_PARTS = (
    ("building", BUILDING_WORDS),
    ("unit", UNIT_WORDS),
    ("floor", FLOOR_WORDS),
    ("room", ROOM_WORDS),
)
_WIDTH = len(AddressRow._fields)


class DoorSource:
    """Doors that stood on a day, as known after a change; `seen` keeps the rows they came in."""

    def __init__(self, rows: Rows, at: AsOf) -> None:
        self._rows = rows
        self._at = at
        self.seen: dict[UUID, AddressRow] = {}

    def doors(self, lookups: Sequence[DoorLookup]) -> Sequence[Sequence[Door]]:
        """The doors of each look-up, those first that bear the parts now."""
        questions = questions_of(lookups)
        rows = [
            self._rows(statement, **arrays, **self._standing()) for statement, arrays in questions
        ]
        return self.doors_in(rows, len(lookups))

    def doors_in(self, answers: Sequence[Sequence[Row]], lookups: int) -> list[list[Door]]:
        """The doors of each look-up in the answers to `questions_of` so many look-ups."""
        found: list[list[Door]] = [[] for _one in range(lookups)]
        for rows in answers:
            for row in rows:
                found[row[_WIDTH]].append(self._door(row))
        return [_each_once(doors) for doors in found]

    def around(self, carrier_ids: Sequence[UUID], number: int) -> Sequence[Door]:
        """The nearest doors below and above a number, of its parity and of the other."""
        found = self._rows(
            AROUND_NUMBER, places=list(carrier_ids), number=number, **self._standing()
        )
        return _each_once([self._plain(row) for row in found])

    def standings(self, address_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Standing]]:
        """All the places where addresses ever stood, oldest first."""
        found: dict[UUID, list[Standing]] = {}
        known = self._at.known
        for address_id, *rest in self._rows(STANDINGS, keys=list(address_ids), known=known):
            found.setdefault(address_id, []).append(Standing(*rest))
        return found

    def carriers(self, carrier_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """A point on each carrier."""
        return self._grounds(grounds.CARRIERS, carrier_ids)

    def territories(self, division_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """A point inside each division."""
        return self._grounds(grounds.TERRITORIES, division_ids)

    def crossing(self, one: Sequence[UUID], other: Sequence[UUID]) -> Sequence[Place]:
        """Where carriers of two sets meet."""
        found = self._rows(
            grounds.CROSSINGS, ones=list(one), others=list(other), **self._standing()
        )
        return [Place(*row) for row in found]

    def _grounds(self, statement: HotStatement, keys: Collection[UUID]) -> dict[UUID, Place]:
        rows = self._rows(statement, keys=list(keys), **self._standing())
        return {key: Place(*rest) for key, *rest in rows}

    def _standing(self) -> dict[str, object]:
        return {"on": self._at.valid_on, "known": self._at.known}

    def _door(self, row: Row) -> Door:
        _place, current, *was = row[_WIDTH:]
        held = AddressRow._make(row[:_WIDTH])
        self.seen[held.address_id] = held
        former = None
        if not current:
            standing = Standing(*was)
            now = (held.division_id, held.carrier_id, held.number, held.sub_number)
            if (standing.division_id, standing.carrier_id, standing.number, standing.sub) != now:
                former = standing
        return _to_door(held, former)

    def _plain(self, row: Row) -> Door:
        held = AddressRow._make(row[:_WIDTH])
        self.seen[held.address_id] = held
        return _to_door(held, None)


def _to_door(row: AddressRow, former: Standing | None) -> Door:
    assert row.longitude_deg is not None
    assert row.latitude_deg is not None
    return Door(
        row.address_id, row.code, row.division_id, row.carrier_id, row.number, row.sub_number,
        row.building, row.unit, row.floor, row.room, row.stage,
        row.longitude_deg, row.latitude_deg, row.method or "", row.accuracy_m or 0.0, former,
    )  # fmt: skip


def _each_once(doors: Iterable[Door]) -> list[Door]:
    """Each address once, as it is now if it can be had that way; then former ones."""
    kept: dict[UUID, Door] = {}
    for door in doors:
        known = kept.get(door.address_id)
        if known is None or (known.former is not None and door.former is None):
            kept[door.address_id] = door
    return sorted(kept.values(), key=lambda d: d.former is not None)


Asked = list[tuple[int, UUID, DoorLookup]]
Question = tuple[HotStatement, dict[str, object]]


def questions_of(lookups: Sequence[DoorLookup]) -> list[Question]:
    """The statements that answer look-ups, with their parameters; `on` and `known` are added."""
    return [(STATEMENTS[kind], _arrays(asked)) for kind, asked in _parted(lookups).items()]


def _parted(lookups: Sequence[DoorLookup]) -> dict[str, Asked]:
    """The look-ups by the statement that answers them, one entry for each place of each."""
    parted: dict[str, Asked] = {}
    for place, lookup in enumerate(lookups):
        on_carriers = bool(lookup.carrier_ids)
        kind = "carriers" if on_carriers else "villages"
        if lookup.number is None:
            kind = "unnumbered"
        for key in lookup.carrier_ids if on_carriers else lookup.division_ids:
            parted.setdefault(kind, []).append((place, key, lookup))
    return parted


def _arrays(asked: Asked) -> dict[str, object]:
    return {
        "asked": [place for place, _key, _lookup in asked],
        "places": [key for _place, key, _lookup in asked],
        "numbers": [one.number for _place, _key, one in asked],
        "subs": [one.sub for _place, _key, one in asked],
        **{f"{part}s": [getattr(one, part) for _p, _k, one in asked] for part, _words in _PARTS},
    }


def _asked() -> TableValuedAlias:
    kinds: dict[str, Any] = {
        "asked": Integer,
        "place": Uuid,
        "number": Integer,
        "sub": Text,
        **{part: Text for part, _words in _PARTS},
    }
    names = ("asked", "places", "numbers", "subs", *(f"{part}s" for part, _words in _PARTS))
    arrays = [
        bindparam(name, type_=ARRAY(kind()))
        for name, kind in zip(names, kinds.values(), strict=True)
    ]
    columns: list[Any] = [column(name, kind) for name, kind in kinds.items()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="asked")


_ASKED = _asked()
_WAS = address_version.alias("was")


def _doors(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Addresses some version of which has the parts asked for, as they are on the day."""
    asked, was, version = _ASKED.c, _WAS.c, address_version.c
    base = (
        _ASKED.join(
            _WAS,
            and_(
                *conditions,
                was.sub_number.is_not_distinct_from(asked.sub),
                *(_same(part, words) for part, words in _PARTS),
                *(was.stage != stage for stage in UNSPEAKABLE),
                known_at(_WAS, ASKED.known),
            ),
        )
        .join(address, address.c.address_id == was.address_id)
        .join(
            address_version,
            and_(version.address_id == was.address_id, seen_at(address_version, ASKED)),
        )
    )
    joined, columns = address_rows(base)
    method = columns[AddressRow._fields.index("method")]
    return (
        select(
            *columns,
            asked.asked,
            (was.version_id == version.version_id).label("current"),
            was.division_id.label("was_division"),
            was.carrier_id.label("was_carrier"),
            was.number.label("was_number"),
            was.sub_number.label("was_sub"),
            func.lower(was.valid).label("was_from"),
            func.upper(was.valid).label("was_to"),
            was.begun_by.label("was_begun_by"),
        )
        .select_from(joined)
        .where(_element(method).is_not(None), _speakable())
        .order_by(asked.asked, address.c.code)
    )


def _element(labelled: ColumnElement[Any]) -> ColumnElement[Any]:
    return labelled.element if isinstance(labelled, Label) else labelled


def _same(part: str, words: str) -> ColumnElement[bool]:
    """The part without its word equals what is asked; `ANY` takes whatever there is."""
    wanted = _ASKED.c[part]
    held = func.rtrim(_WAS.c[part], words)
    return or_(wanted == ANY, held.is_not_distinct_from(wanted))


def _speakable() -> ColumnElement[bool]:
    # One comparison a stage: an expanding IN list cannot be compiled once and for all.
    return and_(*(address_version.c.stage != stage for stage in UNSPEAKABLE))


def _around() -> Select[Any]:
    version = address_version.alias("beside")
    wanted = bindparam("number", type_=Integer)
    places = (
        func.unnest(bindparam("places", type_=ARRAY(Uuid())))
        .table_valued(column("place", Uuid))
        .render_derived(name="asked_place")
    )
    beside = []
    for below in (True, False):
        for odd in (0, 1):
            number = version.c.number
            chosen = (
                select(version.c.address_id)
                .where(
                    version.c.carrier_id == places.c.place,
                    number < wanted if below else number > wanted,
                    func.abs(number - wanted) % 2 == odd,
                    *(version.c[part].is_(None) for part in ("sub_number", *dict(_PARTS))),
                    version.c.stage == "current",
                    seen_at(version, ASKED),
                )
                # In the order of the index, so that one step along it is enough.
                .order_by(number.desc() if below else number)
                .limit(1)
                .lateral()
            )
            beside.append(select(chosen.c.address_id).select_from(places.join(chosen, true())))
    near = union_all(*beside).subquery("near")
    return _addresses_of(near.c.address_id, near)


def _addresses_of(key: ColumnElement[Any], source: Any) -> Select[Any]:
    version = address_version
    base = source.join(address, address.c.address_id == key).join(
        version, and_(version.c.address_id == address.c.address_id, seen_at(version, ASKED))
    )
    joined, columns = address_rows(base)
    method = columns[AddressRow._fields.index("method")]
    return (
        select(*columns)
        .select_from(joined)
        .where(_element(method).is_not(None), _speakable())
        .order_by(address.c.code)
    )


def _standings() -> Select[Any]:
    version = address_version.c
    return (
        select(
            version.address_id,
            version.division_id,
            version.carrier_id,
            version.number,
            version.sub_number,
            func.lower(version.valid),
            func.upper(version.valid),
            version.begun_by,
        )
        .where(
            version.address_id == any_(bindparam("keys", type_=ARRAY(Uuid()))),
            known_at(address_version, ASKED.known),
        )
        .order_by(version.address_id, version.valid)
    )


ON_CARRIERS = HotStatement.of(
    _doors(_WAS.c.carrier_id == _ASKED.c.place, _WAS.c.number == _ASKED.c.number)
)
IN_VILLAGES = HotStatement.of(
    _doors(
        _WAS.c.division_id == _ASKED.c.place,
        _WAS.c.carrier_id.is_(None),
        _WAS.c.number == _ASKED.c.number,
    )
)
UNNUMBERED = HotStatement.of(_doors(_WAS.c.carrier_id == _ASKED.c.place, _WAS.c.number.is_(None)))
STATEMENTS = {"carriers": ON_CARRIERS, "villages": IN_VILLAGES, "unnumbered": UNNUMBERED}
AROUND_NUMBER = HotStatement.of(_around())
STANDINGS = HotStatement.of(_standings())
