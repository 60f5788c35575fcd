"""How much of a collection a region holds, by the statistics the database keeps anyway."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Double, column, func, literal, select, table

from registry.features.model import Shape
from registry.features.sources import SOURCES
from registry.features.statement import REGION
from registry.hot import HotStatement, Row

DOORS = frozenset({"addresses", "plates"})
"""Collections so large, and placed by objects of their own, that it matters."""
EDGES = frozenset({"boundary-lines"})
"""Collections whose features are worked out."""


@lru_cache(maxsize=16)
def _statement(collection: str) -> HotStatement:
    placed = SOURCES[collection].placed_by
    catalogue = table("pg_class", column("oid"), column("reltuples"), schema="pg_catalog")
    relation = func.to_regclass(literal(placed.table.name))
    statistics = table("pg_stats", column("tablename"), column("attname"), schema="pg_catalog")
    counted = (
        select(literal(1))
        .select_from(statistics)
        .where(statistics.c.tablename == placed.table.name, statistics.c.attname == placed.name)
        .exists()
    )
    share = func._postgis_selectivity(relation, literal(placed.name), REGION, type_=Double)  # noqa: SLF001 -- PostGIS calls it so
    return HotStatement.of(
        select(
            catalogue.c.reltuples,
            select(share).where(counted).scalar_subquery() * catalogue.c.reltuples,
        ).where(catalogue.c.oid == relation)
    )


def share_statement(shape: Shape) -> HotStatement | None:
    """What tells how many rows there are and how many a region holds; None: nobody needs to know."""
    return _statement(shape.collection) if shape.collection in DOORS | EDGES else None


def judged(shape: Shape, found: Sequence[Row]) -> Shape:
    """A shape with what the statistics say of its region."""
    rows, hits = found[0] if found else (0.0, None)
    if hits is None or not math.isfinite(hits):
        return shape
    wide = is_wide(rows, hits, shape.limit)
    if shape.collection not in EDGES:
        return replace(shape, wide=wide)
    return replace(shape, wide=edges_are_many(rows, hits, shape.limit), few=hits < shape.limit / 4)


def is_wide(rows: float, hits: float, limit: int) -> bool:
    """Whether going through ids until a page is full beats looking the region up and sorting.

    The first passes over `limit * rows / hits` rows, the second sorts `hits`.
    """
    return hits * hits > 2 * limit * max(rows, 1.0)


def edges_are_many(rows: float, hits: float, limit: int) -> bool:
    """The same where what is looked up is the edges of `hits` territories.

    Each has some three edges of its own; to find and cut one costs twice what passing over a
    territory does. Measured on 600 and reckoned on.
    """
    return hits * hits > limit * (max(rows, 1.0) / 24 + hits / 4)
