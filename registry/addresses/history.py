"""What an address was called (曾用地址): its texts over time, and the act each began with.

Pure: the timelines of the address, its carriers and its divisions go in, periods come out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from registry.addresses.text import AddressParts, Profile, compose
from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at
from registry.divisions.chain import Chain, ChainLink
from registry.divisions.model import DivisionKind
from registry.names.model import written_with

PARTS = ("number", "sub_number", "building", "unit", "floor", "room")


@dataclass(frozen=True, slots=True)
class Sources:
    """The believed timelines an address's text is composed from."""

    address: Timeline
    carriers: Mapping[UUID, Timeline]
    """Standard names by named place."""
    divisions: Mapping[UUID, Timeline]


@dataclass(frozen=True, slots=True)
class TextPeriod:
    """A stretch of valid time in which the text stayed the same."""

    text: str
    legal: str
    valid: Period
    begun_by: int
    """The change that made the text so; for the first, the change that entered it."""


def text_periods(sources: Sources) -> list[TextPeriod]:
    """Every text the address ever bore, oldest first; equal neighbours are one."""
    periods: list[TextPeriod] = []
    for valid in _stretches(sources):
        found = _at(sources, valid)
        if found is None:
            continue
        last = periods[-1] if periods else None
        adjoining = last is not None and last.valid.end == valid.start
        if last is not None and adjoining and (last.text, last.legal) == (found.text, found.legal):
            periods[-1] = TextPeriod(
                last.text, last.legal, Period(last.valid.start, valid.end), last.begun_by
            )
        else:
            periods.append(found)
    return periods


def _stretches(sources: Sources) -> Iterator[Period]:
    """The stretches between the days on which anything can have changed."""
    days = {
        day
        for version in _all_versions(sources)
        for day in (version.valid.start, version.valid.end)
        if day is not None
    }
    edges: list[date | None] = [None, *sorted(days), None]
    for start, end in pairwise(edges):
        yield Period(start, end)


def _all_versions(sources: Sources) -> Iterator[Version]:
    yield from sources.address
    for timeline in (*sources.carriers.values(), *sources.divisions.values()):
        yield from timeline


def _at(sources: Sources, valid: Period) -> TextPeriod | None:
    day = valid.start or date.min
    version = at(sources.address, day)
    if version is None:
        return None
    involved = [version]
    carrier = _carrier(sources, version.value("carrier_id"), day)
    if carrier is not None:
        involved.append(carrier)
    links = list(_links(sources.divisions, version.value("division_id"), day))
    involved += [link for _division_id, link in links]
    parts = AddressParts(**{name: version.value(name) for name in PARTS})
    name = None if carrier is None else str(carrier.value("text"))
    chain = _chain(links)
    return TextPeriod(
        text=compose(parts, name, chain, Profile.FULL),
        legal=compose(parts, name, chain, Profile.LEGAL, written_with=_with(carrier)),
        valid=valid,
        begun_by=_latest(involved, day).begun_by or 0,
    )


def _latest(involved: Sequence[Version], day: date) -> Version:
    """The version that began the stretch; the smallest division's act tells it best."""
    begun = [version for version in involved if version.valid.start == day]
    return begun[0] if begun else involved[0]


def _carrier(sources: Sources, carrier_id: UUID | None, day: date) -> Version | None:
    return None if carrier_id is None else at(sources.carriers.get(carrier_id, ()), day)


def _with(carrier: Version | None) -> int | None:
    return None if carrier is None else written_with(carrier.value("language"))


def chain_at(divisions: Mapping[UUID, Timeline], division_id: UUID, day: date) -> Chain:
    """The chain above a division on a day, itself first, from believed timelines."""
    return _chain(list(_links(divisions, division_id, day)))


def _links(
    divisions: Mapping[UUID, Timeline], division_id: UUID | None, day: date
) -> Iterator[tuple[UUID, Version]]:
    while division_id is not None:
        version = at(divisions.get(division_id, ()), day)
        if version is None:
            return
        yield division_id, version
        division_id = version.value("parent_id")


def _chain(links: Sequence[tuple[UUID, Version]]) -> Chain:
    return tuple(_link(division_id, version) for division_id, version in links)


def _link(division_id: UUID, version: Version) -> ChainLink:
    kind = DivisionKind(version.value("kind"))
    return ChainLink(division_id, kind.level, kind, str(version.value("name")))
