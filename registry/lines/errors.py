"""How the registry refuses what is asked of lines and markers."""

from datetime import date

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


class LineNumberIsTaken(RegistryError):
    """No two lines of one division bear one number: markers are numbered by it."""

    code = "line-number-is-taken"

    def __init__(self, *, number: str, line: str) -> None:
        super().__init__(
            f"line {line} of the same division bears the number {number}", number=number, line=line
        )


class MarkerNumberIsTaken(RegistryError):
    """A place in a line's series is given once, whatever the letter of the kind."""

    code = "marker-number-is-taken"

    def __init__(self, *, number: str, taken: str) -> None:
        super().__init__(
            f"marker {taken} of the line stands at the place {number} would have in its series",
            number=number,
            taken=taken,
        )


class MarkerNumberIsOfAnotherLine(RegistryError):
    """A marker's number begins with the number of its line."""

    code = "marker-number-is-of-another-line"

    def __init__(self, *, number: str, line: str) -> None:
        super().__init__(f"{number} does not begin with {line}", number=number, line=line)


class DayIsToCome(RegistryError):
    """An agreement, an inspection or a photograph is of a day that has come."""

    code = "day-is-to-come"

    def __init__(self, *, day: date, today: date) -> None:
        super().__init__(f"{day} is to come; today is {today}", day=str(day), today=str(today))


class LineHasNoNumber(RegistryError):
    """Markers are numbered after their line: give the line a number first."""

    code = "line-has-no-number"

    def __init__(self, line: str) -> None:
        super().__init__(f"line {line} has no number; describe it with one first", line=line)


class SeriesIsFull(RegistryError):
    """A line has places for 999 markers."""

    code = "series-is-full"

    def __init__(self, *, line: str, count: int) -> None:
        super().__init__(f"line {line} has no place for marker {count}", line=line, count=count)


class SegmentsDoNotJoin(RegistryError):
    """The segments of a line follow each other without a gap, from marker to marker or named spot."""

    code = "segments-do-not-join"

    def __init__(self, *, place: int, why: str) -> None:
        super().__init__(f"segment {place}: {why}", place=place, why=why)


class AgreementIsUnreadable(RegistryError):
    """An agreement is a PDF that opens, or a JPEG or PNG picture, within the limits."""

    code = "agreement-is-unreadable"

    def __init__(self, why: str) -> None:
        super().__init__(f"the agreement cannot be kept: {why}", why=why)
