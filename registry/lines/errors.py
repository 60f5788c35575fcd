"""How the registry refuses what is asked of lines and markers."""

from registry.errors import RegistryError


class LineIsUnknown(RegistryError):
    """No boundary line has that id."""

    code = "line-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no boundary line {wanted}", wanted=wanted)


class MarkerIsUnknown(RegistryError):
    """No boundary marker has that id."""

    code = "marker-is-unknown"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"there is no boundary marker {wanted}", wanted=wanted)


class MarkerNumberIsInvalid(RegistryError):
    """A marker's number is four digits of its line, three of its place, and the letter of its kind."""

    code = "marker-number-is-invalid"

    def __init__(self, *, number: str, kind: str, letters: str) -> None:
        super().__init__(
            f"{number!r} is no number of a {kind} marker: four digits of the line, 001 to 999, "
            f"then one of {letters}",
            number=number,
            kind=kind,
            letters=letters,
        )


class MarkerIsOffItsLine(RegistryError):
    """A marker stands on its line; move neither without the other side."""

    code = "marker-is-off-its-line"

    def __init__(self, *, number: str, away_m: float) -> None:
        super().__init__(
            f"marker {number} would stand {away_m:,.1f} m from its line",
            number=number,
            away_m=round(away_m, 1),
        )
