"""How well a door is proved: A certain, B safely repaired, C a candidate; and a score to rank by."""

from typing import Literal

from geo.geocode.lookups import Attempt
from geo.geocode.parse import Parse

Grade = Literal["A", "B", "C"]
SCORES: dict[Grade, float] = {"A": 1.0, "B": 0.8, "C": 0.5}
MOST_CONTRADICTIONS = 2
"""A door that so many words contradict is not meant."""


def graded(
    reading: Parse, attempt: Attempt, contradictions: int, doubts: int, found: str | None = None
) -> tuple[Grade, float]:
    """The grade of a door and its score.

    Args:
        contradictions: words that are not true of the door.
        doubts: words that are true of it in a way only.
        found: what was found instead of the door looked for.
    """
    grade = _grade(reading, attempt, contradictions, doubts, found)
    loss = 0.15 * contradictions + 0.05 * doubts + 0.1 * (not attempt.complete)
    carrier = reading.carrier
    loss += 0.1 * (carrier is not None and not carrier.safe)
    return grade, max(0.0, SCORES[grade] - (loss if grade != "A" else 0.0))


def _grade(
    reading: Parse, attempt: Attempt, contradictions: int, doubts: int, found: str | None
) -> Grade:
    village = any(t.role == "village" for t in reading.divisions)
    carrier = reading.carrier
    unsafe = carrier is not None and not carrier.safe
    if contradictions or found or unsafe or reading.inside_longer:
        return "C"
    if not (carrier or village):
        return "C"
    repaired = carrier is not None and carrier.how != "exact"
    if repaired or doubts or reading.near or not attempt.complete:
        return "B"
    return "A"
