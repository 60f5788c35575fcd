"""`/v1/boundary-updates`: what surveyors propose, from delivery to commit; for those with a key."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.boundary_examples import ASKED, REPORT, UPDATE
from api.boundary_requests import Delivery, asked_of, decree_of, delivered, territories_of
from api.boundary_views import line_of, report_of
from api.encoding import JSON, encode
from api.examples import shows
from api.language import preferred
from api.line_requests import Judge
from api.routes.restructuring_steps import Said
from api.security import Staff
from api.time_travel import asked_day
from api.web.boundaries import render_update
from api.work import works_on
from registry.boundaries import commands, enactment
from registry.boundaries.model import DoorChoice, Reason, UpdateState
from registry.boundaries.report import report_of as look_over
from registry.boundaries.store import BoundaryStore

router = APIRouter(prefix="/v1/boundary-updates", tags=["surveyors"])

MOST_LISTED = 200
_FORM = {
    "type": "object",
    "required": ["file", "title", "reason"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "zipped shapefile, .gpkg, .geojson, .fgb, .dxf, .kml, .csv of points",
        },
        **{
            name: {"type": "string"}
            for name in ("title", "reason", "effective_on", "doors", "note", "decree", "basis",
                         "based_on", "crs", "layer", "code_column")
        },
    },
}  # fmt: skip
TAKES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": ASKED},
            "multipart/form-data": {"schema": _FORM},
        },
    }
}


class Accepted(BaseModel):
    """Repairs that are accepted, by the ids the report offers them under."""

    model_config = ConfigDict(extra="forbid")

    accept: list[str] = Field(min_length=1, max_length=1000)


class Amended(BaseModel):
    """What is said otherwise."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(default=None, min_length=1, max_length=200)
    reason: Reason | None = None
    doors: DoorChoice | None = None
    note: str | None = Field(default=None, max_length=2000)
    decree: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _takes_nothing_needed_away(self) -> Self:
        for name in ("title", "reason"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be taken away")
        return self


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="fileBoundaryUpdate",
    openapi_extra=TAKES,
    responses={201: shows(REPORT)[200]},
)
def file_update(
    request: Request, staff: Staff, delivery: Annotated[Delivery, Depends(delivered)]
) -> Response:
    """File a draft: territories as a file or as GeoJSON, checked at once.

    A draft belongs to who files it. If somebody else's open draft touches the same edge, it is
    refused with 409 and names that draft.
    """
    with request.app.state.engine.connect() as connection:
        asked = asked_of(delivery, staff.name, delivery.name or "json")
        drawn = territories_of(connection, delivery, asked)
        made = commands.file(connection, asked, drawn)
        report = look_over(connection, made.update_id)
        connection.commit()
    answered = _answer(report_of(report), HTTPStatus.CREATED)
    answered.headers["Location"] = f"{router.prefix}/{made.update_id}"
    return answered


@router.get("", operation_id="listBoundaryUpdates", responses=shows({"updates": [UPDATE]}))
def list_updates(
    request: Request,
    _staff: Staff,
    author: Annotated[str | None, Query(description="Only drafts of this surveyor")] = None,
    state: Annotated[UpdateState | None, Query(description="Only updates that stand so")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
) -> Response:
    """Boundary updates, latest first."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        found = BoundaryStore(connection).page(author=author, state=state, limit=limit)
    return _answer({"updates": [line_of(one) for one in found]})


@router.get(
    "/{update_id}",
    operation_id="getBoundaryUpdate",
    responses={200: {"content": {**shows(REPORT)[200]["content"], "text/html": {}}}},
)
def get_update(
    update_id: UUID,
    request: Request,
    _staff: Staff,
    format_: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
) -> Response:
    """The report: findings with repairs, before and after, and everything that would move."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        report = look_over(connection, update_id)
    if format_ == "html":
        return HTMLResponse(
            render_update(report, preferred(request)), headers={"Cache-Control": "no-store"}
        )
    return _answer(report_of(report))


@router.patch("/{update_id}", operation_id="amendBoundaryUpdate", responses=shows(REPORT))
def amend_update(update_id: UUID, said: Amended, request: Request, staff: Staff) -> Response:
    """Say otherwise why a draft is made, and what becomes of doors on the other side."""
    decree_of(said.decree)
    changes = said.model_dump(exclude_unset=True, mode="json")
    return _stepped(request, commands.amend, update_id, who=staff.name, **changes)


@router.post("/{update_id}/repairs", operation_id="acceptRepairs", responses=shows(REPORT))
def accept_repairs(update_id: UUID, said: Accepted, request: Request, staff: Staff) -> Response:
    """Carry out repairs the report offers; neighbours they alter join the update."""
    return _stepped(
        request, commands.accept_repairs, update_id, wanted=said.accept, who=staff.name
    )  # fmt: skip


@router.post("/{update_id}/submit", operation_id="submitBoundaryUpdate", responses=shows(REPORT))
def submit(update_id: UUID, request: Request, staff: Staff, said: Said | None = None) -> Response:
    """Ask for approval of exactly what the draft says now."""
    reason = said.reason if said else None
    return _stepped(request, commands.submit, update_id, who=staff.name, reason=reason)


@router.post("/{update_id}/approve", operation_id="approveBoundaryUpdate", responses=shows(REPORT))
def approve(update_id: UUID, request: Request, staff: Judge, said: Said | None = None) -> Response:
    """Approve it; not by its author."""
    reason = said.reason if said else None
    return _stepped(request, commands.approve, update_id, who=staff.name, reason=reason)


@router.post("/{update_id}/reject", operation_id="rejectBoundaryUpdate", responses=shows(REPORT))
def reject(update_id: UUID, request: Request, staff: Judge, said: Said | None = None) -> Response:
    """Send it back to its surveyor."""
    reason = said.reason if said else None
    return _stepped(request, commands.reject, update_id, who=staff.name, reason=reason)


@router.post(
    "/{update_id}/withdraw", operation_id="withdrawBoundaryUpdate", responses=shows(REPORT)
)
def withdraw(update_id: UUID, request: Request, staff: Staff, said: Said | None = None) -> Response:
    """Take it back; its edges are free for others again."""
    reason = said.reason if said else None
    return _stepped(request, commands.withdraw, update_id, who=staff.name, reason=reason)


@router.post("/{update_id}/rebase", operation_id="rebaseBoundaryUpdate", responses=shows(REPORT))
def rebase(update_id: UUID, request: Request, staff: Staff) -> Response:
    """Draw it anew on what holds by now; ground both sides changed is refused with both sides."""
    return _stepped(request, enactment.rebase, update_id, who=staff.name)


@router.post(
    "/{update_id}/commit",
    status_code=HTTPStatus.CREATED,
    operation_id="commitBoundaryUpdate",
    responses={201: shows(REPORT)[200]},
)
def commit(update_id: UUID, request: Request, staff: Judge) -> Response:
    """Carry an approved update out, as one change."""
    engine = request.app.state.engine
    with engine.connect() as connection:
        intent = enactment.intent_of(BoundaryStore(connection).get(update_id), who=staff.name)
    with works_on(engine)(intent) as work:
        enactment.commit(work, update_id, who=staff.name)
    with engine.connect() as connection:
        report = look_over(connection, update_id)
    return _answer(report_of(report), HTTPStatus.CREATED)


def _stepped(request: Request, step: Any, update_id: UUID, **more: Any) -> Response:
    with request.app.state.engine.connect() as connection:
        step(connection, update_id, **more)
        report = look_over(connection, update_id)
        connection.commit()
    return _answer(report_of(report))


def _answer(body: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(
        encode(body), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store"}
    )
