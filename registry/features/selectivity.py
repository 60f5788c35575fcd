"""How much of a collection a region holds, by the statistics the database keeps anyway."""

import math
from functools import lru_cache

from sqlalchemy import Double, column, func, literal, select, table

from registry.features.model import Shape
from registry.features.sources import SOURCES
from registry.features.statement import REGION
from registry.hot import HotStatement

DOORS = frozenset({"addresses", "plates"})
"""Collections so large, and placed by objects of their own, that it matters."""


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
    return _statement(shape.collection) if shape.collection in DOORS else None


def is_wide(rows: float, hits: float | None, limit: int) -> bool:
    """Whether going through ids until a page is full beats looking the region up and sorting.

    The first passes over `limit * rows / hits` rows, the second sorts `hits`.
    """
    return hits is not None and hits * hits > 2 * limit * max(rows, 1.0) and math.isfinite(hits)
