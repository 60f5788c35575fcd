"""Ways the registry refuses to undo: see `registry/errors.py`."""

from datetime import date

from registry.errors import RegistryError


class LaterWorkStands(RegistryError):
    """Later work holds on to what would be taken away; annul or amend what is listed first."""

    code = "later-work-stands"

    def __init__(
        self, *, change: int, facts: int, later: list[int], obstacles: list[str] | None = None
    ) -> None:
        numbers = ", ".join(map(str, later))
        listed = obstacles or []
        super().__init__(
            f"change {change} cannot be undone: {facts} facts are held by {numbers or 'no change'}: "
            + "; ".join(listed),
            change=change,
            facts=facts,
            later=later,
            obstacles=listed,
        )


class ChangeIsAnnulled(RegistryError):
    """What is annulled cannot be undone again; annul the annulment to have it back."""

    code = "change-is-annulled"

    def __init__(self, *, change: int, by: int) -> None:
        super().__init__(
            f"change {change} was annulled by change {by}: to have it back, annul that one",
            change=change,
            by=by,
        )


class NotCommitted(RegistryError):
    """Only what was carried out can be annulled or corrected; withdraw or edit the plan instead."""

    code = "not-committed"

    def __init__(self, *, title: str, state: str) -> None:
        super().__init__(
            f"{title} is {state}: only what was carried out can be undone", title=title, state=state
        )


class UndoingIsUnknown(RegistryError):
    """Nobody asked for an annulment or correction under that id."""

    code = "undoing-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no annulment or correction {wanted}", wanted=wanted)


class UndoingIsDecided(RegistryError):
    """It was approved or rejected already; ask again under a new one."""

    code = "undoing-is-decided"

    def __init__(self, *, state: str) -> None:
        super().__init__(f"this request is {state} already: file a new one", state=state)


class NothingIsCorrected(RegistryError):
    """The act says already what the correction would make it say; give what is different."""

    code = "nothing-is-corrected"

    def __init__(self) -> None:
        super().__init__(
            "the act says all this already: give the day, decree or operations that differ"
        )


class UndoingIsMalformed(RegistryError):
    """A request to annul or correct needs a reason and a decree, and nothing unknown."""

    code = "undoing-is-malformed"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}", where=where, why=why)


class WindowIsInvalid(RegistryError):
    """A dual-name window ends after the act takes effect, and belongs to an act that renames."""

    code = "window-is-invalid"

    def __init__(self, *, until: date, why: str) -> None:
        super().__init__(f"dual names until {until}: {why}", until=until, why=why)
