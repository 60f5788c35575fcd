"""`/v1/divisions`: divisions (行政区划) at any point of both clocks."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from shapely.geometry import mapping

from api.coordinates import bbox_of
from api.encoding import answer, csv_answer, geojson_answer, ndjson_answer, next_link, wanted
from api.examples import CHILDREN, DIVISION, DIVISIONS, HISTORY, LINEAGE, shows
from api.time_travel import Reader, Reading, time_links
from api.views import (
    DivisionDetail,
    DivisionOut,
    SuccessorOut,
    bearer_out,
    decree_out,
    division_out,
    edge_out,
    history_out,
    period_out,
)
from registry.changes.store import ChangeStore
from registry.divisions.lineage import LineageStore
from registry.divisions.model import DivisionKind
from registry.divisions.store import DivisionStore
from registry.divisions.values import DivisionFilter, DivisionStatus, Territory

router = APIRouter(prefix="/v1/divisions", tags=["divisions"])

Format = Annotated[
    str | None,
    Query(
        alias="format",
        pattern="^(json|geojson|csv|ndjson)$",
        description="json, geojson, csv or ndjson",
    ),
]


@router.get("", operation_id="listDivisions", responses=shows(DIVISIONS))
def list_divisions(
    request: Request,
    reading: Reading,
    code: Annotated[str | None, Query(description="Code in force", examples=["350213102"])] = None,
    name: Annotated[str | None, Query(description="Whole name", examples=["马巷镇"])] = None,
    kind: DivisionKind | None = None,
    level: Annotated[int | None, Query(ge=1, le=5, description="1 province … 5 village")] = None,
    parent: Annotated[str | None, Query(description="Id or code of the parent")] = None,
    within: Annotated[str | None, Query(description="Id or code of a division it lies in")] = None,
    bbox: Annotated[
        str | None,
        Query(description="west,south,east,north in degrees", examples=["118,24.4,118.2,24.6"]),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    format_: Format = None,
) -> Response:
    """Divisions in force on a day, by code."""
    store = DivisionStore(reading.connection)
    asked = DivisionFilter(
        code=code,
        name=name,
        kind=kind,
        level=level,
        parent=None if parent is None else store.resolve(parent, reading.at),
        within=None if within is None else store.resolve(within, reading.at),
        bbox=None if bbox is None else bbox_of(bbox),
    )
    page = store.page(asked, reading.at, limit=limit, cursor=cursor)
    found = [division_out(one) for one in page.divisions]
    links = next_link(request, page.cursor)
    match wanted(request, format_, of=("json", "geojson", "csv", "ndjson")):
        case "csv":
            return csv_answer(reading, found)
        case "ndjson":
            return ndjson_answer(reading, found)
        case "geojson":
            return geojson_answer(reading, _features(store, reading, found), links=links)
        case _:
            return answer(reading, {"divisions": found, "next": links.get("next")}, links=links)


@router.get("/{division}", operation_id="getDivision", responses=shows(DIVISION))
def get_division(
    division: str,
    reading: Reading,
    geometry: Annotated[bool, Query(description="Include the territory as GeoJSON")] = True,  # noqa: FBT002 -- a query parameter
) -> Response:
    """One division by id, or by a code in force; a retired one with its successors."""
    store = DivisionStore(reading.connection)
    one = store.get(store.resolve(division, reading.at), reading.at)
    chain = store.chains([one.division_id], reading.at).get(one.division_id, ())
    act = ChangeStore(reading.connection).many([one.begun_by], reading.at.known).get(one.begun_by)
    territory = store.territory(one.division_id, reading.at)
    detail = DivisionDetail(
        division=division_out(one),
        chain=[
            {"id": link.division_id, "name": link.name, "kind": link.kind.value, "code": link.code}
            for link in chain
        ],
        territory=None if territory is None else _territory(territory, with_geometry=geometry),
        successors=_successors(reading, one.division_id)
        if one.status is DivisionStatus.ENDED
        else [],
        decree=decree_out(act.decree) if act else None,
    )
    answered = answer(reading, detail)
    answered.headers["Link"] = time_links(f"/v1/divisions/{one.division_id}")
    return answered


@router.get("/{division}/children", operation_id="listChildren", responses=shows(CHILDREN))
def children(division: str, reading: Reading) -> Response:
    """Members of a division on the day."""
    store = DivisionStore(reading.connection)
    one = store.get(store.resolve(division, reading.at), reading.at)
    found = store.children(one.division_id, reading.at)
    return answer(reading, {"divisions": [division_out(child) for child in found]})


@router.get("/{division}/history", operation_id="getDivisionHistory", responses=shows(HISTORY))
def history(division: str, reading: Reading) -> Response:
    """Every version of a division, with the decree each began under, as known at `known`."""
    store, changes = DivisionStore(reading.connection), ChangeStore(reading.connection)
    division_id = store.resolve(division, reading.at)
    store.get(division_id, reading.at)
    versions = store.history(division_id, reading.at.known)
    acts = changes.many([one.begun_by for one in versions], reading.at.known)
    codes = [bearer_out(one) for one in store.codes_of(division_id, reading.at.known)]
    body = {"id": division_id, "versions": history_out(versions, acts), "codes": codes}
    return answer(reading, body)


@router.get("/{division}/lineage", operation_id="getDivisionLineage", responses=shows(LINEAGE))
def lineage(division: str, reading: Reading) -> Response:
    """Who a division came from and who follows it, through any number of acts."""
    store = DivisionStore(reading.connection)
    division_id = store.resolve(division, reading.at)
    store.get(division_id, reading.at)
    edges = LineageStore(reading.connection).graph(division_id, reading.at.known)
    acts = ChangeStore(reading.connection).many([edge.change for edge in edges], reading.at.known)
    ids = {division_id} | {one for e in edges for one in (e.predecessor_id, e.successor_id) if one}
    nodes = [division_out(store.get(one, reading.at)) for one in sorted(ids, key=str)]
    return answer(
        reading,
        {"id": division_id, "nodes": nodes, "edges": [edge_out(edge, acts) for edge in edges]},
    )


def _successors(reading: Reader, division_id: UUID) -> list[SuccessorOut]:
    store = DivisionStore(reading.connection)
    found = []
    for edge in LineageStore(reading.connection).successors(division_id, reading.at.known):
        if edge.successor_id is not None:
            heir = store.get(edge.successor_id, reading.at)
            found.append(SuccessorOut(heir.division_id, heir.name, heir.kind.value, edge.on))
    return found


def _territory(territory: Territory, *, with_geometry: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "area_m2": territory.area_m2,
        "basis": territory.basis,
        "source": territory.source,
        "valid": period_out(territory.valid),
    }
    if with_geometry:
        body["geometry"] = mapping(territory.territory)
    return body


def _features(
    store: DivisionStore, reading: Reader, found: list[DivisionOut]
) -> list[dict[str, Any]]:
    territories = store.territories([one.id for one in found], reading.at)
    features = []
    for one in found:
        territory = territories.get(one.id)
        properties = msgspec.to_builtins(one)
        if territory is not None:
            properties |= {"basis": territory.basis, "area_m2": territory.area_m2}
        features.append(
            {
                "type": "Feature",
                "id": str(one.id),
                "properties": properties,
                "geometry": None if territory is None else mapping(territory.territory),
            }
        )
    return features
