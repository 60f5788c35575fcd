"""What to read out to 110, 119 or 120: the address, where it lies in words, and the position."""

import re
from dataclasses import dataclass, replace
from typing import Final

from api.language import Language
from api.web.compass import WINDS
from api.web.latin import proposed

AT_THE_CROSSING_M: Final = 25.0
ROUNDED_M: Final = 10
_PLATE: Final = re.compile(r"(?P<carrier>.+?)(?P<number>[0-9]+)号(?:之(?P<sub>[0-9A-Z]+))?")


@dataclass(frozen=True, slots=True)
class Crossing:
    """The nearest crossing of roads."""

    roads: tuple[str, str]
    wind: int
    """Which of the eight winds the door lies to, seen from there, clockwise from north."""
    metres: float


@dataclass(frozen=True, slots=True)
class Roadside:
    """The road a door stands at."""

    road: str
    wind: int | None
    """On which side of it; None: on the line itself."""
    parity: str | None
    """`odd` or `even`: whose numbers stand on that side; None: both, or not known."""
    metres: float


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a door lies, for somebody who has to find it; None: not known, or too far to help."""

    roadside: Roadside | None = None
    crossing: Crossing | None = None
    neighbours: tuple[str, ...] = ()
    """What the plates of the nearest doors show, the nearest first."""


_ZH: Final = {
    "address": "我在{}。",
    "side": "门在{road}{wind}侧",
    "odd": "（单号一侧）",
    "even": "（双号一侧）",
    "at": "，就在{one}与{other}路口",
    "from": "，位于{one}与{other}路口{wind}方向约{metres}米",
    "at_alone": "就在{one}与{other}路口",
    "from_alone": "位于{one}与{other}路口{wind}方向约{metres}米",
    "end": "。",
    "unit": "属于{}。",
    "neighbours": "旁边是{}。",
    "and": "和",
    "position": "北纬{lat}度，东经{lon}度。",
    "south": "南纬{lat}度，东经{lon}度。",
}
_EN: Final = {
    "address": "I am at {}. ",
    "side": "The door is on the {wind} side of {road}",
    "odd": " (the side with odd numbers)",
    "even": " (the side with even numbers)",
    "at": ", at the crossing of {one} and {other}",
    "from": ", about {metres} metres {wind} of the crossing of {one} and {other}",
    "at_alone": "It is at the crossing of {one} and {other}",
    "from_alone": "It is about {metres} metres {wind} of the crossing of {one} and {other}",
    "end": ". ",
    "unit": "It belongs to {}. ",
    "neighbours": "Next to it are {}. ",
    "and": " and ",
    "position": "Latitude {lat} north, longitude {lon} east.",
    "south": "Latitude {lat} south, longitude {lon} east.",
}
_FORMS: Final[dict[Language, dict[str, str]]] = {"zh": _ZH, "en": _EN}


def spelled(where: Whereabouts) -> Whereabouts:
    """The same with names in pinyin, for somebody who reads no Chinese but must say them."""
    side, crossing = where.roadside, where.crossing
    return Whereabouts(
        None if side is None else replace(side, road=proposed(side.road)),
        None
        if crossing is None
        else replace(crossing, roads=(proposed(crossing.roads[0]), proposed(crossing.roads[1]))),
        tuple(map(_plate_spelled, where.neighbours)),
    )


def _plate_spelled(shown: str) -> str:
    found = _PLATE.fullmatch(shown)
    if found is None:
        return shown
    sub = f"-{found['sub']}" if found["sub"] else ""
    return f"No. {found['number']}{sub} {proposed(found['carrier'])}"


def spoken(
    address: str,
    units: str,
    where: Whereabouts | None,
    position: tuple[float, float] | None,
    language: Language,
) -> str:
    """The text, in one paragraph that can be read out as it stands.

    Args:
        units: the smallest divisions, as one text.
        position: longitude and latitude, degrees, WGS 84.
    """
    forms = _FORMS[language]
    said = forms["address"].format(address)
    said += "" if where is None else _in_words(where, language)
    said += forms["unit"].format(units) if units else ""
    if position is not None:
        lon, lat = position
        form = forms["position" if lat >= 0 else "south"]
        said += form.format(lat=f"{abs(lat):.5f}", lon=f"{lon:.5f}")
    return said.strip()


def _in_words(where: Whereabouts, language: Language) -> str:
    forms, side = _FORMS[language], where.roadside
    said = ""
    if side is not None and side.wind is not None:
        said = forms["side"].format(road=side.road, wind=WINDS[language][side.wind])
        said += forms[side.parity] if side.parity else ""
    if where.crossing is not None:
        said += _crossing(where.crossing, language, alone=not said)
    said = f"{said}{forms['end']}" if said else ""
    if where.neighbours:
        said += forms["neighbours"].format(forms["and"].join(where.neighbours))
    return said


def _crossing(crossing: Crossing, language: Language, *, alone: bool) -> str:
    key = "at" if crossing.metres < AT_THE_CROSSING_M else "from"
    return _FORMS[language][f"{key}_alone" if alone else key].format(
        one=crossing.roads[0],
        other=crossing.roads[1],
        wind=WINDS[language][crossing.wind],
        metres=max(ROUNDED_M, round(crossing.metres / ROUNDED_M) * ROUNDED_M),
    )
