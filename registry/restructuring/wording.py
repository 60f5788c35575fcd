"""What is written around addresses, before and after a plan: once for each division, not each door."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from registry.addresses.text import AddressParts, Profile, compose
from registry.divisions.chain import Chain
from registry.names.tables import place_name_version
from registry.restructuring.plan import Plan

NO_PARTS = AddressParts()


@dataclass(frozen=True, slots=True)
class Wording:
    """What is printed before the carrier of an address that refers to one division."""

    full: str
    """Names of the whole chain."""
    upper: str
    """Names above township level: the legal text when a carrier exists."""
    place: str
    """The village's name, as plates show it where no carrier bears the number."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """The addresses of one division before and after."""

    division_id: UUID
    after_id: UUID
    before: Wording
    after: Wording


def rewordings(plan: Plan) -> dict[UUID, Rewording]:
    """Every division in force before, with what is written around its addresses."""
    return {one.division_id: one for one in _rewordings(plan)}


def carriers_renamed(plan: Plan) -> dict[UUID, str]:
    """Thoroughfares and areas that the plan itself gives another name."""
    found: dict[UUID, str] = {}
    for effect in plan.effects:
        if effect.table is not place_name_version:
            continue
        for version in effect.after:
            if version.value("status") == "standard" and plan.paper.effective_on in version.valid:
                found[version.value("named_place_id")] = str(version.value("text"))
    return found


def _rewordings(plan: Plan) -> Iterator[Rewording]:
    for unit in plan.before.units:
        after = plan.rehomed.get(unit, unit)
        yield Rewording(
            unit,
            after,
            _wording(plan.before.chain(unit)),
            _wording(plan.after.chain(after)),
        )


def _wording(chain: Chain) -> Wording:
    return Wording(
        full=compose(NO_PARTS, None, chain, Profile.FULL),
        # An empty carrier prints nothing and says that one exists.
        upper=compose(NO_PARTS, "", chain, Profile.LEGAL),
        place=compose(NO_PARTS, None, chain, Profile.PLATE),
    )


def affected(words: Mapping[UUID, Rewording]) -> list[UUID]:
    """Divisions whose addresses read differently afterwards, in a stable order."""
    changed = [unit for unit, one in words.items() if one.before != one.after]
    return sorted(changed, key=lambda one: one.bytes)
