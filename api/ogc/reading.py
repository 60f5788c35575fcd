"""Running the statements of features: on the bare driver, or in a reader's transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from psycopg import DataError
from sqlalchemy import func, literal_column, select

from api.ogc.asking import Asked
from api.rehearsing import rows_of
from api.time_travel import Reader
from registry.addresses.hot_reads import HotAddresses
from registry.changes.period import AsOf
from registry.changes.rows import known_at
from registry.features.errors import FilterIsInvalid
from registry.features.model import Feature, Shape
from registry.features.pages import (
    divisions_shown,
    features_of,
    nearest_day,
    parameters,
)
from registry.features.selectivity import judged, share_statement
from registry.features.sources import SOURCES
from registry.features.statement import Statements, hot_statements, statements
from registry.hot import AsyncHotReads, Rows


async def hot_page(request: Request, asked: Asked, at: AsOf) -> list[Feature]:
    """A page as recorded, on the bare driver; one feature more than asked for if there are more."""
    state = request.app.state
    planned: AsyncHotReads = state.planned_hot
    values = _values(asked, at)
    shape = asked.shape
    share = share_statement(shape) if shape.region else None
    if share is not None:
        shape = judged(shape, await planned.rows(share, **values))
    found = hot_statements(shape)
    if found.picking is None:
        way: AsyncHotReads = state.async_hot if found.planned_once else planned
        rows = await way.rows(found.dressing, **values)
    else:
        picked = [row[0] for row in await planned.rows(found.picking, **values)]
        rows = await state.async_hot.rows(found.dressing, **values, versions=picked)
    hot: HotAddresses = state.hot_addresses
    if shape.span or not hot.holds(divisions_shown(shape, rows), at):
        return await run_in_threadpool(features_of, shape, rows, at, hot.chains)
    return features_of(shape, rows, at, hot.chains)


def read_page(reading: Reader, asked: Asked) -> list[Feature]:
    """The same in a reader's transaction: with a filter, at a known moment, or as a plan would have it.

    Raises:
        FilterIsInvalid: the filter does not fit the collection, or cannot be worked out.
    """
    rows = planned_rows(reading)
    shape = asked.shape
    values = _values(asked, reading.at)
    if asked.filter is None:
        return _read(rows, shape, hot_statements(shape), values, reading.at)
    found = statements(shape, asked.filter.condition)
    try:
        return _read(rows, shape, found, values, reading.at)
    except DataError as error:
        # Sums beyond any number, patterns that end in an escape: only the rows tell.
        raise FilterIsInvalid(f"{error.diag.message_primary}") from error


def read_one(reading: Reader, shape: Shape, key: Sequence[object]) -> tuple[Feature, bool] | None:
    """One feature, and whether it is in force on the day; else as it was nearest to the day.

    None: nothing known by then ever had that id.
    """
    rows = planned_rows(reading)
    found = hot_statements(shape)
    here = _read(rows, shape, found, parameters(reading.at, key=key), reading.at)
    if here:
        return here[0], True
    day = _nearest(reading, shape, key)
    if day is None:
        return None
    at = AsOf(day, reading.at.known)
    there = _read(rows, shape, found, parameters(at, key=key), at)
    return (there[0], False) if there else None


def planned_rows(reading: Reader) -> Rows:
    """Statements in a reader's transaction, each planned for its values."""
    setting = func.set_config("plan_cache_mode", "force_custom_plan", literal_column("true"))
    reading.connection.execute(select(setting))
    return rows_of(reading.connection)


def _read(
    rows: Rows, shape: Shape, found: Statements, values: Mapping[str, object], at: AsOf
) -> list[Feature]:
    given: dict[str, Any] = dict(values)
    if found.picking is not None:
        given["versions"] = [row[0] for row in rows(found.picking, **given)]
    addresses = HotAddresses(rows)
    return features_of(shape, rows(found.dressing, **given), at, addresses.chains)


def _values(asked: Asked, at: AsOf) -> dict[str, object]:
    return parameters(
        at, key=asked.key, region=asked.region_wkb, span=asked.span, equals=asked.equals
    )


def _nearest(reading: Reader, shape: Shape, key: Sequence[object]) -> date | None:
    source = SOURCES[shape.collection]
    if source.lean is None:
        return None
    spans = reading.connection.execute(
        select(func.lower(source.main.c.valid), func.upper(source.main.c.valid))
        .select_from(source.lean())
        .where(
            *(each == part for each, part in zip(source.keys, key, strict=True)),
            *source.only,
            known_at(source.main, reading.at.known),
        )
    )
    return nearest_day([(start, end) for start, end in spans], reading.at.valid_on)
