"""Verbs on single divisions outside a restructuring: correct what was wrong, redraw what was coarse.

What changes in the world goes through a plan (`registry.restructuring`); these verbs never say
that the world moved, and refuse a work that does.
"""

from datetime import date
from uuid import UUID

from shapely.geometry import MultiPolygon

from geo.area import area_m2
from registry.changes.model import Verb
from registry.changes.period import Period
from registry.changes.timeline import Timeline, at, correct
from registry.changes.work import Work
from registry.divisions.tables import division_version, territory_version
from registry.divisions.territory import as_territory
from registry.errors import DivisionIsUnknown, NotInForce, VerbDoesNotFit


def correct_name(
    work: Work,
    division_id: UUID,
    name: str,
    *,
    during: Period,
    published_name: str | None = None,
) -> None:
    """The registry had the name wrong during a period (更正); the world did not change.

    Raises:
        VerbDoesNotFit: the work is not a correction.
        DivisionIsUnknown: nothing is believed of that id.
    """
    _expect(work, Verb.CORRECT)
    patch = {"name": name, "published_name": published_name or name}
    before = _timeline(work, division_id)
    after = correct(before, during, patch, "correct")
    work.rewrite(division_version, division_id, before, after)


def correct_romanisation(work: Work, division_id: UUID, romanisation: str) -> None:
    """A reviewed reading replaces a proposed one, for all time the name was borne.

    Raises:
        VerbDoesNotFit: the work is not a correction.
        DivisionIsUnknown: nothing is believed of that id.
    """
    _expect(work, Verb.CORRECT)
    before = _timeline(work, division_id)
    name = before[-1].value("name")
    after = before
    for version in before:
        if version.value("name") == name:
            after = correct(after, version.valid, {"romanisation": romanisation}, "correct")
    work.rewrite(division_version, division_id, before, after)


def redigitise_territory(
    work: Work,
    division_id: UUID,
    territory: MultiPolygon,
    *,
    on: date,
    basis: str,
    source: str,
) -> None:
    """The same territory, measured better (重新数字化): replaces it for the whole time it held.

    Args:
        territory: longitude and latitude in degrees, EPSG:4490.
        on: any day on which the territory to be redrawn holds.

    Raises:
        VerbDoesNotFit: the work is not a redigitisation.
        GeometryIsInvalid: the territory crosses itself or is not an area.
        NotInForce: no territory is known on that day.
    """
    _expect(work, Verb.REDIGITISE)
    checked = as_territory(territory)
    before = work.believed(territory_version, [division_id]).get(division_id, ())
    current = at(before, on)
    if current is None:
        raise NotInForce(on=on, what="the territory")
    patch = {
        "territory": checked,
        "area_m2": area_m2(checked),
        "basis": basis,
        "source": source,
    }
    after = correct(before, current.valid, patch, "redigitise")
    work.rewrite(territory_version, division_id, before, after)


def _timeline(work: Work, division_id: UUID) -> Timeline:
    before = work.believed(division_version, [division_id]).get(division_id)
    if not before:
        raise DivisionIsUnknown(str(division_id))
    return before


def _expect(work: Work, verb: Verb) -> None:
    if work.intent.verb is not verb:
        raise VerbDoesNotFit(expected=verb.value, given=work.intent.verb.value)
