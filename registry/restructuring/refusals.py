"""What the grammar refuses at once, before a plan exists; breaches of a plan are `findings`."""

from registry.errors import RegistryError


class PlanMixesVerbs(RegistryError):
    """A paper either changes the world or corrects the record; write two papers."""

    code = "plan-mixes-verbs"

    def __init__(self, *, corrections: int, changes: int) -> None:
        super().__init__(
            f"{corrections} operations correct the record and {changes} change the world: one "
            "change has one verb, so put the corrections into a paper of their own, carried out first",
            corrections=corrections,
            changes=changes,
        )


class LineDoesNotCut(RegistryError):
    """A dividing line must run through the territory from edge to edge; draw it further."""

    code = "line-does-not-cut"

    def __init__(self, division: str) -> None:
        super().__init__(
            f"the line does not cut {division} in two: draw it from edge to edge", division=division
        )


class TerritoryIsUnknown(RegistryError):
    """What has no territory cannot be cut; import it first, or name members, places or doors."""

    code = "territory-is-unknown"

    def __init__(self, division: str) -> None:
        super().__init__(
            f"no territory of {division} is known, so no line or area can divide it: import it "
            "first, or name members, `places` or `doors`",
            division=division,
        )


class DoorIsElsewhere(RegistryError):
    """A plan settles only doors of the unit it divides, and only for its parts."""

    code = "door-is-elsewhere"

    def __init__(self, door: str, *, division: str) -> None:
        super().__init__(
            f"{door} is no address of {division}, or is given to a unit that takes no part of it: "
            "take it out of `doors`",
            door=door,
            division=division,
        )


class PlaceIsUnknown(RegistryError):
    """No street or area with that id or name lies where the plan looks, or several do."""

    code = "place-is-unknown"

    def __init__(self, place: str, *, found: int = 0) -> None:
        super().__init__(
            f"{place!r} names {found} streets or areas here: give the id of one",
            place=place,
            found=found,
        )


class CodeIsNotProvisional(RegistryError):
    """Only a provisional code can be published; this one is, or there is none."""

    code = "code-is-not-provisional"

    def __init__(self, division: str) -> None:
        super().__init__(
            f"{division} has no provisional code on that day: nothing is to be published",
            division=division,
        )


class ParentHasNoCode(RegistryError):
    """A code is counted under the parent's; give the parent one first."""

    code = "parent-has-no-code"

    def __init__(self, division: str, *, parent: str) -> None:
        super().__init__(
            f"no code can be found for {division}: {parent} has none in this scheme; give it one",
            division=division,
            parent=parent,
        )
