"""The surveyors' page: what is open, what is overdue, the lines and their markers."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from api.language import Language
from api.web.boundary_words import BOUNDARY_WORDS
from api.web.page import render_template
from api.web.survey_words import SURVEY_WORDS
from registry.boundaries.model import BoundaryUpdate, UpdateState
from registry.lines.model import BoundaryLine, BoundaryMarker

KM = 1000.0


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """What the page shows."""

    updates: Mapping[UpdateState, tuple[BoundaryUpdate, ...]]
    """Those that are open, by state, the latest first."""
    most: int
    """How many of a state are listed at most."""
    overdue: tuple[BoundaryLine, ...]
    unsound: tuple[BoundaryMarker, ...]
    """Markers that are damaged or missing."""
    numbered: tuple[BoundaryLine, ...]
    """Lines with a number, on the first page only."""
    lines: tuple[BoundaryLine, ...]
    markers: Mapping[UUID, tuple[BoundaryMarker, ...]]
    """Of the lines that are listed, by line."""
    following: UUID | None
    """The line the next page begins after; None: there is none."""
    change: int
    language: Language


def render_survey(page: SurveyPage) -> str:
    """The page `/survey`: whole HTML, no script."""
    return render_template(
        "survey.html",
        page.language,
        page=page,
        said=SURVEY_WORDS[page.language],
        update_words=BOUNDARY_WORDS[page.language],
        km=lambda length_m: f"{length_m / KM:,.2f}",
        here="/survey",
    )
