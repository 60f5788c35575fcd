"""Which plates must be remade (重制清单): all stay valid, some show an old name, some mislead.

A plate's code resolves whatever its paint says, so nothing has to be hurried. What it costs a
resident is another matter: a plate that shows what another door is called today sends people
there; one whose number changed sends them nowhere; one with a former village or road name is
still understood by everybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from registry.addresses.model import Address
from registry.addresses.text import Profile, door_text
from registry.divisions.chain import Chain
from registry.plates.model import Plate, PlateState
from registry.plates.need import Called, Need, need_of


@dataclass(frozen=True, slots=True)
class Reprint:
    """A plate against what its door is called."""

    plate: Plate
    text: str
    """What it ought to show."""
    need: Need
    valid: bool
    """Whether its code is good: always, until it is called back."""


@dataclass(frozen=True, slots=True)
class DoorNow:
    """A door as it is called on the day."""

    text: str
    door: str | None
    """The number alone."""
    township: UUID | None


TOWNSHIP = 4


def doors_of(addresses: Iterable[Address]) -> dict[UUID, DoorNow]:
    """What each door is called, by address."""
    return {
        one.address_id: DoorNow(one.text(Profile.PLATE), door_text(one.parts), _township(one.chain))
        for one in addresses
    }


def reprint_list(plates: Iterable[Plate], doors: Mapping[UUID, DoorNow]) -> list[Reprint]:
    """Every plate that was not called back, the most needed first.

    Args:
        doors: by address; doors whose texts a plate may be mistaken for belong in it too.
    """
    around = Called()
    for address_id, door in doors.items():
        around.add(address_id, door.text, door.township)
    found = [
        Reprint(
            one, doors[one.address_id].text, _need(one, doors[one.address_id], around), valid=True
        )
        for one in plates
        if one.live and one.address_id in doors
    ]
    return sorted(found, key=lambda one: (one.need, one.text, one.plate.serial))


def _need(one: Plate, door: DoorNow, around: Called) -> Need:
    return need_of(
        one.shown_text,
        door.text,
        elsewhere=around.elsewhere(one.address_id, one.shown_text, door.township),
        number_stands=door.door is not None and one.shown_text.endswith(door.door),
        damaged=one.state is PlateState.DAMAGED,
    )


def _township(chain: Chain) -> UUID | None:
    return next((link.division_id for link in chain if link.level == TOWNSHIP), None)
