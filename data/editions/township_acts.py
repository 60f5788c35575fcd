"""Operations on townships: kinds, names, codes, parents, mergers, new ones, ends."""

from collections.abc import Iterator

from data.editions.county_acts import ends, establishment, mergers
from data.editions.matching import Match
from data.editions.proposal import Proposed, Ref, Theme
from data.editions.roles import Roles
from data.editions.units import TOWNSHIP, ListedUnit

RENAME_OR_NEW = "同一单位更名，还是撤一设一？"
NAME_CHANGED = 0.6
"""Confidence below which a rename may as well be two events."""


def township_acts(roles: Roles) -> Iterator[Proposed]:
    """New townships first, so that members can be moved to them; ends come last, see there."""
    for new in roles.come(TOWNSHIP):
        yield establishment(roles, new, Theme.TOWNSHIP)
    yield from mergers(roles, TOWNSHIP, Theme.TOWNSHIP)
    for old, new in roles.going_on(TOWNSHIP):
        yield from _changes(roles, old, new)


def township_ends(roles: Roles) -> Iterator[Proposed]:
    """Townships that ended, once their members have moved."""
    yield from ends(roles, TOWNSHIP, Theme.TOWNSHIP)


def _changes(roles: Roles, old: str, new: str) -> Iterator[Proposed]:
    was, now = roles.before.units[old], roles.after.units[new]
    if not (was.listed and now.listed):
        return
    match = roles.comparison.matches.match_of(old)
    assert match is not None  # it goes on
    codes = {f"-{old}": now.code} if now.code and was.code != now.code else {}
    moved = _reparent(roles, old, new, match, codes)
    if moved is not None:
        yield moved
        codes = {}
    if was.kind is not now.kind:
        yield _conversion(roles, old, new, match, codes)
        return
    if was.name != now.name or was.published_name != now.published_name:
        yield _rename(roles, old, new, match)
    if codes:
        county = roles.after.county_of[new]
        theme = Theme.COUNTY if roles.before.county_of[old] != county else Theme.TOWNSHIP
        yield Proposed(
            "recode",
            {},
            county,
            theme,
            match.confidence,
            match.evidence,
            codes=codes,
            towns=frozenset({new}),
        )


def _conversion(roles: Roles, old: str, new: str, match: Match, codes: dict[str, str]) -> Proposed:
    now = roles.after.units[new]
    return Proposed(
        "retype",
        {"division": Ref(f"-{old}"), "kind": now.kind.value, **_as_named(now)},
        roles.after.county_of[new],
        Theme.CONVERSION,
        match.confidence,
        match.evidence,
        codes=codes,
        renames={f"-{old}": now.name},
        towns=frozenset({new}),
    )


def _as_named(unit: ListedUnit) -> dict[str, str]:
    if unit.published_name == unit.name:
        return {"name": unit.name}
    return {"name": unit.name, "published_name": unit.published_name}


def _rename(roles: Roles, old: str, new: str, match: Match) -> Proposed:
    was, now = roles.before.units[old], roles.after.units[new]
    doubtful = match.confidence < NAME_CHANGED
    return Proposed(
        "rename",
        {"division": Ref(f"-{old}"), **_as_named(now)},
        roles.after.county_of[new],
        Theme.FORM if was.name == now.name else Theme.TOWNSHIP,
        match.confidence,
        match.evidence,
        renames={f"-{old}": now.name},
        towns=frozenset({new}),
        questions=(f"{was.code} 由{was.name}变为{now.name}：{RENAME_OR_NEW}",) if doubtful else (),
    )


def _reparent(
    roles: Roles, old: str, new: str, match: Match, codes: dict[str, str]
) -> Proposed | None:
    above, now = roles.before.units[old].parent, roles.after.units[new].parent
    if above is None or now is None or roles.home(above) == now:
        return None
    to = roles.uid_of_new(now)
    kind_stays = roles.before.units[old].kind is roles.after.units[new].kind
    return Proposed(
        "reparent",
        {"division": Ref(f"-{old}"), "to": Ref(to)},
        roles.after.county_of[new],
        Theme.COUNTY,
        match.confidence,
        (*match.evidence, "listed under another unit"),
        codes=codes if kind_stays else {},
        moves={f"-{old}": to},
        towns=frozenset({new}),
    )
