"""Verbs on standard addresses (标准地址): propose, approve, reject, retire; change is not correct.

Every verb takes the caller's work and commits nothing. `change_` verbs say that the world moved
on a day; `correct_` verbs say that the registry had it wrong.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shapely.geometry import Point

from registry.addresses.model import LifecycleStage
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.addresses.text import AddressParts
from registry.changes.period import Period
from registry.changes.timeline import Timeline, at, begin, change_from, correct
from registry.changes.work import Work
from registry.errors import AddressIsUnknown, StageForbids

ALLOWED: Mapping[LifecycleStage, frozenset[LifecycleStage]] = MappingProxyType(
    {
        LifecycleStage.RESERVED: frozenset({LifecycleStage.PROPOSED}),
        LifecycleStage.CURRENT: frozenset({LifecycleStage.PROPOSED, LifecycleStage.RESERVED}),
        LifecycleStage.REJECTED: frozenset({LifecycleStage.PROPOSED}),
        LifecycleStage.RETIRED: frozenset({LifecycleStage.CURRENT, LifecycleStage.RESERVED}),
    }
)
"""Stages an address must be in to enter the stage."""


@dataclass(frozen=True, slots=True)
class NewAddress:
    """What it takes to propose an address."""

    address_id: UUID
    code: str
    object_id: UUID
    object_kind: str
    """site, building, unit or room."""
    division_id: UUID
    """The smallest division it lies in."""
    carrier_id: UUID | None
    parts: AddressParts
    parent_object_id: UUID | None = None
    generated: bool = False
    longitude_deg: float | None = None
    """EPSG:4490; None: it shares the position of the larger object."""
    latitude_deg: float | None = None
    method: str = "surveyed"
    accuracy_m: float = 1.0


def propose_address(work: Work, new: NewAddress, *, on: date) -> None:
    """Enter an address that is not in force yet; `approve_address` puts it in force."""
    work.establish(
        addressable_object,
        [
            {
                "object_id": new.object_id,
                "kind": new.object_kind,
                "parent_id": new.parent_object_id,
            }
        ],
    )
    work.establish(
        address,
        [
            {
                "address_id": new.address_id,
                "code": new.code,
                "object_id": new.object_id,
                "generated": new.generated,
            }
        ],
    )
    values = {
        "division_id": new.division_id,
        "carrier_id": new.carrier_id,
        **asdict(new.parts),
        "stage": LifecycleStage.PROPOSED.value,
    }
    work.rewrite(
        address_version,
        new.address_id,
        (),
        begin((), Period.since(on), values, "propose"),
    )
    if new.longitude_deg is not None and new.latitude_deg is not None:
        position = {
            "position": Point(new.longitude_deg, new.latitude_deg),
            "method": new.method,
            "accuracy_m": new.accuracy_m,
        }
        work.rewrite(
            position_version,
            new.object_id,
            (),
            begin((), Period.since(on), position, "propose"),
        )


def approve_address(work: Work, address_id: UUID, *, on: date) -> None:
    """From a day on a proposed or reserved address is in force."""
    _enter(work, address_id, LifecycleStage.CURRENT, on)


def reserve_address(work: Work, address_id: UUID, *, on: date) -> None:
    """Keep a proposed number for a place that is being built."""
    _enter(work, address_id, LifecycleStage.RESERVED, on)


def reject_address(work: Work, address_id: UUID, *, on: date) -> None:
    """Turn a proposed address down; it keeps its id and code for ever."""
    _enter(work, address_id, LifecycleStage.REJECTED, on)


def retire_address(work: Work, address_id: UUID, *, on: date) -> None:
    """From a day on the address is out of use; it goes on answering, with its status."""
    _enter(work, address_id, LifecycleStage.RETIRED, on)


def change_number(
    work: Work, address_id: UUID, number: int, *, on: date, sub_number: str | None = None
) -> None:
    """The door was given another number; the old text stays findable.

    Raises:
        NotInForce, LaterActExists: see `change_from`.
    """
    patch = {"number": number, "sub_number": sub_number}
    change_address(work, address_id, patch, on=on, cause="renumber")


def correct_number(
    work: Work,
    address_id: UUID,
    number: int,
    *,
    during: Period,
    sub_number: str | None = None,
) -> None:
    """The register had the number wrong during a period; the door never bore the wrong one."""
    patch = {"number": number, "sub_number": sub_number}
    correct_address(work, address_id, patch, during=during, cause="correct_number")


def change_address(
    work: Work, address_id: UUID, patch: Mapping[str, Any], *, on: date, cause: str
) -> None:
    """From a day on, components of the address are different.

    Raises:
        AddressIsUnknown: no address has that id.
        NotInForce, LaterActExists: see `change_from`.
    """
    before = _timeline(work, address_id)
    after = change_from(before, on, patch, cause)
    work.rewrite(address_version, address_id, before, after)


def correct_address(
    work: Work, address_id: UUID, patch: Mapping[str, Any], *, during: Period, cause: str
) -> None:
    """What the register said of the address during a period was wrong.

    Raises:
        AddressIsUnknown: no address has that id.
    """
    before = _timeline(work, address_id)
    after = correct(before, during, patch, cause)
    work.rewrite(address_version, address_id, before, after)


def _enter(work: Work, address_id: UUID, stage: LifecycleStage, on: date) -> None:
    before = _timeline(work, address_id)
    current = at(before, on)
    held = None if current is None else LifecycleStage(current.value("stage"))
    if held is not None and held not in ALLOWED[stage]:
        raise StageForbids(step=f"make it {stage}", stage=held)
    after = change_from(before, on, {"stage": stage.value}, stage.value)
    work.rewrite(address_version, address_id, before, after)


def _timeline(work: Work, address_id: UUID) -> Timeline:
    timeline = work.believed(address_version, [address_id]).get(address_id)
    if timeline is None:
        raise AddressIsUnknown(str(address_id))
    return timeline
