"""Dual-name texts in a question: 马巷街道（原马巷镇） names a division twice, and both must be true."""

import re
from collections.abc import Iterable
from dataclasses import replace

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.match import Match
from geo.geocode.proof import MatchedToken, Via

FORMER = re.compile("[（(]原(?P<names>[^（）()]+)[）)]")
BETWEEN = "、"
DUAL = "former name beside the new one"


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without its brackets of former names, and the names that stood in them."""
    names = [name for found in FORMER.finditer(text) for name in found["names"].split(BETWEEN)]
    return FORMER.sub("", text), tuple(name.strip() for name in names if name.strip())


def proven(matches: Iterable[Match], names: tuple[str, ...], gazetteer: Gazetteer) -> list[Match]:
    """Matches whose former names in brackets are told and, where they never stood above the door,
    held against it: a candidate then, no more."""
    found = list(matches)
    for name in names:
        found = [_told(match, name, gazetteer) for match in found]
    return found


def _told(match: Match, name: str, gazetteer: Gazetteer) -> Match:
    held = [
        one
        for one in gazetteer.ancestors_ever(match.door.division_id)
        if one.period.name == name and one.ended_by is not None
    ]
    if not held:
        token = MatchedToken(name, "division", None, "contradicts the door")
        return replace(match, grade="C", score=min(match.score, 0.5), tokens=(*match.tokens, token))
    last = held[-1]
    act = last.ended_by
    via = Via(
        text=name,
        now=_now(match, last.period.level, gazetteer),
        division_id=last.period.division_id,
        ended_on=last.until,
        decree=act.decree if act else None,
        change=act.change if act else None,
    )
    token = MatchedToken(name, "division", name, DUAL)
    return replace(match, tokens=(*match.tokens, token), via=(*match.via, via))


def _now(match: Match, level: int, gazetteer: Gazetteer) -> str | None:
    last = None
    for one in gazetteer.ancestors_ever(match.door.division_id):
        if one.period.level == level and one.until is None:
            last = one.period.name
    return last
