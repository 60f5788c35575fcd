"""The page of changes (变更公告): what was recorded, newest first, and where to see what it did."""

from dataclasses import dataclass
from datetime import datetime

from api.clock import SHANGHAI
from api.language import Language
from api.web.page import render_template
from registry.changes.model import Change


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A part of the log, newest first."""

    changes: tuple[Change, ...]
    head: int
    older: int | None
    """The number below which the next page begins; None: this is the end."""
    public_url: str
    language: Language

    def moment(self, recorded_at: datetime) -> str:
        """When the registry knew, in Shanghai."""
        return f"{recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def render_changes(page: ChangesPage) -> str:
    """The page `/changes`: whole HTML, no script."""
    return render_template("changes.html", page.language, page=page, here="/changes")
