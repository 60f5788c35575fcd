"""The page of the consumer board (下游系统): who has moved to which change, who lags."""

from dataclasses import dataclass

from api.language import Language
from api.web.page import render_template
from api.web.words import WORDS
from registry.subscriptions.consumers import Board

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class ConsumersPage:
    """What the page shows."""

    board: Board
    public_url: str
    language: Language


def render_consumers(page: ConsumersPage) -> str:
    """The page `/consumers`: whole HTML, no script."""
    return render_template(
        "consumers.html",
        page.language,
        page=page,
        board=page.board,
        age=lambda seconds: age(seconds, page.language),
        here="/consumers",
    )


def age(seconds: float, language: Language) -> str:
    """A length of time as people say it: the largest unit that fits, whole."""
    words = WORDS[language]
    for unit_s, word in ((DAY_S, "days"), (HOUR_S, "hours"), (MINUTE_S, "minutes")):
        if seconds >= unit_s:
            return f"{int(seconds // unit_s)} {words[word]}"
    return f"{int(seconds)} {words['seconds']}"
