"""Verbs on door plates (门楼牌): issue, print, install, report damaged, revoke, reissue.

Every verb takes the caller's work and commits nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from shapely.geometry import Point

from registry.addresses.model import Address, AddressFilter, LifecycleStage
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.period import AsOf
from registry.changes.timeline import at as version_at
from registry.changes.timeline import change_from
from registry.changes.work import Work
from registry.plates.errors import (
    AddressBearsNoPlate,
    PlateAlreadyIssued,
    PlateIsUnknown,
)
from registry.plates.model import (
    LAST_SERIAL,
    Plate,
    PlateKind,
    PlateState,
    RevocationReason,
    Spot,
    check_step,
)
from registry.plates.store import PlateStore
from registry.plates.tables import plate, plate_version

CHUNK = 1000
PLATE_COLUMNS = ("plate_id", "address_id", "serial", "issued_on")
VERSION_COLUMNS = ("plate_id", "kind", "state", "shown_text", "shown_romanisation", "valid")


def issue_plates(work: Work, codes: Collection[str], *, kind: PlateKind, on: date) -> int:
    """Issue a plate for each of these addresses; returns how many.

    Raises:
        AddressBearsNoPlate: one of them is not current, or has no door number.
        PlateAlreadyIssued: one of them has a plate that was not revoked.
    """
    work.start()
    at = AsOf(on, work.number)
    count = 0
    for chunk in _chunks(list(codes)):
        addresses = AddressStore(work.connection).many(chunk, at)
        _refuse_missing(chunk, addresses)
        serials = _free_serials(work, addresses, at)
        rows = [(uuid4(), one, serials[one.address_id]) for one in addresses]
        work.copy(
            plate,
            PLATE_COLUMNS,
            ((plate_id, one.address_id, serial, on) for plate_id, one, serial in rows),
            cause="issue",
        )
        count += work.copy(
            plate_version,
            VERSION_COLUMNS,
            (
                (
                    plate_id,
                    kind.value,
                    PlateState.ISSUED.value,
                    one.text(Profile.PLATE),
                    romanised(one),
                    f"[{on},)",
                )
                for plate_id, one, _serial in rows
            ),
            cause="issue",
        )
    return count


def unplated(work: Work, within: UUID, on: date) -> Iterator[str]:
    """Codes of current addresses with a door number in a division that have no plate."""
    at = AsOf(on, work.number)
    store, plates = AddressStore(work.connection), PlateStore(work.connection)
    after: str | None = None
    wanted = AddressFilter(within=within, stage=LifecycleStage.CURRENT)
    while found := store.page(wanted, at, limit=CHUNK, after=after):
        held = plates.live_of([one.address_id for one in found], at)
        yield from (
            one.code for one in found if one.address_id not in held and why_none(one) is None
        )
        after = found[-1].code


def mark_printed(work: Work, plate_ids: Iterable[UUID], *, on: date) -> int:
    """The plates were made; returns how many.

    Raises:
        PlateStateForbids: one of them was not waiting for it.
    """
    return sum(_enter(work, one, PlateState.PRINTED, on, {}, "print") for one in plate_ids)


def install_plate(
    work: Work, plate_id: UUID, *, on: date, spot: Spot, photo_sha256: str | None
) -> None:
    """The plate hangs at its door.

    Raises:
        PlateIsUnknown, PlateStateForbids.
    """
    patch = {
        "spot": Point(spot.longitude_deg, spot.latitude_deg),
        "photo_sha256": photo_sha256,
    }
    _enter(work, plate_id, PlateState.INSTALLED, on, patch, "install")


def report_damaged(work: Work, plate_id: UUID, *, on: date) -> None:
    """The plate is to be remade; until then it stays genuine."""
    _enter(work, plate_id, PlateState.DAMAGED, on, {}, "damage")


def revoke_plate(work: Work, plate_id: UUID, *, on: date, reason: RevocationReason) -> None:
    """From a day on the plate is no longer good; it goes on answering, as revoked."""
    _enter(work, plate_id, PlateState.REVOKED, on, {"reason": reason.value}, "revoke")


def reissue_plate(
    work: Work, held: Plate, *, on: date, reason: RevocationReason, kind: PlateKind | None = None
) -> Plate:
    """Call a plate back and issue the next one of its door, with today's text.

    Raises:
        PlateStateForbids: it was called back before.
        AddressBearsNoPlate: the door has no number any more.
    """
    revoke_plate(work, held.plate_id, on=on, reason=reason)
    issue_plates(work, [held.address_code], kind=kind or held.kind, on=on)
    at = AsOf(on, work.number)
    return PlateStore(work.connection).live_of([held.address_id], at)[held.address_id]


def replace_renumbered(work: Work, codes: Collection[str], *, on: date) -> list[Plate]:
    """Reissue the plates of these doors that no longer show what the door is called."""
    at = AsOf(on, work.number)
    done: list[Plate] = []
    for chunk in _chunks(list(codes)):
        addresses = AddressStore(work.connection).many(chunk, at)
        held = PlateStore(work.connection).live_of([one.address_id for one in addresses], at)
        done += [
            reissue_plate(work, old, on=on, reason=RevocationReason.REPLACED)
            for one in addresses
            if (old := held.get(one.address_id)) is not None
            and old.shown_text != one.text(Profile.PLATE)
        ]
    return done


def romanised(one: Address) -> str | None:
    """The romanisation a plate shows: of the name that bears the number; None: not reviewed."""
    return None if one.carrier is None else one.carrier.romanisation


def why_none(one: Address) -> str | None:
    """Why an address bears no plate; None: it does."""
    if one.stage is not LifecycleStage.CURRENT:
        return f"it is {one.stage.value}"
    if one.parts.number is None:
        return "it has no door number"
    inner = (one.parts.building, one.parts.unit, one.parts.floor, one.parts.room)
    return "it lies behind another door" if any(inner) else None


def _refuse_missing(wanted: Sequence[str], found: Sequence[Address]) -> None:
    missing = set(wanted) - {one.code for one in found}
    if missing:
        raise AddressBearsNoPlate(address=min(missing), why="it is not in force")
    for one in found:
        why = why_none(one)
        if why is not None:
            raise AddressBearsNoPlate(address=one.code, why=why)


def _free_serials(work: Work, addresses: Sequence[Address], at: AsOf) -> Mapping[UUID, int]:
    store = PlateStore(work.connection)
    ids = [one.address_id for one in addresses]
    held = store.live_of(ids, at)
    for one in addresses:
        if one.address_id in held:
            raise PlateAlreadyIssued(address=one.code, serial=held[one.address_id].serial)
    highest = store.serials_of(ids)
    for one in addresses:
        if highest.get(one.address_id, 0) >= LAST_SERIAL:
            raise AddressBearsNoPlate(address=one.code, why=f"it has had {LAST_SERIAL} plates")
    return {one: highest.get(one, 0) + 1 for one in ids}


def _enter(
    work: Work, plate_id: UUID, state: PlateState, on: date, patch: Mapping[str, Any], cause: str
) -> int:
    before = work.believed(plate_version, [plate_id]).get(plate_id)
    if before is None:
        raise PlateIsUnknown(str(plate_id))
    current = version_at(before, on)
    if current is not None:
        check_step(PlateState(current.value("state")), state)
    after = change_from(before, on, {"state": state.value, **patch}, cause)
    return work.rewrite(plate_version, plate_id, before, after)


def _chunks(codes: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(codes), CHUNK):
        yield codes[first : first + CHUNK]
