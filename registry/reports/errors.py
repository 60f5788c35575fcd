"""How the registry refuses what is asked of a report (公众报告): one class per broken rule."""

from registry.errors import RegistryError


class ReportIsUnknown(RegistryError):
    """No report has that ticket or id; compare the ticket character by character."""

    code = "report-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no report {wanted}", wanted=wanted)


class ReportIsSettled(RegistryError):
    """A report that was resolved or declined stays so; what is still wrong is reported anew."""

    code = "report-is-settled"

    def __init__(self, *, state: str, step: str) -> None:
        super().__init__(f"cannot make a report {step} that is {state}", state=state, step=step)
