"""`/v1/consumers` and `/consumers`: who downstream has moved to which change, and who lags."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.encoding import JSON, encode
from api.examples import shows
from api.language import preferred
from api.problems import Refusal
from api.push_examples import BOARD, CONSUMER
from api.security import Integrator, require
from api.staff_door import asked_for_key
from api.time_travel import asked_day
from api.web.board import ConsumersPage, render_consumers
from registry.subscriptions.consumers import Board, acknowledge, board, forget

router = APIRouter(tags=["consumers"])

seen_by_staff = require("surveyor", "reviewer", "approver", "integrator")
Name = Annotated[
    str,
    Path(
        description="The consumer's own name for itself; belongs to its first holder",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["district-platform"],
    ),
]
NO_STORE = {"Cache-Control": "no-store"}


class Acknowledgement(BaseModel):
    """How far a consumer has come."""

    model_config = ConfigDict(extra="forbid")

    change: int = Field(ge=0, description="The last change it has taken in, with all before it")
    note: str | None = Field(default=None, max_length=500, description="Shown on the board")


@router.put(
    "/v1/consumers/{name}/acknowledged",
    operation_id="acknowledgeChange",
    responses=shows(CONSUMER),
)
def acknowledge_change(
    name: Name, said: Acknowledgement, request: Request, holder: Integrator
) -> Response:
    """Say that everything up to a change has been taken in; never less than before."""
    with request.app.state.engine.connect() as connection:
        held = acknowledge(connection, name, said.change, holder=holder.name, note=said.note)
        connection.commit()
    return Response(encode(held), media_type=JSON, headers=NO_STORE)


@router.delete(
    "/v1/consumers/{name}",
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="deleteConsumer",
)
def delete_consumer(name: Name, request: Request, holder: Integrator) -> Response:
    """Take a consumer off the board: it is no more, or starts over."""
    own = None if holder.role == "administrator" else holder.name
    with request.app.state.engine.connect() as connection:
        forget(connection, name, holder=own)
        connection.commit()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get(
    "/v1/consumers",
    operation_id="listConsumers",
    responses=shows(BOARD),
    dependencies=[Depends(seen_by_staff)],
)
def list_consumers(request: Request) -> Response:
    """Who has moved to which change, who lags by how much, and who has passed the latest acts."""
    asked_day(request, None)
    found = _board(request)
    headers = {**NO_STORE, "Registry-Change": str(found.head)}
    return Response(encode(found), media_type=JSON, headers=headers)


@router.get("/consumers", operation_id="consumersPage", response_class=HTMLResponse)
def show_consumers(request: Request) -> Response:
    """The board for staff; a browser gives the key as the password of HTTP Basic."""
    asked_day(request, None)
    language = preferred(request)
    try:
        seen_by_staff(request)
    except Refusal as error:
        return asked_for_key(error, language)
    found = _board(request)
    page = ConsumersPage(found, request.app.state.settings.public_url, language)
    headers = {**NO_STORE, "Registry-Change": str(found.head), "Vary": "Accept-Language"}
    return HTMLResponse(render_consumers(page), headers=headers)


def _board(request: Request) -> Board:
    with request.app.state.engine.connect() as connection:
        return board(connection)
