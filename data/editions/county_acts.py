"""Operations on counties and the units above: codes, names, kinds, mergers, new ones."""

from collections.abc import Iterator

from data.editions.loading import layer_of
from data.editions.proposal import Proposed, Ref, Theme
from data.editions.roles import Roles
from data.editions.units import COUNTY, ListedUnit
from registry.divisions.model import STATUTORY

UPPER = (1, 2, COUNTY)
MADE_OF = 0.95
FROM_NOTHING = 0.6
"""Confidence that a unit without known origin is new: it may have been overlooked before."""


def county_acts(roles: Roles) -> Iterator[Proposed]:
    """Everything that happened to counties, cities and provinces."""
    for level in UPPER:
        for new in roles.come(level):
            yield establishment(roles, new, Theme.COUNTY)
    yield from mergers(roles, COUNTY, Theme.COUNTY)
    for level in UPPER:
        for old, new in roles.going_on(level):
            yield from _changes(roles, old, new)
    yield from ends(roles, COUNTY, Theme.COUNTY)


def mergers(roles: Roles, level: int, theme: Theme) -> Iterator[Proposed]:
    """Everything of a level that was merged."""
    for new in sorted(roles.merged):
        if roles.after.units[new].level == level:
            yield merger(roles, new, theme)


def ends(roles: Roles, level: int, theme: Theme) -> Iterator[Proposed]:
    """Everything of a level that ended and left its parts to others."""
    for old, new in sorted(roles.absorbed.items()):
        if roles.before.units[old].level == level:
            yield absorption(roles, old, new, theme)
    for old in roles.ended(level):
        if roles.heirs(old):
            yield ending(roles, old, theme)


def _changes(roles: Roles, old: str, new: str) -> Iterator[Proposed]:
    was, now = roles.before.units[old], roles.after.units[new]
    match = roles.comparison.matches.match_of(old)
    assert match is not None  # it goes on
    known = was.listed and now.listed
    uid = f"-{old}"
    say = {"county": new, "theme": Theme.COUNTY, "confidence": match.confidence}
    codes = {uid: now.code} if now.code and was.code != now.code else {}
    ref = Ref(uid)
    if known and was.kind is not now.kind:
        fields = {"division": ref, "kind": now.kind.value, "name": now.name}
        yield Proposed(
            "retype",
            fields,
            evidence=match.evidence,
            codes=codes,
            renames={uid: now.name},
            **say,  # type: ignore[arg-type]  # -- one reading of the same match for all three
        )
    elif known and was.name != now.name:
        fields = {"division": ref, "name": now.name}
        yield Proposed(
            "rename",
            fields,
            evidence=match.evidence,
            renames={uid: now.name},
            **say,  # type: ignore[arg-type]  # -- as above
        )
    if codes and not (known and was.kind is not now.kind):
        yield Proposed("recode", {}, evidence=match.evidence, codes=codes, **say)  # type: ignore[arg-type]  # -- as above
    yield from _move(roles, old, new, match.confidence)


def _move(roles: Roles, old: str, new: str, confidence: float) -> Iterator[Proposed]:
    above, now = roles.before.units[old].parent, roles.after.units[new].parent
    if above is None or now is None:
        return
    home = roles.home(above)
    if home != now and now in roles.after.units:
        to = roles.uid_of_new(now)
        yield Proposed(
            "reparent",
            {"division": Ref(f"-{old}"), "to": Ref(to)},
            new,
            Theme.COUNTY,
            confidence,
            ("listed under another unit",),
            moves={f"-{old}": to},
        )


def establishment(roles: Roles, new: str, theme: Theme) -> Proposed:
    """A unit that continues none."""
    unit = roles.after.units[new]
    origins = roles.flows(unit.level).origins.get(new, {})
    evidence = _made_of(roles, unit) if origins else "not in the earlier list under any name"
    fields = {
        "name": unit.name,
        "published_name": unit.published_name,
        "kind": unit.kind.value,
        "layer": layer_of(unit.kind),
        "parent": None if unit.parent is None else Ref(roles.uid_of_new(unit.parent)),
    }
    if fields["layer"] == STATUTORY:
        del fields["layer"]
    uid = f"+{new}"
    return Proposed(
        "establish",
        {key: value for key, value in fields.items() if value is not None},
        roles.after.county_of[new],
        theme,
        MADE_OF if origins else FROM_NOTHING,
        (evidence,),
        codes={uid: unit.code} if unit.code else {},
        coins=uid,
        renames={uid: unit.name},
        moves={} if unit.parent is None else {uid: roles.uid_of_new(unit.parent)},
        towns=_towns(unit),
    )


def merger(roles: Roles, new: str, theme: Theme) -> Proposed:
    """Several units that became one new one (合并)."""
    unit, joined = roles.after.units[new], roles.merged[new]
    uid = f"+{new}"
    return Proposed(
        "merge",
        {
            "divisions": [Ref(f"-{old}") for old in joined],
            "into": {
                "name": unit.name,
                "kind": unit.kind.value,
                **({} if unit.parent is None else {"parent": Ref(roles.uid_of_new(unit.parent))}),
            },
        },
        roles.after.county_of[new],
        theme,
        min(roles.confidence_of_end(old) for old in joined),
        (_made_of(roles, unit),),
        codes={uid: unit.code} if unit.code else {},
        coins=uid,
        ends=frozenset(f"-{old}" for old in joined),
        renames={uid: unit.name},
        moves={} if unit.parent is None else {uid: roles.uid_of_new(unit.parent)},
        towns=_towns(unit),
    )


def absorption(roles: Roles, old: str, new: str, theme: Theme) -> Proposed:
    """A unit that ended whole in one that goes on (并入)."""
    flows = roles.flows(roles.before.units[old].level)
    known = flows.knows(old)
    return Proposed(
        "absorb",
        {"divisions": [Ref(f"-{old}")], "into": Ref(roles.uid_of_new(new))},
        roles.after.county_of[new],
        theme,
        roles.confidence_of_end(old) if known else FROM_NOTHING,
        (
            f"{flows.share(old, new):.0%} of its {flows.basis} are there"
            if known
            else "the new, compound name names it",
        ),
        ends=frozenset({f"-{old}"}),
        towns=_towns(roles.after.units[new]),
    )


def ending(roles: Roles, old: str, theme: Theme) -> Proposed:
    """A unit that ended and left its parts to several (撤销)."""
    heirs = roles.heirs(old)
    flows = roles.flows(roles.before.units[old].level)
    shares = ", ".join(f"{roles.after.name(new)} {flows.share(old, new):.0%}" for new in heirs)
    return Proposed(
        "abolish",
        {
            "division": Ref(f"-{old}"),
            "successors": [Ref(roles.uid_of_new(new)) for new in heirs],
        },
        roles.comparison.county_now(old),
        theme,
        roles.confidence_of_end(old),
        (f"its {flows.basis} went to {shares}",),
        ends=frozenset({f"-{old}"}),
        towns=frozenset(heirs),
    )


def _made_of(roles: Roles, unit: ListedUnit) -> str:
    flows = roles.flows(unit.level)
    origins = flows.origins.get(unit.key, {})
    parts = sorted(origins, key=lambda old: (-origins[old], old))
    shares = ", ".join(
        f"{roles.before.name(old)} {flows.source_share(old, unit.key):.0%}" for old in parts
    )
    return f"by {flows.basis} made of {shares}"


def _towns(unit: ListedUnit) -> frozenset[str]:
    if unit.level == COUNTY + 1:
        return frozenset({unit.key})
    return frozenset({unit.parent}) if unit.parent and unit.level > COUNTY + 1 else frozenset()
