"""Who follows what a plan touches (下游): counted, never named."""

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, cast, func, or_, select

from registry.restructuring.impact import Audience, AudienceScope
from registry.restructuring.situation import Situation
from registry.subscriptions.model import SubscriptionState
from registry.subscriptions.tables import consumer, subscription


def audience_of(
    connection: Connection,
    touched: Collection[UUID],
    collections: Collection[str],
    sides: tuple[Situation, Situation],
) -> Audience:
    """Active webhooks whose scope holds a touched division, and all consumers.

    Webhooks narrowed by kinds are counted whatever the kinds: one too many is told in vain, one
    too few would be missed.

    Args:
        touched: divisions of which the plan writes something, or whose addresses read otherwise.
        collections: what the plan writes rows of.
    """
    scopes = _scopes(touched, sides)
    table = subscription
    rows = connection.execute(
        select(table.c.within)
        .where(
            table.c.state == SubscriptionState.ACTIVE.value,
            or_(
                func.cardinality(table.c.collections) == 0,
                table.c.collections.op("&&")(cast(sorted(collections), ARRAY(Text))),
            ),
        )
        .order_by(table.c.within)
    )
    counted = Counter(within for (within,) in rows if within is None or within in scopes)
    return Audience(
        subscriptions=counted.total(),
        everywhere=counted.get(None, 0),
        consumers=connection.scalar(select(func.count()).select_from(consumer)) or 0,
        scopes=tuple(
            AudienceScope(within, scopes[within], count)
            for within, count in counted.most_common()
            if within is not None
        ),
    )


def _scopes(touched: Collection[UUID], sides: tuple[Situation, Situation]) -> Mapping[UUID, str]:
    """The touched divisions and those above them, before or after."""
    found: dict[UUID, str] = {}
    for side in sides:
        for unit in touched:
            found |= {one: side.name(one) for one in side.census.ancestors(unit)}
    return found
