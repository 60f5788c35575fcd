"""The HTTP application: rooms' routers under one roof."""

import gc
import string
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any
from urllib.parse import quote

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from api import clock, problems
from api.answer_schemas import describe_answers
from api.bulletin import Bulletin
from api.courtesies import Courtesies
from api.door_keeper import FOLDER, DoorKeeper
from api.measuring import Measuring
from api.ogc.drafting import BoundaryDrafts
from api.page_safety import PageSafety
from api.present import Present
from api.push.courier import Courier
from api.push.delivery import Push
from api.push.signature import Signer
from api.quick import Quick
from api.quick_reverse import QuickReverse
from api.rehearsing import Rehearsals
from api.routes import (
    addresses,
    agreements,
    assets,
    autocomplete,
    boundary_lines,
    boundary_markers,
    boundary_updates,
    certificates,
    changes,
    checkouts,
    codes,
    consumers,
    crosswalk,
    diff,
    divisions,
    effects,
    geocoding,
    geocoding_batch,
    legal_texts,
    log,
    map_cells,
    marker_sheets,
    nominatim,
    ogc,
    ogc_tiles,
    ogc_writes,
    operations,
    pages,
    plan_pages,
    plan_reports,
    plate_reads,
    plate_works,
    plates,
    reference,
    reports,
    resident_pages,
    restructuring_steps,
    restructurings,
    reverse,
    schemas,
    snapshot,
    stream,
    subscriptions,
    survey_page,
    tiles,
    timemaps,
    undoing,
)
from api.settings import Settings
from api.throttle import MOST_PAPERS, MOST_REPORTS, Throttle
from api.tile_shelf import Tiles, TileShelf
from api.time_travel import refuse_plan
from api.turns import Turns, turn_to_write
from api.witness import Notary
from data.nation import national_names
from registry.addresses.hot_reads import HotAddresses
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.hot import PLANNED_EACH_TIME, AsyncHotReads, HotReads
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers

TITLE = "Place Registry 地名地址登记库"
DESCRIPTION = """
Administrative divisions, place names and standard addresses with their whole history.
Every read takes `at` (when it held in the world) and `known` (when the registry knew it).
Every answer carries `Registry-Change`, the number of the last change it knows of.
Errors are problem documents (RFC 9457); their codes are documented at `/problems/{code}`.
"""
ROUTERS = (
    divisions.router,
    timemaps.router,
    codes.router,
    addresses.router,
    geocoding.router,
    geocoding_batch.router,
    reverse.router,
    autocomplete.router,
    stream.router,
    effects.router,
    changes.router,
    snapshot.router,
    schemas.router,
    log.router,
    crosswalk.router,
    diff.router,
    plan_reports.router,
    restructurings.router,
    undoing.router,
    legal_texts.router,
    restructuring_steps.router,
    plates.router,
    plate_works.router,
    plate_reads.router,
    certificates.router,
    reports.router,
    boundary_updates.router,
    boundary_lines.router,
    boundary_markers.router,
    agreements.router,
    marker_sheets.router,
    checkouts.router,
    subscriptions.router,
    consumers.router,
    plan_pages.router,
    survey_page.router,
    resident_pages.router,
    map_cells.router,
    pages.router,
    tiles.router,
    operations.router,
    assets.router,
    reference.router,
)
WRITING = (
    restructurings.router,
    undoing.router,
    legal_texts.router,
    restructuring_steps.router,
    plate_works.router,
    boundary_updates.router,
    boundary_lines.router,
    boundary_markers.router,
    agreements.router,
    checkouts.router,
)
"""Those whose requests, GET aside, write what the log holds or queue for what becomes of it: they
take turns."""
EVERYWHERE = frozenset({"lang"})
"""Query parameters every page and answer understands."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.hot.open()
    await app.state.async_hot.open()
    await app.state.planned_hot.open()
    await run_in_threadpool(_learn_names, app)
    await app.state.bulletin.open()
    app.state.doors.open()
    app.state.push.start()
    app.state.notary.start()
    yield
    app.state.notary.stop()
    app.state.push.stop()
    await app.state.doors.close()
    await app.state.present.close()
    await app.state.bulletin.close()
    await app.state.planned_hot.close()
    await app.state.async_hot.close()
    app.state.hot.close()
    app.state.rehearsals.close()
    app.state.engine.dispose()


class Service(FastAPI):
    """An application whose usual question is answered before anything else is looked at."""

    def __init__(self, **described: Any) -> None:
        super().__init__(**described)
        self._quick = Quick(super().__call__, self.state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; raw bytes in its query mean what they mean when they are escaped."""
        if scope["type"] == "http" and not scope["query_string"].isascii():
            scope["query_string"] = quote(scope["query_string"], safe=string.printable).encode()
        await self._quick(scope, receive, send)


