"""The text of an address (标准地址), composed from the versions in force; never stored."""

from dataclasses import dataclass
from enum import StrEnum

from registry.divisions.chain import Chain, ChainLink

TOWNSHIP = 4
"""Levels from here down are left out of the legal text when a carrier names the place."""


class Profile(StrEnum):
    """Which parts are printed."""

    FULL = "full"
    """Every division, carrier, door and inner parts."""
    LEGAL = "legal"
    """Without township and village where a carrier exists (customary)."""
    PLATE = "plate"
    """Carrier and door: what the door plate (门牌) shows."""
    LABEL = "label"
    """The plate's text with the inner parts."""


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The components (地址要素) that belong to the address itself."""

    number: int | None = None
    sub_number: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None


def compose(
    parts: AddressParts,
    carrier: str | None,
    chain: Chain,
    profile: Profile,
    *,
    written_with: int | None = None,
) -> str:
    """Write an address.

    Args:
        carrier: name of the thoroughfare or area that bears the number; None in a village whose
            doors are numbered as one.
        chain: divisions, smallest first.
        written_with: level down to which divisions are written before the carrier also in the
            legal text, where the built-up area holds its name twice.

    Source: `address model` of GB/T 35639-2017; grammar in docs/registry.md.
    """
    head = head_text(carrier, chain, profile, written_with=written_with)
    return behind(head, parts, profile)


def head_text(
    carrier: str | None, chain: Chain, profile: Profile, *, written_with: int | None = None
) -> str:
    """What comes before the door; see `compose`."""
    if profile in (Profile.PLATE, Profile.LABEL):
        return _joined(carrier if carrier is not None else _village(chain))
    links = [link for link in reversed(chain) if _printed(link, carrier, profile, written_with)]
    return _joined(*(link.name for link in links), carrier)


def behind(head: str, parts: AddressParts, profile: Profile) -> str:
    """An address whose text before the door is known already."""
    door = door_text(parts)
    if profile is Profile.PLATE:
        return _joined(head, door)
    return _joined(head, door, parts.building, parts.unit, parts.floor, parts.room)


def door_text(parts: AddressParts) -> str | None:
    """The door number (门牌号): 388号, 62号之3, 215号之A8."""
    if parts.number is None:
        return None
    door = f"{parts.number}号"
    return door if parts.sub_number is None else f"{door}之{parts.sub_number}"


def _printed(
    link: ChainLink, carrier: str | None, profile: Profile, written_with: int | None
) -> bool:
    if profile is Profile.FULL or carrier is None:
        return True
    return link.level < TOWNSHIP or link.level <= (written_with or 0)


def _village(chain: Chain) -> str | None:
    return chain[0].name if chain and chain[0].level > TOWNSHIP else None


def _joined(*pieces: str | None) -> str:
    text = ""
    for piece in pieces:
        if not piece:
            continue
        # 36号之2 301室: without the space the two numbers would read as one.
        gap = " " if text and _alphanumeric(text[-1]) and _alphanumeric(piece[0]) else ""
        text = f"{text}{gap}{piece}"
    return text


def _alphanumeric(character: str) -> bool:
    return character.isascii() and character.isalnum()
