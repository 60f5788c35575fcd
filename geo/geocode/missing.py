"""What would decide between candidates, or is needed before anything can be found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.geocode.names import COUNTY, TOWNSHIP
from geo.geocode.parse import ROLES, Parse
from geo.geocode.proof import UNKNOWN, Ground

if TYPE_CHECKING:
    from geo.geocode.match import Match

MOST_OPTIONS = 12
_INNER = ("number", "sub", "building", "unit", "floor", "room")


@dataclass(frozen=True, slots=True)
class Missing:
    """A part (地址要素) the text lacks, and what it could be."""

    role: str
    options: tuple[str, ...]
    """Empty when any value may do."""


def missing_of(
    matches: Sequence["Match"], parses: Sequence[Parse], ground: Ground
) -> tuple[Missing, ...]:
    """Name what is missing; nothing when the best match is more than a candidate."""
    if matches and matches[0].grade != "C":
        return ()
    if len(matches) > 1:
        return _between(matches, ground)
    if matches:
        return _against(matches[0])
    return _needed(parses, ground)


def _between(matches: Sequence["Match"], ground: Ground) -> tuple[Missing, ...]:
    """The parts in which the candidates differ, the largest first."""
    if len({match.address for match in matches}) > 1:
        return (Missing("one address", ()),)
    found = []
    chains = [
        {p.level: p.name for p in ground.gazetteer.chain(m.door.division_id, ground.on)}
        for m in matches
    ]
    for level in sorted(ROLES):
        names = _options(chain.get(level) for chain in chains)
        if level >= COUNTY and len(names) > 1:
            found.append(Missing(ROLES[level], names))
            break
    carriers = _options(_carrier_name(m, ground) for m in matches)
    if len(carriers) > 1:
        found.append(Missing("carrier", carriers))
    for part in _INNER:
        values = _options(None if (v := getattr(m.door, part)) is None else str(v) for m in matches)
        if len(values) > 1:
            found.append(Missing(part, values))
    return tuple(found)


def _carrier_name(match: "Match", ground: Ground) -> str | None:
    held = ground.gazetteer.held.carriers.get(match.door.carrier_id) if match.door.carrier_id else None  # fmt: skip
    standard = [c.name for c in held or () if c.status == "standard"]
    return standard[0] if standard else None


def _against(match: "Match") -> tuple[Missing, ...]:
    """Why the only candidate is no more than that."""
    false = [t for t in match.tokens if t.matched is None and t.how in _REFUTED]
    if false:
        return tuple(Missing(t.role, ()) for t in false)
    if match.found == "carrier reached":
        return (Missing("number", (str(match.door.number),)),)
    return (Missing("carrier", ()),)


_REFUTED = ("contradicts the door", "not in the register")


def _needed(parses: Sequence[Parse], ground: Ground) -> tuple[Missing, ...]:
    if not parses:
        return (Missing("carrier", ()),)
    best = parses[0]
    if best.crossing is not None:
        return ()
    found = [
        Missing(role, ()) for role in dict.fromkeys(t.role for t in best.tokens) if role in UNKNOWN
    ]
    if best.carrier is not None:
        homes = _options(
            period.name
            for carrier in best.carrier.carriers
            for division in sorted(carrier.division_ids)
            for period in ground.gazetteer.chain(division, ground.on)
            if period.level == COUNTY
        )
        several = len({c.carrier_id for c in best.carrier.carriers}) > 1
        if several and len(homes) > 1:
            found.append(Missing(ROLES[COUNTY], homes))
    elif not any(t.role == "village" for t in best.divisions):
        heirs = heirs_of(best, ground)
        if len(heirs) > 1:
            found.append(Missing(ROLES[TOWNSHIP], heirs))
        found.append(Missing("carrier", ()))
    if best.number is None:
        found.append(Missing("number", ()))
    # All parts are there, and no such door is registered.
    return tuple(found) or (Missing("number", ()),)


def heirs_of(reading: Parse, ground: Ground) -> tuple[str, ...]:
    """The townships that now hold the villages of the smallest division named."""
    if not reading.divisions:
        return ()
    units = dict.fromkeys(p.division_id for p in reading.divisions[-1].divisions)
    if any(p.level != TOWNSHIP for p in reading.divisions[-1].divisions):
        return ()
    return _options(
        period.name
        for unit in units
        for village in ground.gazetteer.villages_ever(unit)
        for period in ground.gazetteer.chain(village, ground.on)
        if period.level == TOWNSHIP
    )


def _options(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v is not None))[:MOST_OPTIONS]
