"""Drawing a plan up: the operations of a paper applied to a working copy of the ledger.

Nothing here touches a database. What breaks a reference or a timeline is refused at once;
what breaks an invariant of the result is found afterwards by `checks`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from shapely.geometry import Point

from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at, begin, change_from
from registry.divisions.model import (
    LAYERS_OF_THE_STATE,
    STATISTICAL,
    STATUTORY,
    DivisionKind,
    check_code,
    code_slot_id,
)
from registry.errors import (
    CodeWasUsed,
    DivisionIsUnknown,
    DivisionMovesTwice,
    LaterActExists,
    NotInForce,
)
from registry.restructuring.door_book import DoorBook
from registry.restructuring.findings import Finding
from registry.restructuring.grammar import AUTO, NewUnit, Reference
from registry.restructuring.ledger import Census, Ledger, code_on
from registry.restructuring.paper import Paper

NEW_DIVISIONS = UUID("2d6a3c1e-6f0d-5c55-9a35-0a8f6ad8b4c7")
"""Namespace of ids for units a plan makes: the same paper always makes the same ids, so that a
preview and the act it became speak of the same units."""

NAME_PATH = "name:"


@dataclass(frozen=True, slots=True)
class Asked:
    """A code the paper leaves to the registry."""

    division_id: UUID
    cause: str
    keeps_number: bool = False
    """Its last digits stay where they are free: it stays with its parent, whose code is another."""


class Drawing:
    """The working copy: timelines as they would be, and what the paper said on the way."""

    def __init__(self, ledger: Ledger, paper: Paper) -> None:
        self.ledger = ledger
        self.paper = paper
        self.on = paper.effective_on
        self.before = Census.take(ledger.divisions, self.on)
        self.divisions: dict[UUID, Timeline] = dict(ledger.divisions)
        self.codes: dict[UUID, Timeline] = dict(ledger.codes)
        self.territories: dict[UUID, Timeline] = dict(ledger.territories)
        self.established: dict[UUID, str] = {}
        """New units and their layers, in order."""
        self.origins: dict[UUID, tuple[UUID, ...]] = {}
        """Of a new unit without members: the units it was made from."""
        self.ended: dict[UUID, tuple[tuple[UUID, ...], str | None]] = {}
        """Ended units: their declared successors, or why there is none."""
        self.causes: dict[UUID, str] = {}
        self.moved: set[UUID] = set()
        self.drawn: set[UUID] = set()
        """Units whose territory the paper draws, instead of letting it follow members."""
        self.names: dict[UUID, Timeline] = {}
        """Names of streets and areas that the act rewrites."""
        self.standard: dict[UUID, Timeline] = {}
        """The standard name from the day on of every place the act renames, by place."""
        self.door_book = DoorBook(ledger.doors)
        self.divided: dict[UUID, set[UUID]] = {}
        """Units divided on the ground, and all that may have a part of each."""
        self.dissolved: set[UUID] = set()
        """Those that keep nothing."""
        self.last_land: dict[UUID, Version] = {}
        """The territory an ended unit had when it ended."""
        self.asked: list[Asked] = []
        self.asked_members: list[Asked] = []
        """Units whose members, as they stand in the end, are to get codes."""
        self.allocated: dict[UUID, str] = {}
        self.findings: list[Finding] = []
        """What the operations found on the way."""
        self._coined: dict[str, UUID] = {}
        self._bearers = {
            code: division_id
            for division_id in self.before.units
            if (code := code_on(ledger.codes, division_id, paper.code_scheme, self.on))
        }
        self._paths: dict[str, UUID] | None = None
        self._given: dict[str, UUID] = {}

    def find(self, reference: Reference) -> UUID:
        """The division a reference means.

        Raises:
            NotInForce: it exists, but not on the day of the act.
            DivisionIsUnknown: nothing answers to it.
        """
        found = (
            self._bearers.get(reference)
            or self._coined.get(reference)
            or self._by_path(reference)
            or _as_uuid(reference)
        )
        if found is not None and (found in self.before.units or found in self.established):
            return found
        if found in self.ledger.divisions or reference in self.ledger.code_owners:
            raise NotInForce(on=self.on, what=reference)
        raise DivisionIsUnknown(reference)

    def coin(self, unit: NewUnit, parent: UUID | None, cause: str) -> UUID:
        """Set a new unit up and make it known to later references."""
        division_id = self._coin_id(unit)
        if division_id in self.established:
            raise CodeWasUsed(unit.code or unit.name, by=unit.name)
        for word in (unit.alias, unit.code):
            if word and word != AUTO:
                self._coined[word] = division_id
        self._coined.setdefault(unit.name, division_id)
        values = {
            "kind": unit.kind.value,
            "name": unit.name,
            "published_name": unit.published_name or unit.name,
            "romanisation": unit.romanisation,
            "parent_id": parent,
            "seat": None if unit.seat is None else Point(*unit.seat),
        }
        self.divisions[division_id] = begin((), Period.since(self.on), values, cause)
        self.established[division_id] = unit.layer or STATUTORY
        self.causes[division_id] = cause
        self.code_for(division_id, unit.code, cause)
        return division_id

    def find_coined(self, unit: NewUnit) -> UUID:
        """The id of a unit this act sets up."""
        return self._coin_id(unit)

    def also_known_as(self, code: str, division_id: UUID) -> None:
        """Let later references use the code a unit gets in this act."""
        self._coined.setdefault(code, division_id)

    def patch(self, division_id: UUID, patch: Mapping[str, Any], cause: str) -> None:
        """From the day of the act on, other values."""
        timeline = self.divisions[division_id]
        self.divisions[division_id] = self._named(
            division_id, lambda: change_from(timeline, self.on, patch, cause)
        )
        self.causes.setdefault(division_id, cause)

    def move(self, division_id: UUID, to: UUID, cause: str) -> None:
        """Under another parent.

        Raises:
            DivisionMovesTwice: this act has moved it already.
        """
        if division_id in self.moved:
            raise DivisionMovesTwice(self.before.name(division_id))
        self.moved.add(division_id)
        self.patch(division_id, {"parent_id": to}, cause)

    def end(
        self,
        division_id: UUID,
        successors: tuple[UUID, ...],
        note: str | None,
        cause: str,
    ) -> None:
        """End a unit with its codes and its territory."""
        if division_id in self.ended:
            raise NotInForce(on=self.on, what=self.before.name(division_id))
        self.divisions[division_id] = self._named(
            division_id,
            lambda: change_from(self.divisions[division_id], self.on, None, cause),
        )
        for slot, timeline in list(self.codes.items()):
            current = at(timeline, self.on)
            if current is not None and current.value("division_id") == division_id:
                self.codes[slot] = change_from(timeline, self.on, None, cause)
        territory = self.territories.get(division_id, ())
        land = at(territory, self.on)
        if land is not None:
            self.last_land[division_id] = land
            self.territories[division_id] = change_from(territory, self.on, None, cause)
        self.ended[division_id] = (successors, note)
        self.causes[division_id] = cause

    def code_for(
        self, division_id: UUID, code: str | None, cause: str, *, keeps_number: bool = False
    ) -> None:
        """Give the code a paper states; remember where it asks for one."""
        if code == AUTO:
            self.asked.append(Asked(division_id, cause, keeps_number))
        elif code is not None:
            self.give_code(division_id, self.kind_of(division_id), code, cause)

    def give_code(
        self,
        division_id: UUID,
        kind: DivisionKind,
        code: str,
        cause: str,
        *,
        reuse: str | None = None,
        provisional: bool = False,
    ) -> None:
        """Another code from the day of the act on; `provisional` until it is published.

        Raises:
            CodeOutsideBlock: the code does not fit the kind (township level and above).
            CodeWasUsed: somebody bore it before, and no reason for re-use was given.
        """
        scheme = self.paper.code_scheme
        if scheme == STATISTICAL and kind.level <= 4:
            check_code(code, kind)
        slot = code_slot_id(division_id, scheme)
        timeline = self.codes.get(slot, ())
        current = at(timeline, self.on)
        if current is not None and current.value("code") == code:
            return
        self.claim_code(division_id, code, reuse=reuse)
        values = {
            "division_id": division_id,
            "scheme": scheme,
            "code": code,
            "provisional": provisional,
        }
        if current is None:
            self.codes[slot] = begin(timeline, Period.since(self.on), values, cause)
        else:
            self.codes[slot] = self._named(
                division_id, lambda: change_from(timeline, self.on, values, cause)
            )

    def claim_code(self, division_id: UUID, code: str, *, reuse: str | None = None) -> None:
        """Keep a code for a unit of this act.

        Raises:
            CodeWasUsed: somebody else bears it, bore it, or has it reserved.
        """
        owner = self._given.get(code) or self.ledger.code_owners.get(code)
        if owner is not None and (reuse is None or code in self._given):
            raise CodeWasUsed(code, by=self._who(owner))
        keeper = self.ledger.reserved.get(code, division_id)
        if keeper != division_id:
            raise CodeWasUsed(code, by="another open plan, which has reserved it")
        self._given[code] = division_id

    def set_territory(self, division_id: UUID, values: Mapping[str, Any], cause: str) -> None:
        """Another territory from the day of the act on."""
        timeline = self.territories.get(division_id, ())
        if at(timeline, self.on) is None:
            self.territories[division_id] = begin(timeline, Period.since(self.on), values, cause)
        else:
            self.territories[division_id] = self._named(
                division_id, lambda: change_from(timeline, self.on, values, cause)
            )

    def heir(self, division_id: UUID) -> UUID:
        """Who has what a unit had: itself, or the last of its single successors in this act."""
        seen = {division_id}
        while division_id in self.ended and division_id not in self.dissolved:
            successors, _note = self.ended[division_id]
            if len(successors) != 1 or successors[0] in seen:
                break
            division_id = successors[0]
            seen.add(division_id)
        return division_id

    def layer(self, division_id: UUID) -> str:
        """The tree a unit belongs to."""
        return self.established.get(division_id) or self.ledger.layer(division_id)

    def parts(self, census: Census) -> dict[UUID, list[UUID]]:
        """Members that make their parent up: units of its own tree."""
        return {
            parent: found
            for parent, members in census.members().items()
            if (found := [one for one in members if self.same_tree(one, parent)])
        }

    def same_tree(self, one: UUID, other: UUID) -> bool:
        """Whether two units belong to one tree."""
        mine, theirs = self.layer(one), self.layer(other)
        return mine == theirs or {mine, theirs} <= LAYERS_OF_THE_STATE

    def name(self, division_id: UUID) -> str:
        """What a unit is called before the act, or by the act if it makes it."""
        return self._who(division_id)

    def given_codes(self) -> Mapping[str, UUID]:
        """Codes this act gives, and to whom."""
        return self._given

    def is_given(self, code: str) -> bool:
        """Whether this act gives the code to somebody."""
        return code in self._given

    def level_of(self, division_id: UUID) -> int:
        """Its level as the drawing stands, or before it ended."""
        return DivisionKind(self.divisions[division_id][-1].value("kind")).level

    def kind_of(self, division_id: UUID) -> DivisionKind:
        """Its kind as the drawing stands."""
        version = at(self.divisions[division_id], self.on)
        if version is None:
            raise NotInForce(on=self.on, what=self.before.name(division_id))
        return DivisionKind(version.value("kind"))

    def _coin_id(self, unit: NewUnit) -> UUID:
        name = f"{self.paper.title}|{self.on}|{unit.code or ''}|{unit.name}|{unit.alias or ''}"
        return uuid5(NEW_DIVISIONS, name)

    def _who(self, division_id: UUID) -> str:
        if division_id in self.before.units:
            return self.before.name(division_id)
        timeline = self.divisions.get(division_id)
        return str(timeline[-1].value("name")) if timeline else str(division_id)

    def _named(self, division_id: UUID, rewrite: Callable[[], Timeline]) -> Timeline:
        # The timeline knows no names; a clerk needs them.
        try:
            return rewrite()
        except LaterActExists as error:
            raise LaterActExists(
                on=self.on, later=error.later, what=self._who(division_id)
            ) from error
        except NotInForce as error:
            raise NotInForce(on=self.on, what=self._who(division_id)) from error

    def _by_path(self, reference: Reference) -> UUID | None:
        if not reference.startswith(NAME_PATH):
            return None
        if self._paths is None:
            self._paths = {self.before.path(one): one for one in self.before.units}
        return self._paths.get(reference.removeprefix(NAME_PATH))


def _as_uuid(reference: Reference) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None
