"""All SQL of door plates (门楼牌): what holds of them, and which are wanted."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from shapely.geometry import Point
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, or_, select

from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import history_of, plain, seen_at
from registry.divisions.store import DivisionStore
from registry.plates.errors import PlateIsUnknown
from registry.plates.model import Plate, PlateKind, PlateState, RevocationReason, Spot
from registry.plates.tables import plate, plate_version

CHUNK = 1000
AnySelect = Select[tuple[Any, ...]]


class PlateStore:
    """Plates inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, plate_id: UUID, at: AsOf) -> Plate:
        """One plate; before it was issued, as it was issued.

        Raises:
            PlateIsUnknown: none known by then has that id.
        """
        return self._one(plate.c.plate_id == plate_id, at, str(plate_id))

    def by_serial(self, code: str, serial: int, at: AsOf) -> Plate:
        """One plate by its address's code and its serial.

        Raises:
            PlateIsUnknown: none known by then has them.
        """
        wanted = (address.c.code == code) & (plate.c.serial == serial)
        return self._one(wanted, at, f"{serial} of {code}")

    def in_use(self, code: str, at: AsOf, serial: int | None = None) -> Plate:
        """The plate of an address that was not called back, or the one of a serial.

        Raises:
            PlateIsUnknown: it has none.
        """
        if serial is not None:
            return self.by_serial(code, serial, at)
        found = self.find_in_use(code, at)
        if found is None:
            raise PlateIsUnknown(f"in use at {code}")
        return found

    def find_in_use(self, code: str, at: AsOf) -> Plate | None:
        """The plate of an address that was not called back; None: it has none."""
        return next((one for one in self.of_address(code, at) if one.live), None)

    def of_address(self, code: str, at: AsOf) -> list[Plate]:
        """Every plate an address has had by the day, in the order of their serials."""
        return self._many(_plates(at).where(address.c.code == code))

    def live_of(self, address_ids: Collection[UUID], at: AsOf) -> dict[UUID, Plate]:
        """The plate of each address that has one, by address."""
        found = self._many(_plates(at).where(plate.c.address_id.in_(list(address_ids)), _live()))
        return {one.address_id: one for one in found}

    def serials_of(self, address_ids: Collection[UUID]) -> dict[UUID, int]:
        """The highest serial ever given for each address that had a plate."""
        rows = self._connection.execute(
            select(plate.c.address_id, func.max(plate.c.serial))
            .where(plate.c.address_id.in_(list(address_ids)))
            .group_by(plate.c.address_id)
        )
        return {row[0]: row[1] for row in rows}

    def page(
        self,
        at: AsOf,
        *,
        limit: int,
        within: UUID | None = None,
        state: PlateState | None = None,
        after: tuple[str, int] | None = None,
    ) -> list[Plate]:
        """The next plates in the order of address code and serial.

        Args:
            within: only plates of doors in this division, at whatever level.
            after: code and serial of the last one of the page before.
        """
        statement = _plates(at)
        if within is not None:
            statement = statement.where(
                plate.c.address_id.in_(_inside(self._connection, within, at))
            )
        if state is not None:
            statement = statement.where(plate_version.c.state == state.value)
        if after is not None:
            code, serial = after
            further = (address.c.code == code) & (plate.c.serial > serial)
            statement = statement.where(or_(address.c.code > code, further))
        return self._many(statement.limit(limit))

    def all(
        self, at: AsOf, *, within: UUID | None = None, state: PlateState | None = None
    ) -> Iterator[Plate]:
        """Every such plate, read page by page."""
        after: tuple[str, int] | None = None
        while found := self.page(at, limit=CHUNK, within=within, state=state, after=after):
            yield from found
            after = found[-1].address_code, found[-1].serial

    def revoked(self, at: AsOf) -> list[tuple[str, int]]:
        """Address code and serial of every plate called back by the day."""
        rows = self._connection.execute(
            select(address.c.code, plate.c.serial)
            .join(plate, plate.c.address_id == address.c.address_id)
            .join(plate_version, plate_version.c.plate_id == plate.c.plate_id)
            .where(seen_at(plate_version, at), plate_version.c.state == PlateState.REVOKED.value)
            .order_by(address.c.code, plate.c.serial)
        )
        return [(code, serial) for code, serial in rows]

    def is_revoked(self, code: str, serial: int, at: AsOf) -> bool:
        """Whether the plate of an address's code and a serial was called back by the day."""
        state = self._connection.scalar(
            select(plate_version.c.state)
            .join(plate, plate.c.plate_id == plate_version.c.plate_id)
            .join(address, address.c.address_id == plate.c.address_id)
            .where(seen_at(plate_version, at), address.c.code == code, plate.c.serial == serial)
        )
        return state == PlateState.REVOKED.value

    def _one(self, wanted: ColumnElement[bool], at: AsOf, named: str) -> Plate:
        found = self._many(_plates(at).where(wanted)) or self._many(_first(at).where(wanted))
        if not found:
            raise PlateIsUnknown(named)
        return found[0]

    def _many(self, statement: AnySelect) -> list[Plate]:
        return [_to_plate(row) for row in self._connection.execute(statement).mappings()]


def _read() -> AnySelect:
    return (
        select(
            plate.c.plate_id,
            plate.c.address_id,
            address.c.code,
            plate.c.serial,
            plate.c.issued_on,
            plate_version.c.kind,
            plate_version.c.state,
            plate_version.c.shown_text,
            plate_version.c.shown_romanisation,
            plate_version.c.reason,
            plate_version.c.spot,
            plate_version.c.photo_sha256,
            func.lower(plate_version.c.valid).label("since"),
        )
        .join(address, address.c.address_id == plate.c.address_id)
        .join(plate_version, plate_version.c.plate_id == plate.c.plate_id)
    )


def _plates(at: AsOf) -> AnySelect:
    return _read().where(seen_at(plate_version, at)).order_by(address.c.code, plate.c.serial)


def _first(at: AsOf) -> AnySelect:
    return _read().where(history_of(plate_version, at.known)).order_by(plate_version.c.valid)


def _live() -> ColumnElement[bool]:
    return plate_version.c.state != PlateState.REVOKED.value


def _inside(connection: Connection, division_id: UUID, at: AsOf) -> Select[tuple[UUID]]:
    """Ids of addresses in a division at whatever level."""
    tree = DivisionStore(connection).descendants(division_id, at)
    return select(address_version.c.address_id).where(
        seen_at(address_version, at), address_version.c.division_id.in_(tree)
    )


def _to_plate(row: RowMapping) -> Plate:
    spot = plain(row["spot"])
    return Plate(
        plate_id=row["plate_id"],
        address_id=row["address_id"],
        address_code=row["code"],
        serial=row["serial"],
        issued_on=row["issued_on"],
        kind=PlateKind(row["kind"]),
        state=PlateState(row["state"]),
        shown_text=row["shown_text"],
        shown_romanisation=row["shown_romanisation"],
        reason=None if row["reason"] is None else RevocationReason(row["reason"]),
        spot=Spot(spot.x, spot.y) if isinstance(spot, Point) else None,
        photo_sha256=row["photo_sha256"],
        since=row["since"],
    )
