"""Operations gathered into likely acts (区划调整), county by county, in the order they came.

The law has several authorities: the State Council changes counties, the province turns a town
into a subdistrict with its territory unchanged, the city then splits it, the county changes
villages. So one difference between two editions is several acts, and those about the same
townships belong to one case.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.editions.county_acts import UPPER, county_acts
from data.editions.proposal import Proposed, Theme
from data.editions.roles import Roles, Uid
from data.editions.spelling import CONTAINED, likeness
from data.editions.township_acts import township_acts, township_ends
from data.editions.units import TOWNSHIP, VILLAGE, ListedUnit
from data.editions.village_acts import village_acts

WORTH_SHOWING = 0.6
"""Likeness of a name that makes a unit a candidate."""
SHOWN = 5
STEPS = (Theme.CONVERSION, Theme.TOWNSHIP)
"""Acts that follow one another in one case: the province converts, the city splits."""
Candidate = tuple[str, str, float]
"""Reference, name and score, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A unit of the earlier edition that no operation speaks of (去向不明)."""

    old: str
    unit: ListedUnit
    county: str
    candidates: Sequence[Candidate]
    """What it might be, best first."""
    with_parent: bool
    """Its township ended too, so the two must end in one act."""

    @property
    def theme(self) -> Theme:
        """What kind of act would end it."""
        if self.unit.level == VILLAGE and not self.with_parent:
            return Theme.VILLAGE
        return Theme.TOWNSHIP if self.unit.level >= TOWNSHIP else Theme.COUNTY


@dataclass(frozen=True, slots=True)
class LikelyAct:
    """What was probably one act of one authority."""

    county: str
    theme: Theme
    proposed: Sequence[Proposed]
    unplaced: Sequence[Unplaced]
    case: str
    """Acts with the same case are steps of one restructuring."""
    step: int
    steps: int


def acts_of(roles: Roles) -> list[LikelyAct]:
    """All acts between two editions, in an order in which they can be carried out."""
    proposed = [
        *county_acts(roles),
        *township_acts(roles),
        *village_acts(roles),
        *township_ends(roles),
    ]
    unplaced = list(_unplaced(roles))
    themes = _joined(roles, proposed, unplaced)
    acts: dict[tuple[Theme, str], tuple[list[Proposed], list[Unplaced]]] = defaultdict(
        lambda: ([], [])
    )
    for one, key in zip(proposed, themes[: len(proposed)], strict=True):
        acts[key][0].append(one)
    for lost, key in zip(unplaced, themes[len(proposed) :], strict=True):
        acts[key][1].append(lost)
    return _cases(acts)


def _joined(
    roles: Roles, proposed: Sequence[Proposed], unplaced: Sequence[Unplaced]
) -> list[tuple[Theme, str]]:
    """Theme and county of the act each operation, and each lost unit, goes to.

    Village matters inside townships that are restructured belong to that act. Operations that
    hand a code on, or end a unit whose members others move, cannot be taken apart.
    """
    restructured = {
        (one.county, town) for one in proposed if one.theme is Theme.TOWNSHIP for town in one.towns
    }
    keys = [(_theme(one, restructured), one.county) for one in proposed]
    keys += [(lost.theme, lost.county) for lost in unplaced]
    bonds = _Bonds(len(keys))
    _bind(bonds, roles, keys, proposed, unplaced)
    first: dict[int, tuple[Theme, str]] = {}
    for number, key in enumerate(keys):
        root = bonds.root(number)
        first[root] = min(first.get(root, key), key)
    return [first[bonds.root(number)] for number in range(len(keys))]


def _theme(one: Proposed, restructured: set[tuple[str, str]]) -> Theme:
    in_the_middle = any((one.county, town) in restructured for town in one.towns)
    return Theme.TOWNSHIP if one.theme > Theme.TOWNSHIP and in_the_middle else one.theme


class _Bonds:
    """What must stay together (union-find)."""

    def __init__(self, size: int) -> None:
        self._up = list(range(size))

    def root(self, one: int) -> int:
        while self._up[one] != one:
            self._up[one] = self._up[self._up[one]]
            one = self._up[one]
        return one

    def tie(self, numbers: Iterable[int]) -> None:
        """Keep these together."""
        roots = sorted({self.root(one) for one in numbers})
        for root in roots[1:]:
            self._up[root] = roots[0]


def _bind(
    bonds: _Bonds,
    roles: Roles,
    keys: Sequence[tuple[Theme, str]],
    proposed: Sequence[Proposed],
    unplaced: Sequence[Unplaced],
) -> None:
    frees, gives = _codes_handed_on(roles, proposed, unplaced)
    for code, givers in gives.items():
        if frees.get(code):
            bonds.tie([*givers, *frees[code]])
    ended = {uid for one in proposed for uid in one.ends} | {f"-{one.old}" for one in unplaced}
    for uid, numbers in _leaving(roles, proposed, unplaced).items():
        if uid in ended:
            bonds.tie(numbers)
    coined = {one.coins: number for number, one in enumerate(proposed) if one.coins}
    for number, one in enumerate(proposed):
        # Who is spoken of must be there already, or be set up in the same act.
        bonds.tie(
            [number]
            + [
                coined[uid]
                for uid in one.spoken_of() & coined.keys()
                if keys[coined[uid]] > keys[number]
            ]
        )


def _codes_handed_on(
    roles: Roles, proposed: Sequence[Proposed], unplaced: Sequence[Unplaced]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """By code: the operations that set it free, and those that give it."""
    borne = {f"-{key}": unit.code for key, unit in roles.before.units.items()}
    frees: dict[str, list[int]] = defaultdict(list)
    gives: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(proposed):
        for code in one.codes.values():
            gives[code].append(number)
        for uid in (*one.codes, *one.ends):
            if was := borne.get(uid):
                frees[was].append(number)
    for number, lost in enumerate(unplaced, start=len(proposed)):
        if lost.unit.code:
            frees[lost.unit.code].append(number)
    return frees, gives


def _leaving(
    roles: Roles, proposed: Sequence[Proposed], unplaced: Sequence[Unplaced]
) -> dict[Uid, list[int]]:
    """By old unit: the operations that end it, move its members out, or end these."""
    found: dict[Uid, list[int]] = defaultdict(list)
    for number, one in enumerate(proposed):
        for uid in one.ends:
            found[uid].append(number)
        for uid in one.moves:
            old = roles.before.units.get(uid[1:]) if uid[0] == "-" else None
            if old is not None and old.parent is not None:
                found[f"-{old.parent}"].append(number)
    for number, lost in enumerate(unplaced, start=len(proposed)):
        found[f"-{lost.old}"].append(number)
        if lost.with_parent:
            found[f"-{lost.unit.parent}"].append(number)
    return found


def _cases(
    acts: dict[tuple[Theme, str], tuple[list[Proposed], list[Unplaced]]],
) -> list[LikelyAct]:
    """Acts of one county about the same townships are steps of one case."""
    by_county: dict[str, list[Theme]] = defaultdict(list)
    for theme, county in sorted(acts):
        by_county[county].append(theme)
    case: dict[tuple[Theme, str], tuple[str, int, int]] = {}
    for county, themes in by_county.items():
        linked: list[Theme] = [theme for theme in themes if theme in STEPS]
        towns = [{town for one in acts[theme, county][0] for town in one.towns} for theme in linked]
        together = len(linked) > 1 and bool(set.intersection(*towns))
        for number, theme in enumerate(themes, start=1):
            is_step = together and theme in linked
            name = f"{county}-{1 if is_step else number}"
            step = linked.index(theme) + 1 if is_step else 1
            case[theme, county] = (name, step, len(linked) if is_step else 1)
    return [
        LikelyAct(county, theme, proposed, unplaced, *case[theme, county])
        for (theme, county), (proposed, unplaced) in sorted(acts.items(), key=_by_theme)
    ]


def _by_theme(item: tuple[tuple[Theme, str], object]) -> tuple[Theme, str]:
    return item[0]


def _unplaced(roles: Roles) -> Iterator[Unplaced]:
    ambiguities = roles.comparison.matches.ambiguities()
    for level in (*UPPER, TOWNSHIP, VILLAGE):
        for old in roles.ended(level):
            if roles.has_heirs(old):
                continue
            unit = roles.before.units[old]
            ambiguity = ambiguities.get(old)
            candidates = (
                [(one.new, one.score) for one in ambiguity.candidates]
                if ambiguity
                else _like_it(roles, old)
            )
            yield Unplaced(
                old,
                unit,
                roles.comparison.county_now(old),
                [(new, roles.after.name(new), score) for new, score in candidates],
                unit.parent is not None and roles.home(unit.parent) is None,
            )


def _like_it(roles: Roles, old: str) -> list[tuple[str, float]]:
    """New units of the same city with a like name: shown, not chosen."""
    unit = roles.before.units[old]
    city = roles.before.city_of[old]
    named = roles.comparison.named_after(old) if unit.level == TOWNSHIP else []
    scored = dict.fromkeys(named, CONTAINED)
    for new in roles.newcomers(unit.level, city):
        alike = likeness(unit.name, roles.after.name(new), unit.level)
        if alike >= WORTH_SHOWING:
            scored[new] = alike
    return sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
