"""Work without a network (外业离线): a territory taken along, and what is brought back merged in.

What is brought back is compared with what was taken along, not with what holds by now: changes of
others in between are kept, and what was not altered is not looked at.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, insert, select

from geo.coverage.areas import areal
from registry.boundaries.commands import as_drawn, file, redraw
from registry.boundaries.enactment import merge
from registry.boundaries.errors import CheckoutIsUnknown, UpdateChangesNothing
from registry.boundaries.model import Asked, BoundaryUpdate, DraftTerritory, Origin, UpdateState
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings, Unit
from registry.boundaries.tables import checkin, checkout
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore

SAME_DEG = 1e-12
"""Coordinates that come back from a file this close are the same."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A territory that was taken along."""

    checkout_id: UUID
    division_id: UUID
    based_on: int
    valid_on: date
    author: str


@dataclass(frozen=True, slots=True)
class TakenAlong:
    """What a checkout's file holds."""

    checkout: Checkout
    units: Mapping[UUID, Unit]
    territories: Mapping[UUID, MultiPolygon]
    """Of the members of the division, or of it alone where it has none."""
    outline: MultiPolygon | None
    neighbours: Mapping[UUID, MultiPolygon]


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What became of what was brought back."""

    update: BoundaryUpdate
    altered: tuple[UUID, ...]
    """Divisions the surveyor altered."""
    again: bool
    """The very same work had been brought back before."""


def check_out(connection: Connection, division_id: UUID, *, author: str, on: date) -> TakenAlong:
    """Take a territory along.

    Raises:
        DivisionIsUnknown: no such division.
    """
    at = ChangeStore(connection).as_of(on)
    DivisionStore(connection).get(division_id, at)
    made = Checkout(uuid4(), division_id, at.known, on, author)
    connection.execute(
        insert(checkout).values(
            checkout_id=made.checkout_id,
            division_id=division_id,
            based_on=at.known,
            valid_on=on,
            author=author,
        )
    )
    return _taken(connection, made)


def get_checkout(connection: Connection, checkout_id: UUID) -> Checkout:
    """One checkout.

    Raises:
        CheckoutIsUnknown: none has that id.
    """
    row = (
        connection.execute(
            select(
                checkout.c.checkout_id,
                checkout.c.division_id,
                checkout.c.based_on,
                checkout.c.valid_on,
                checkout.c.author,
            ).where(checkout.c.checkout_id == checkout_id)
        )
        .mappings()
        .first()
    )
    if row is None:
        raise CheckoutIsUnknown(str(checkout_id))
    return Checkout(**row)


def check_in(
    connection: Connection,
    checkout_id: UUID,
    brought: Mapping[UUID, BaseGeometry],
    asked: Asked,
) -> CheckedIn:
    """Bring work back: it becomes a draft on what holds by now.

    The same work brought back twice is one draft; more work on the same checkout goes into the
    draft while that is open. Divisions that were left out of the file stay as they are.

    Raises:
        CheckoutIsUnknown: nothing was taken along under that id.
        UpdateChangesNothing: nothing was altered.
        EditsConflict: others changed the same ground meanwhile; by feature, with both sides.
        EdgeIsTaken: somebody else's open draft is at work on the same ground.
    """
    taken = get_checkout(connection, checkout_id)
    store = BoundaryStore(connection)
    store.queue()
    base = Surroundings(connection, AsOf(taken.valid_on, taken.based_on)).territories(list(brought))
    mine = {
        one: DraftTerritory(one, as_drawn(geometry), Origin.DELIVERED)
        for one, geometry in brought.items()
        if one not in base or not _unaltered(geometry, base[one])
    }
    if not mine:
        raise UpdateChangesNothing
    digest = _digest(mine)
    before = _brought_before(connection, checkout_id, digest)
    if before is not None:
        return CheckedIn(store.get(before), tuple(sorted(mine)), again=True)
    head = ChangeStore(connection).head()
    held = _open_draft(connection, store, checkout_id, asked.author)
    merged = merge(connection, AsOf(taken.valid_on, taken.based_on), mine, head)
    if held is None:
        drawn = {one: draft.territory for one, draft in merged.items()}
        update = file(
            connection,
            replace(asked, based_on=head, effective_on=taken.valid_on),
            dict(drawn),
            whole_edges=False,
        )
    else:
        update = redraw(
            connection, held, merged, who=asked.author, step="checkin", based_on=head
        )  # fmt: skip
    connection.execute(
        insert(checkin).values(checkout_id=checkout_id, digest=digest, update_id=update.update_id)
    )
    return CheckedIn(update, tuple(sorted(mine)), again=False)


def _taken(connection: Connection, made: Checkout) -> TakenAlong:
    around = Surroundings(connection, AsOf(made.valid_on, made.based_on))
    units = around.children([made.division_id])
    territories = around.territories(list(units))
    own = around.territories([made.division_id])
    units |= around.units([made.division_id])
    if not territories:
        territories = own
    outline = own.get(made.division_id)
    neighbours: dict[UUID, MultiPolygon] = {}
    if territories:
        level = units[next(iter(territories))].level
        near = around.neighbours(shapely.union_all(list(territories.values())), level)
        wanted = [one for one in near if one not in territories]
        units |= near
        neighbours = around.territories(wanted)
    return TakenAlong(made, units, territories, outline, neighbours)


def _unaltered(geometry: BaseGeometry, base: MultiPolygon) -> bool:
    mine, old = areal(geometry).normalize(), base.normalize()
    return bool(mine.equals_exact(old, tolerance=SAME_DEG))


def _digest(mine: Mapping[UUID, DraftTerritory]) -> str:
    found = hashlib.sha256()
    for one in sorted(mine):
        found.update(one.bytes + shapely.to_wkb(mine[one].territory.normalize()))
    return found.hexdigest()


def _brought_before(connection: Connection, checkout_id: UUID, digest: str) -> UUID | None:
    found: UUID | None = connection.scalar(
        select(checkin.c.update_id).where(
            checkin.c.checkout_id == checkout_id, checkin.c.digest == digest
        )
    )
    return found


def _open_draft(
    connection: Connection, store: BoundaryStore, checkout_id: UUID, author: str
) -> BoundaryUpdate | None:
    """The draft that earlier work on the same checkout went into, while it can be altered."""
    ids = connection.scalars(
        select(checkin.c.update_id)
        .where(checkin.c.checkout_id == checkout_id)
        .order_by(checkin.c.happened_at.desc(), checkin.c.digest)
    ).all()
    for one in ids:
        held = store.lock(one)
        if held.author == author and held.state in (UpdateState.DRAFT, UpdateState.REJECTED):
            return held
    return None
