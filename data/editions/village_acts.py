"""Operations on villages: moves between townships, names, kinds, codes, new ones, ends."""

from collections import defaultdict
from collections.abc import Iterator

from data.editions.county_acts import establishment
from data.editions.proposal import Proposed, Ref, Theme
from data.editions.roles import Roles
from data.editions.spelling import stem
from data.editions.township_acts import RENAME_OR_NEW
from data.editions.units import VILLAGE

Moves = dict[str, list[tuple[str, str]]]
"""New township -> old and new keys of villages."""
DOUBTFUL = 0.85
"""Confidence below which another name may as well be another village."""


def village_acts(roles: Roles) -> Iterator[Proposed]:
    """Everything that happened to villages that go on, and the new ones."""
    moved, recoded = _moves(roles)
    for to, pairs in sorted(moved.items()):
        yield _transfer(roles, to, pairs)
    for to, pairs in sorted(recoded.items()):
        yield from _recodes(roles, to, pairs)
    for old, new in roles.going_on(VILLAGE):
        yield from _names(roles, old, new)
    for new in roles.come(VILLAGE):
        yield establishment(roles, new, Theme.VILLAGE)


def _moves(roles: Roles) -> tuple[Moves, Moves]:
    moved: Moves = defaultdict(list)
    recoded: Moves = defaultdict(list)
    for old, new in roles.going_on(VILLAGE):
        was, now = roles.before.units[old], roles.after.units[new]
        above, to = was.parent, now.parent
        assert above is not None  # a village lies in something
        assert to is not None  # likewise
        if roles.home(above) != to:
            moved[to].append((old, new))
        elif now.code is not None and was.code != now.code:
            recoded[to].append((old, new))
    return moved, recoded


def _transfer(roles: Roles, to: str, pairs: list[tuple[str, str]]) -> Proposed:
    matches = roles.comparison.matches
    target = roles.uid_of_new(to)
    origins = {roles.before.units[old].parent or "" for old, _new in pairs}
    confidence = [match.confidence for old, _new in pairs if (match := matches.match_of(old))]
    homes = {home for one in origins if one in roles.before.units and (home := roles.home(one))}
    return Proposed(
        "transfer",
        {"to": Ref(target), "divisions": [Ref(f"-{old}") for old, _new in pairs]},
        roles.after.county_of[to],
        Theme.TOWNSHIP,
        min(confidence),
        (f"{len(pairs)} villages from {'、'.join(sorted(map(roles.before.name, origins)))}",),
        codes=_codes(roles, pairs),
        moves={f"-{old}": target for old, _new in pairs},
        towns=frozenset({to, *homes}),
    )


def _recodes(roles: Roles, to: str, pairs: list[tuple[str, str]]) -> Iterator[Proposed]:
    """Codes that follow from an act above, or are only given anew."""
    matches = roles.comparison.matches
    by_theme: dict[Theme, list[tuple[str, str]]] = defaultdict(list)
    for old, new in pairs:
        county_moved = roles.before.county_of[old] != roles.after.county_of[new]
        by_theme[Theme.COUNTY if county_moved else Theme.FORM].append((old, new))
    for theme, some in sorted(by_theme.items()):
        yield Proposed(
            "recode",
            {},
            roles.after.county_of[to],
            theme,
            min(match.confidence for old, _new in some if (match := matches.match_of(old))),
            ("the same villages under other codes",),
            codes=_codes(roles, some),
            towns=frozenset({to}),
        )


def _codes(roles: Roles, pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {
        f"-{old}": code
        for old, new in pairs
        if (code := roles.after.units[new].code) and code != roles.before.units[old].code
    }


def _names(roles: Roles, old: str, new: str) -> Iterator[Proposed]:
    was, now = roles.before.units[old], roles.after.units[new]
    if was.published_name == now.published_name and was.kind is now.kind:
        return
    match = roles.comparison.matches.match_of(old)
    assert match is not None  # it goes on
    fields = {"division": Ref(f"-{old}"), "name": now.name, "published_name": now.published_name}
    other_name = stem(was.name, VILLAGE) != stem(now.name, VILLAGE)
    happened = was.name != now.name or was.kind is not now.kind
    asked = other_name and match.confidence < DOUBTFUL
    question = f"{was.code or was.name} 由{was.name}变为{now.name}：{RENAME_OR_NEW}"
    kind = {} if was.kind is now.kind else {"kind": now.kind.value}
    yield Proposed(
        "retype" if kind else "rename",
        {**fields, **kind},
        roles.after.county_of[new],
        Theme.VILLAGE if happened else Theme.FORM,
        match.confidence,
        match.evidence,
        renames={f"-{old}": now.name},
        towns=frozenset({now.parent}) if now.parent else frozenset(),
        questions=(question,) if asked else (),
    )
