"""How well a corpus is geocoded: recall and the precision of certainty, by class of noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.corpus import NOWHERE, Case, by_noise
from geo.geocode.match import Match

Ask = Callable[[str], Sequence[Match]]


@dataclass(frozen=True, slots=True)
class Score:
    """One class of noise."""

    noise: str
    asked: int
    right: int
    """Texts whose first answer is the address meant; none for texts that mean no address."""
    certain: int
    """Texts answered with grade A."""
    certain_and_right: int
    found: int
    """Texts answered with grade A or B."""

    @property
    def recall(self) -> float:
        """Share of texts whose first answer is right."""
        return self.right / self.asked if self.asked else 0.0


def score(corpus: Sequence[Case], ask: Ask) -> tuple[list[Score], list[tuple[Case, Match | None]]]:
    """The scores of all classes, and the cases that went wrong with what was answered."""
    scores, wrong = [], []
    for noise, cases in by_noise(corpus):
        right = certain = certain_right = found = 0
        for case in cases:
            matches = ask(case.text)
            best = matches[0] if matches else None
            is_right = best is not None and best.door.code == case.code
            right += is_right
            certain += best is not None and best.grade == "A"
            certain_right += is_right and best is not None and best.grade == "A"
            found += best is not None and best.grade != "C"
            if not is_right and (noise not in NOWHERE or (best and best.grade != "C")):
                wrong.append((case, best))
        scores.append(Score(noise, len(cases), right, certain, certain_right, found))
    return scores, wrong


def precision_of_certain(scores: Sequence[Score]) -> float:
    """Of all answers of grade A, the share that is right."""
    certain = sum(one.certain for one in scores)
    return sum(one.certain_and_right for one in scores) / certain if certain else 1.0
