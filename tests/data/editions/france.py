"""The French code list rolled back in time by its own published events, and what is known of it.

Source: INSEE, Code officiel géographique 2024 (`communes`, `mouvements`), departments 01-49 and
Corsica, Licence Ouverte 2.0.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.data.editions.shared import records

HERE = Path(__file__).parent
COMMUNES = HERE / "fr_insee_communes_2024.csv.gz"
EVENTS = HERE / "fr_insee_mouvements_communes.csv.gz"
COLUMNS = ("TYPECOM", "COM", "DEP", "LIBELLE", "COMPARENT")
MERGERS = frozenset({"31", "32", "33"})
PARTS_GIVEN_UP = frozenset({"34", "35"})
RESTORED = "21"
COMMUNE, PARTS = "COM", ("COMD", "COMA")
Slot = tuple[str, str]
"""TYPECOM and code."""
State = dict[Slot, str]
"""What stands in every slot: its name."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the published events, between two slots."""

    kind: str
    on: str
    old: Slot
    old_name: str
    new: Slot
    new_name: str


@cache
def events() -> list[Event]:
    """All events, the latest first."""
    found = [
        Event(
            row["MOD"],
            row["DATE_EFF"],
            (row["TYPECOM_AV"], row["COM_AV"]),
            row["LIBELLE_AV"],
            (row["TYPECOM_AP"], row["COM_AP"]),
            row["LIBELLE_AP"],
        )
        for row in records(EVENTS)
    ]
    return sorted(found, key=lambda one: one.on, reverse=True)


def by_day(all_events: Iterable[Event], after: str) -> list[tuple[str, list[Event]]]:
    """The events after a day, day by day, the latest first."""
    days: dict[str, list[Event]] = defaultdict(list)
    for one in all_events:
        if one.on > after:
            days[one.on].append(one)
    return sorted(days.items(), reverse=True)


def state_of(day: str) -> State:
    """The list on a day: that of 2024 with every later event taken back."""
    state: State = {
        (row["TYPECOM"], row["COM"]): row["LIBELLE"]
        for row in records(COMMUNES)
        if row["TYPECOM"] in (COMMUNE, *PARTS)
    }
    for _on, some in by_day(events(), day):
        for one in some:
            # Giving up named parts leaves the commune they lay in as it was.
            if one.kind not in PARTS_GIVEN_UP:
                state.pop(one.new, None)
        for one in some:
            state[one.old] = one.old_name
    return state


def parents_of(state: State, day: str) -> dict[str, str]:
    """Of every delegated or associated commune the commune it lies in.

    That of the list of 2024 where it has one, else the one its last merger before the day made.
    """
    known = {row["COM"]: row["COMPARENT"] for row in records(COMMUNES) if row["TYPECOM"] in PARTS}
    found: dict[str, str] = {}
    for one in sorted(events(), key=lambda event: event.on):
        is_merger = one.kind in MERGERS and one.new[0] == COMMUNE
        if one.on <= day and is_merger:
            found[one.old[1]] = one.new[1]
    parents = {}
    for kind, code in state:
        if kind in PARTS:
            tried = (found.get(code), found.get(found.get(code, "")), known.get(code), code)
            standing = (one for one in tried if one and (COMMUNE, one) in state)
            parents[code] = next(standing, "")
    return parents


def write_list(path: Path, day: str) -> None:
    """The list on a day as the institute would have published it."""
    state = state_of(day)
    parents = parents_of(state, day)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for (kind, code), name in sorted(state.items()):
            department = code[:2] if kind == COMMUNE else ""
            parent = "" if kind == COMMUNE else parents[code]
            if kind == COMMUNE or parent:
                writer.writerow((kind, code, department, name, parent))


@dataclass(frozen=True, slots=True)
class Known:
    """What happened to communes between two days, as the events say it, added up."""

    ended: dict[str, str]
    """Commune that is no more -> the commune its town hall is now in."""
    renamed: dict[str, str]
    """Commune of the same code, or of a new one, that was merged with none -> its new name."""
    recoded: dict[str, str]
    """Commune that goes on under another code."""
    restored: set[str]
    """Communes that there were none of, set up out of others."""


def known_between(start: str, end: str) -> Known:
    """Follow every commune of the first day through the events to the second."""
    old, new = state_of(start), state_of(end)
    some = [one for one in events() if start < one.on <= end]
    onward: dict[str, str] = {code: code for kind, code in old if kind == COMMUNE}
    for _on, day in reversed(by_day(some, start)):
        steps = dict(_steps(day))
        onward = {code: _led(now, steps) for code, now in onward.items()}
    # What was merged and restored in between is the commune it was.
    back = {one.new[1] for one in some if one.kind == RESTORED}
    onward = {code: code if code in back else now for code, now in onward.items()}
    # Two communes left for departments whose lists are not in the files.
    onward = {code: now for code, now in onward.items() if (COMMUNE, now) in new}
    heirs: dict[str, list[str]] = defaultdict(list)
    for code, now in onward.items():
        heirs[now].append(code)
    goes_on = {now: _same(codes, now) for now, codes in heirs.items()}
    first, last = _names_in(some)
    return Known(
        ended={code: now for code, now in onward.items() if goes_on[now] != code},
        renamed={
            code: last[now]
            for now, code in goes_on.items()
            if code and now in last and last[now] != first.get(code, last[now])
        },
        recoded={code: now for now, code in goes_on.items() if code and code != now},
        restored={code for code in back if (COMMUNE, code) in new and (COMMUNE, code) not in old},
    )


def _names_in(some: Iterable[Event]) -> tuple[dict[str, str], dict[str, str]]:
    """The first and the last name the events give every commune, by code."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for one in sorted(some, key=lambda event: event.on):
        if one.old[0] == COMMUNE:
            first.setdefault(one.old[1], one.old_name)
        if one.new[0] == COMMUNE:
            last[one.new[1]] = one.new_name
    return first, last


def _led(code: str, steps: dict[str, str]) -> str:
    """Another code and a merger may fall on one day, one after the other."""
    seen = {code}
    while steps.get(code, code) not in seen:
        code = steps[code]
        seen.add(code)
    return code


def _steps(day: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """Where a commune's town hall was in the evening of a day."""
    moves: dict[str, list[Event]] = defaultdict(list)
    for one in day:
        if one.old[0] == COMMUNE and one.new[0] == COMMUNE:
            moves[one.old[1]].append(one)
    for code, some in moves.items():
        codes = [one.new[1] for one in some]
        # A commune that others leave keeps its code where one of the heirs has it.
        yield code, code if code in codes else codes[0]


def _same(codes: list[str], now: str) -> str | None:
    """Which of the communes in one is the one that goes on: of its code, or the only one."""
    if now in codes:
        return now
    return codes[0] if len(codes) == 1 else None
