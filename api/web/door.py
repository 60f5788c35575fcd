"""What the page of a door works out from what the registry knows of it."""

from typing import TYPE_CHECKING

from api.web.latin import proposed
from api.web.navigation import AppLink, app_links
from api.web.spoken import spelled, spoken
from api.web.standing import SAYINGS, TONES
from api.web.words import WORDS

if TYPE_CHECKING:
    from api.web.page import AddressPage

OFFICES = {
    "community": "office_community",
    "village": "office_village",
    "subdistrict": "office_subdistrict",
    "town": "office_town",
    "township": "office_town",
}
"""Kinds of divisions whose office a resident goes to, and what it is called."""


def links(page: "AddressPage") -> tuple[AppLink, ...]:
    """Map apps at the door; none when its position is not known."""
    if page.lon is None or page.lat is None:
        return ()
    return app_links(
        (page.lon, page.lat),
        name=page.plate_line,
        accuracy_m=page.accuracy_m,
        language=page.language,
    )


def to_read_out(page: "AddressPage") -> str | None:
    """The emergency text in the page's language; None: the position is not known."""
    if page.lon is None or page.lat is None:
        return None
    chinese = page.language == "zh"
    below = [unit for unit in page.divisions[-2:] if unit.kind in OFFICES]
    names = [unit.name if chinese else unit.romanisation or proposed(unit.name) for unit in below]
    units = "".join(names) if chinese else ", ".join(reversed(names))
    text = page.text if chinese else page.english or page.text
    where = page.whereabouts
    if where is not None and not chinese:
        where = spelled(where)
    return spoken(text, units, where, (page.lon, page.lat), page.language)


def offices(page: "AddressPage") -> tuple[tuple[str, str], ...]:
    """Of each smallest division the name of its office in Chinese, and what it is."""
    zh, own = WORDS["zh"], WORDS[page.language]
    return tuple(
        (unit.name + zh[OFFICES[unit.kind]], own[OFFICES[unit.kind]])
        for unit in reversed(page.divisions)
        if unit.kind in OFFICES
    )


def standing(page: "AddressPage") -> tuple[str, str, str, str]:
    """Colour, sign, title and meaning of what is said first."""
    if page.plate is None:
        return ("plain", "i", *SAYINGS[page.language]["unscanned"])
    return (*TONES[page.plate.standing], *SAYINGS[page.language][page.plate.standing])