def create_app(settings: Settings, database_url: str) -> FastAPI:
    """The application over a migrated database."""

    app = Service(
        title=TITLE,
        description=DESCRIPTION,
        version="0.1.0",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _equip(app, settings, database_url)
    problems.install(app)
    app.add_middleware(TileShelf, state=app.state)
    app.add_middleware(QuickReverse, service=app, route=reverse.router.routes[0])
    app.add_middleware(Measuring, measured=app.state.measured)
    app.add_middleware(PageSafety)
    app.add_middleware(Courtesies)
    for router in ROUTERS:
        turn = [Depends(turn_to_write)] if router in WRITING else []
        app.include_router(router, dependencies=[Depends(refuse_plan), *turn])
        for route in router.routes:
            if isinstance(route, APIRoute):
                _know_parameters(route)
    _include_nominatim(app)
    _include_ogc(app)
    describe_answers(app)
    return app


def _equip(app: FastAPI, settings: Settings, database_url: str) -> None:
    """What routes find in `app.state`; nothing is opened yet."""
    app.state.settings = settings
    app.state.database_url = database_url
    app.state.engine = make_engine(database_url, pool_size=10)
    app.state.hot = HotReads(database_url)
    app.state.async_hot = AsyncHotReads(database_url)
    app.state.planned_hot = AsyncHotReads(database_url, options=PLANNED_EACH_TIME)
    app.state.hot_addresses = HotAddresses(app.state.hot.rows)
    doors = DoorsAtHand(settings.home / FOLDER)
    app.state.finder = Finder(app.state.hot.rows, Gazetteers(national_names()), doors)
    app.state.rehearsals = Rehearsals(database_url)
    app.state.bulletin = Bulletin(database_url)
    app.state.present = Present(database_url, app.state.bulletin)
    app.state.doors = DoorKeeper(
        app.state.engine, app.state.finder, app.state.bulletin, database_url
    )
    app.state.streamed = stream.StreamedPages()
    app.state.push = _push(settings, database_url)
    app.state.notary = Notary(app.state.engine, settings.home)
    app.state.throttle = Throttle("reports", MOST_REPORTS)
    app.state.papers = Throttle("certificates", MOST_PAPERS)
    app.state.measured = {}
    app.state.turns = Turns()
    app.state.tiles = Tiles()
    app.state.proposals = BoundaryDrafts()


def _include_nominatim(app: FastAPI) -> None:
    """Its clients send parameters of all its releases, and read errors in its own form."""
    app.include_router(nominatim.router, dependencies=[Depends(refuse_plan)])
    for route in nominatim.router.routes:
        if isinstance(route, APIRoute):
            _know_parameters(route)
            route.tolerant = True  # type: ignore[attr-defined]  # -- routes take attributes of ours
            route.error_form = nominatim.error_form  # type: ignore[attr-defined]  # -- the same


def _include_ogc(app: FastAPI) -> None:
    """Its resources know their own parameters, and call every unusable one a bad request."""
    for router in (ogc.router, ogc_writes.router, ogc_tiles.router):
        turn = [Depends(turn_to_write)] if router is ogc_writes.router else []
        app.include_router(router, dependencies=[Depends(refuse_plan), *turn])
        for route in router.routes:
            if isinstance(route, APIRoute):
                _know_parameters(route)
                route.tolerant = True  # type: ignore[attr-defined]  # -- routes take attributes of ours
                route.statuses = {422: 400}  # type: ignore[attr-defined]  # -- the same


def _learn_names(app: FastAPI) -> None:
    """Read the names before the first question, so that it is answered as quickly as the rest."""
    with app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        finder: Finder = app.state.finder
        gazetteer = finder.gazetteer(connection, at)
        gazetteer.prepare()
    # Putting a million readings in order takes seconds: whoever types first waits, nobody else.
    Thread(target=lambda: gazetteer.completions, daemon=True, name="completions").start()
    # The names stay for good: the collector need not walk over them again and again.
    gc.collect()
    gc.freeze()


def _push(settings: Settings, database_url: str) -> Push:
    courier = Courier(Signer(settings.home), settings.webhook_allow)
    return Push(
        database_url,
        courier,
        public_url=settings.public_url,
        first_wait_s=settings.webhook_retry_s,
    )


def _know_parameters(route: APIRoute) -> None:
    """Remember which query parameters a route takes, so that a misspelt one is refused."""
    described = (route.openapi_extra or {}).get("parameters", ())
    known = frozenset(_parameters(route.dependant)) | EVERYWHERE
    known |= {parameter["name"] for parameter in described if parameter["in"] == "query"}
    route.known_parameters = known  # type: ignore[attr-defined]  # -- routes take attributes of ours


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)
