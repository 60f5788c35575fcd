"""`/v1/restructurings/{id}/…`: the steps of a restructuring's life."""

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.encoding import JSON
from api.examples import PUBLISHED, shows
from api.restructuring_examples import PLACED, REBASED
from api.restructuring_view import published_of, stepped
from api.security import Approver, Reviewer
from registry.log.sealing import seal
from registry.rehearsal import commands as rehearsals
from registry.restructuring import commands
from registry.restructuring.model import Restructuring
from registry.restructuring.store import RestructuringStore

router = APIRouter(prefix="/v1/restructurings/{restructuring_id}", tags=["restructurings"])


class Said(BaseModel):
    """What goes with a step."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, min_length=1, max_length=2000)


class Approval(Said):
    """What goes with an approval."""

    decree: dict[str, Any] | None = Field(
        default=None,
        description="authority, number, title, approved_on, announced_on, note: over the paper's",
    )


class Milestone(BaseModel):
    """A day the rules ask for."""

    model_config = ConfigDict(extra="forbid")

    milestone: str = Field(
        description="filed, announced, codes-published, opened, completion-reported"
    )
    on: date


def _moved(request: Request, step: Any, restructuring_id: UUID, **more: Any) -> Restructuring:
    with request.app.state.engine.connect() as connection:
        filed: Restructuring = step(connection, restructuring_id, **more)
        connection.commit()
    return filed


def _after(state: str) -> dict[int | str, dict[str, Any]]:
    return shows({**PLACED, "state": state})


@router.post("/submit", operation_id="submitRestructuring", responses=_after("submitted"))
def submit(
    restructuring_id: UUID, request: Request, staff: Reviewer, said: Said | None = None
) -> Response:
    """Ask for approval of exactly the effects the plan has now."""
    reason = said.reason if said else None
    return stepped(
        _moved(request, commands.submit, restructuring_id, who=staff.name, reason=reason)
    )


@router.post("/approve", operation_id="approveRestructuring", responses=_after("approved"))
def approve(
    restructuring_id: UUID, request: Request, staff: Approver, said: Approval | None = None
) -> Response:
    """Approve it, with the decree; not by its author."""
    given = said or Approval()
    return stepped(
        _moved(
            request,
            commands.approve,
            restructuring_id,
            who=staff.name,
            reason=given.reason,
            decree=given.decree,
        )
    )


@router.post("/reject", operation_id="rejectRestructuring", responses=_after("rejected"))
def reject(
    restructuring_id: UUID, request: Request, staff: Approver, said: Said | None = None
) -> Response:
    """Send it back."""
    reason = said.reason if said else None
    return stepped(
        _moved(request, commands.reject, restructuring_id, who=staff.name, reason=reason)
    )


@router.post("/withdraw", operation_id="withdrawRestructuring", responses=_after("withdrawn"))
def withdraw(
    restructuring_id: UUID, request: Request, staff: Reviewer, said: Said | None = None
) -> Response:
    """Take it back before it is carried out."""
    reason = said.reason if said else None
    return stepped(
        _moved(request, commands.withdraw, restructuring_id, who=staff.name, reason=reason)
    )


@router.post("/schedule", operation_id="scheduleRestructuring", responses=_after("scheduled"))
def schedule(
    restructuring_id: UUID, request: Request, staff: Approver, said: Said | None = None
) -> Response:
    """Let it be carried out by itself at 00:00 (Asia/Shanghai) of its day."""
    reason = said.reason if said else None
    return stepped(
        _moved(request, commands.schedule, restructuring_id, who=staff.name, reason=reason)
    )


@router.post("/milestones", operation_id="recordMilestone", responses=_after("committed"))
def record_milestone(
    restructuring_id: UUID, request: Request, staff: Reviewer, said: Milestone
) -> Response:
    """Record the day it was filed, announced, its codes published: deadlines are met by it."""
    return stepped(
        _moved(
            request,
            commands.reach,
            restructuring_id,
            who=staff.name,
            milestone=said.milestone,
            on=said.on,
        )
    )


@router.post("/rebase", operation_id="rebaseRestructuring", responses=shows(REBASED))
def rebase(
    restructuring_id: UUID, request: Request, staff: Reviewer, said: Said | None = None
) -> Response:
    """Draw it anew on what is known by now; conflicts are listed and leave it as it is."""
    reason = said.reason if said else None
    with request.app.state.engine.connect() as connection:
        done = commands.rebase(connection, restructuring_id, who=staff.name, reason=reason)
        connection.commit()
    found = done.comparison
    return stepped(
        done.filed,
        rebase={
            "drawn_at": found.drawn_at,
            "head": found.head,
            "approval": done.approval,
            "moved": found.moved,
            "differing": found.differing,
            "conflicts": found.conflicts,
        },
    )


@router.post("/commit", status_code=HTTPStatus.CREATED, operation_id="commitRestructuring")
def commit(restructuring_id: UUID, request: Request, staff: Approver) -> Response:
    """Carry an approved restructuring out, whole or not at all."""
    with request.app.state.engine.connect() as connection:
        number = _committed(connection, restructuring_id, staff.name)
    return Response(
        msgspec.json.encode({"restructuring_id": restructuring_id, "change": number}),
        status_code=HTTPStatus.CREATED,
        media_type=JSON,
        headers={"Registry-Change": str(number), "Location": f"/v1/changes/{number}"},
    )


@router.post(
    "/publish",
    operation_id="publishRestructuring",
    responses=shows({**PLACED, "published": PUBLISHED}),
)
def publish(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Let everybody rehearse it: read the registry with `plan=` as it would be, and its crosswalk
    as a draft. Nothing of it takes effect."""
    with request.app.state.engine.connect() as connection:
        publication = rehearsals.publish(connection, restructuring_id, who=staff.name)
        filed = RestructuringStore(connection).get(restructuring_id)
        connection.commit()
    return stepped(filed, published=published_of(publication))


@router.post("/unpublish", operation_id="unpublishRestructuring", responses=shows(PLACED))
def unpublish(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:  # noqa: ARG001 -- asks for the role
    """Leave it to the staff again."""
    with request.app.state.engine.connect() as connection:
        rehearsals.unpublish(connection, restructuring_id)
        filed = RestructuringStore(connection).get(restructuring_id)
        connection.commit()
    return stepped(filed)


def _committed(connection: Connection, restructuring_id: UUID, who: str) -> int:
    done = commands.commit_once(connection, restructuring_id, who=who)
    if done.work is not None:
        seal(done.work)
    connection.commit()
    return done.change_number
