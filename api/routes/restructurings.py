"""`/v1/restructurings`: papers filed, edited, read; their steps are in `restructuring_steps`."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api import clock
from api.encoding import wanted
from api.examples import FILED, PAPER, shows
from api.language import preferred
from api.restructuring_examples import ANNOUNCEMENT, PLACED, WHOLE
from api.restructuring_view import (
    body_of,
    brief_of,
    fresh,
    milestones_of,
    published_of,
    read_raw,
    revision_asked,
    stepped,
    whole_of,
)
from api.security import Reviewer
from api.time_travel import Recorded
from api.turns import body_of_request
from api.web.announcement import render_announcement
from registry.rehearsal.store import RehearsalStore
from registry.restructuring import commands
from registry.restructuring.announcement import announce, as_text
from registry.restructuring.docket import Docket
from registry.restructuring.model import State
from registry.restructuring.store import RestructuringStore

router = APIRouter(prefix="/v1/restructurings", tags=["restructurings"])

PAPER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": PAPER},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}

Body = Annotated[bytes, Depends(body_of_request)]


class Copy(BaseModel):
    """How a scenario departs from the one it is made from."""

    model_config = ConfigDict(extra="forbid")

    scenario: str | None = Field(default=None, min_length=1, max_length=40)
    edits: dict[str, Any] = Field(
        default={}, description="A JSON merge patch (RFC 7396) of the paper"
    )


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="createRestructuring",
    openapi_extra=PAPER_BODY,
)
def create_restructuring(request: Request, staff: Reviewer, body: Body) -> Response:
    """File a plan (JSON or YAML) as a draft; nothing of it takes effect.

    `case` (the id of a case or of one of its acts), `act` (1, 2 …: acts follow each other) and
    `scenario` (alternatives of one act) in it say where it belongs; without them it is a case of
    its own.
    """
    raw = read_raw(body, request.headers.get("content-type", ""))
    with request.app.state.engine.connect() as connection:
        filed = commands.create(connection, raw, author=staff.name)
        connection.commit()
    return stepped(filed, HTTPStatus.CREATED)


@router.get("", operation_id="listRestructurings", responses=shows({"restructurings": [PLACED]}))
def list_restructurings(
    request: Request,
    reading: Recorded,
    case: Annotated[
        UUID | None, Query(description="Only the acts and scenarios of a case, in order.")
    ] = None,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
    published: Annotated[
        bool | None, Query(description="Only plans everybody may rehearse, or only the others")
    ] = None,
) -> Response:
    """Every restructuring, latest effect first, without its paper."""
    found = (
        RestructuringStore(reading.connection).all()
        if case is None
        else Docket(reading.connection).case(case)
    )
    publications = RehearsalStore(reading.connection).publications()
    shown = [
        {**brief_of(one), "published": published_of(publications.get(one.restructuring_id))}
        for one in found
        if (state is None or one.state is state)
        and (published is None or published is (one.restructuring_id in publications))
    ]
    return fresh(request, reading, {"restructurings": shown})


@router.get("/{restructuring_id}", operation_id="getRestructuring", responses=shows(WHOLE))
def get_restructuring(request: Request, restructuring_id: UUID, reading: Recorded) -> Response:
    """One restructuring with its paper, its steps and its deadlines."""
    filed = RestructuringStore(reading.connection).get(restructuring_id)
    publication = RehearsalStore(reading.connection).publication(restructuring_id)
    whole = {**whole_of(reading.connection, filed), "published": published_of(publication)}
    return fresh(request, reading, whole, revision=filed.revision)


@router.put(
    "/{restructuring_id}",
    operation_id="editRestructuring",
    openapi_extra=PAPER_BODY,
    responses=shows({**FILED, "state": "draft"}),
)
def edit_restructuring(
    restructuring_id: UUID, request: Request, staff: Reviewer, body: Body
) -> Response:
    """Replace the paper of a draft; `If-Match` says which revision the edit was made on."""
    revision = revision_asked(request)
    raw = read_raw(body, request.headers.get("content-type", ""))
    with request.app.state.engine.connect() as connection:
        filed = commands.edit(connection, restructuring_id, raw, who=staff.name, revision=revision)
        connection.commit()
    return stepped(filed)


@router.post(
    "/{restructuring_id}/duplicate",
    status_code=HTTPStatus.CREATED,
    operation_id="duplicateRestructuring",
    responses={201: {"content": {"application/json": {"example": {**PLACED, "scenario": "B"}}}}},
)
def duplicate_restructuring(
    restructuring_id: UUID, request: Request, staff: Reviewer, asked: Copy | None = None
) -> Response:
    """File another scenario of the same act, with edits."""
    copy = asked or Copy()
    with request.app.state.engine.connect() as connection:
        filed = commands.duplicate(
            connection,
            restructuring_id,
            who=staff.name,
            scenario=copy.scenario,
            edits=copy.edits,
        )
        connection.commit()
    return stepped(filed, HTTPStatus.CREATED, paper=body_of(filed)["paper"])


@router.get(
    "/{restructuring_id}/announcement",
    operation_id="announceRestructuring",
    responses=shows(ANNOUNCEMENT),
)
def announcement(
    request: Request,
    restructuring_id: UUID,
    reading: Recorded,
    format: Annotated[  # noqa: A002 -- the public name of the parameter
        str | None, Query(pattern="^(json|html|text)$", description="json, html or text.")
    ] = None,
) -> Response:
    """The public announcement (公告) in Chinese; refused while a field the rules demand is missing."""
    steps = Docket(reading.connection).steps(restructuring_id)
    found = announce(
        reading.connection,
        restructuring_id,
        announced_on=milestones_of(steps).get("announced"),
        today=clock.today(),
    )
    accept = request.headers.get("accept", "")
    form = format or ("html" if "text/html" in accept else wanted(request, None))
    if form == "html":
        page = render_announcement(found, preferred(request))
        return HTMLResponse(page, headers=reading.headers())
    if form == "text":
        return fresh(
            request,
            reading,
            as_text(found).encode(),
            media_type="text/plain; charset=utf-8",
        )
    return fresh(request, reading, found)
