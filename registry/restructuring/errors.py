"""Rules of a restructuring's life: what its steps are refused for."""

from collections.abc import Sequence

from registry.errors import RegistryError


class CaseIsUnknown(RegistryError):
    """No restructuring belongs to that case; leave `case` out to open one."""

    code = "case-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no case {wanted!r}: leave `case` out to open one", wanted=wanted)


class ScenarioIsTaken(RegistryError):
    """The act has a scenario of that name already; take another name."""

    code = "scenario-is-taken"

    def __init__(self, *, act: int, scenario: str) -> None:
        super().__init__(
            f"act {act} of this case has a scenario {scenario!r} already",
            act=act,
            scenario=scenario,
        )


class ActIsSettled(RegistryError):
    """A scenario of this act has been carried out, so no other can be."""

    code = "act-is-settled"

    def __init__(self, *, act: int, scenario: str, change: int | None) -> None:
        super().__init__(
            f"act {act} was settled by scenario {scenario!r} (change {change})",
            act=act,
            scenario=scenario,
            change=change,
        )


class EarlierActIsOpen(RegistryError):
    """Acts of a case follow each other: carry the earlier one out first, or withdraw it."""

    code = "earlier-act-is-open"

    def __init__(self, *, act: int, earlier: int, open_: Sequence[str]) -> None:
        super().__init__(
            f"act {act} comes after act {earlier}, which is not settled: {', '.join(open_)}",
            act=act,
            earlier=earlier,
            open=list(open_),
        )


class AuthorityIsTooLow(RegistryError):
    """The decree's authority may not approve this; approving it needs a written reason."""

    code = "authority-is-too-low"

    def __init__(self, *, authority: str, needed: str) -> None:
        super().__init__(
            f"{authority} may not approve this, it takes {needed}: correct the decree, or give a "
            "written `reason`",
            authority=authority,
            needed=needed,
        )


class AnnouncementIsIncomplete(RegistryError):
    """An announcement carries every field the rules demand; the missing ones are listed."""

    code = "announcement-is-incomplete"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"the announcement lacks: {'; '.join(missing)}", missing=list(missing))


class PaperWasEdited(RegistryError):
    """Somebody changed it since it was read; read it again and repeat the edit on that."""

    code = "paper-was-edited"

    def __init__(self, *, given: str, revision: int) -> None:
        super().__init__(
            f"the edit was made on {given}, the restructuring is at revision {revision}",
            given=given,
            revision=revision,
        )


class MilestoneIsUnknown(RegistryError):
    """Only the dates the rules ask for are recorded."""

    code = "milestone-is-unknown"

    def __init__(self, given: str, known: Sequence[str]) -> None:
        super().__init__(f"{given!r} is none of {', '.join(known)}", given=given, known=list(known))
