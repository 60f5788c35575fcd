"""The page of a difference (对比): two points in time, and everything that is not the same."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from markupsafe import Markup

from api.difference import AskedDifference, FoundDifference
from api.language import Language
from api.time_travel import Reader
from api.web.page import render_template
from api.web.picture import CityPicture, city_picture
from api.web.words import WORDS
from registry.addresses.address_code import grouped
from registry.changes.period import AsOf
from registry.divisions.difference import Difference
from registry.divisions.store import DivisionStore

ILLUSTRATIVE = "illustrative"
MOST_DRAWN = 60


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """What the page shows."""

    start: AsOf
    end: AsOf
    within: str | None
    """Name of the division it is narrowed to."""
    found: FoundDifference
    before: CityPicture | None
    after: CityPicture | None
    query: str
    """The parameters, to ask for the same in other forms."""
    next_query: str | None
    public_url: str
    change: int
    language: Language

    def of(self, collection: str) -> list[Difference]:
        """The differences of one collection on this page."""
        return [one for one in self.found.differences if one.collection == collection]

    def says(self, at: AsOf, day: str) -> str:
        """A point in time in words."""
        other = self.start.known != self.end.known
        words = WORDS[self.language]
        return f"{day} ({words['known_after']} {at.known})" if other else day

    @property
    def day(self) -> date:
        """The later day: its links show things as they were then."""
        return self.end.valid_on


def difference_page(
    reading: Reader,
    asked: AskedDifference,
    found: FoundDifference,
    request: Request,
    language: Language,
) -> DifferencePage:
    """Gather what the page shows."""
    given = {
        name: value
        for name, value in request.query_params.items()
        if name not in ("format", "cursor", "limit", "lang")
    }
    store = DivisionStore(reading.connection)
    scope = None if asked.within is None else store.get(asked.within, asked.end).name
    drawn = _drawn(found, asked.within)
    return DifferencePage(
        start=asked.start,
        end=asked.end,
        within=scope,
        found=found,
        before=_picture(store, drawn, asked.start),
        after=_picture(store, drawn, asked.end),
        query=urlencode(given),
        next_query=found.cursor and urlencode({**given, "cursor": found.cursor}),
        public_url=request.app.state.settings.public_url,
        change=reading.at.known,
        language=language,
    )


def render_difference(page: DifferencePage) -> str:
    """The page `/v1/diff` for people: whole HTML, no script."""
    pictures = [
        None if one is None else Markup(city_picture(one, page.language))  # noqa: S704 -- city_picture escapes every text
        for one in (page.before, page.after)
    ]
    return render_template(
        "diff.html",
        page.language,
        page=page,
        pictures=pictures,
        grouped=grouped,
        here="/v1/diff",
    )


def _drawn(found: FoundDifference, within: UUID | None) -> list[UUID]:
    """The divisions worth a picture: those that differ, the largest units first."""
    differing = [one for one in found.differences if one.collection == "divisions"]
    townships = [one for one in differing if "kind" in one.fields or not one.fields]
    chosen = townships or differing
    return [one.id for one in chosen[:MOST_DRAWN]] or ([within] if within else [])


def _picture(store: DivisionStore, units: list[UUID], at: AsOf) -> CityPicture | None:
    names = {unit: one.name for unit, one in store.many(units, at).items()}
    held = store.territories(list(names), at)
    if not held:
        return None
    return CityPicture(
        tuple((names[unit], one.territory) for unit, one in held.items()),
        illustrative=any(one.basis == ILLUSTRATIVE for one in held.values()),
    )
