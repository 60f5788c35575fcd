"""How much a plate (门楼牌) needs to be remade: the one rule, for plans and for plates that hang.

A plan asks it of whole rows of doors that do not hang anything yet, by what stands before their
numbers; the reprint list asks it plate by plate. Both give what is shown, what the door is called,
and who else around is called what.
"""

from collections import defaultdict
from collections.abc import Hashable
from enum import IntEnum
from uuid import UUID


class Need(IntEnum):
    """How much a plate is in need of being remade, the greatest first."""

    MISLEADING = 1
    """It shows what another door in the same unit of township level is called now."""
    WRONG_NUMBER = 2
    """Its own number changed."""
    DAMAGED = 3
    OLD_NAME = 4
    """The name before the number changed; the number did not."""
    NONE = 5
    """It shows what the door is called."""


class Called:
    """Who is called what in which unit of township level: what a plate may be mistaken for."""

    def __init__(self) -> None:
        self._bearers: dict[tuple[UUID | None, str], set[Hashable]] = defaultdict(set)

    def add(self, bearer: Hashable, text: str, township: UUID | None) -> None:
        """Somebody is called so from the day on."""
        self._bearers[township, text].add(bearer)

    def elsewhere(self, bearer: Hashable, text: str, township: UUID | None) -> bool:
        """Whether somebody else there is called so."""
        return bool(self._bearers.get((township, text), set()) - {bearer})


def need_of(
    shown: str,
    called: str,
    *,
    elsewhere: bool,
    number_stands: bool = True,
    damaged: bool = False,
) -> Need:
    """The need of a plate.

    Args:
        shown: what is painted on it.
        called: what its door is called.
        elsewhere: somebody else around is called what it shows.
        number_stands: the number on it is its door's.
    """
    if shown != called and elsewhere:
        return Need.MISLEADING
    if shown != called and not number_stands:
        return Need.WRONG_NUMBER
    if damaged:
        return Need.DAMAGED
    return Need.NONE if shown == called else Need.OLD_NAME
