"""`/v1/restructurings`: plan, preview, approve, commit."""

from http import HTTPStatus
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
import yaml
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from api.encoding import JSON, answer
from api.examples import FILED, PAPER, PUBLISHED, shows
from api.security import Approver, Holder, Reviewer
from api.time_travel import Recorded
from registry.errors import PlanIsMalformed
from registry.log.sealing import seal
from registry.rehearsal import commands as rehearsals
from registry.rehearsal.model import Publication
from registry.rehearsal.store import RehearsalStore
from registry.restructuring import commands
from registry.restructuring.model import Restructuring
from registry.restructuring.store import RestructuringStore

router = APIRouter(prefix="/v1/restructurings", tags=["restructurings"])


class Step(Protocol):
    """A verb that moves a restructuring on."""

    def __call__(
        self, connection: Connection, restructuring_id: UUID, *, who: str
    ) -> Restructuring:
        """Do the step; the caller commits."""
        ...


LARGEST_PAPER = 8 * 2**20


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="createRestructuring",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": PAPER},
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def create_restructuring(request: Request, staff: Reviewer) -> Response:
    """File a plan (JSON or YAML) as a draft; nothing of it takes effect."""
    raw = _read(await request.body(), request.headers.get("content-type", ""))
    with request.app.state.engine.connect() as connection:
        filed = commands.create(connection, raw, author=staff.name)
        connection.commit()
    return _answer(
        filed, HTTPStatus.CREATED, {"Location": f"/v1/restructurings/{filed.restructuring_id}"}
    )


@router.get(
    "",
    operation_id="listRestructurings",
    responses=shows({"restructurings": [{**FILED, "published": None}]}),
)
def list_restructurings(
    reading: Recorded,
    published: Annotated[
        bool | None, Query(description="Only plans everybody may rehearse, or only the others")
    ] = None,
) -> Response:
    """Every restructuring, latest effect first, without its paper."""
    publications = RehearsalStore(reading.connection).publications()
    found = [
        _brief(one, publications.get(one.restructuring_id))
        for one in RestructuringStore(reading.connection).all()
        if published is None or published is (one.restructuring_id in publications)
    ]
    return answer(reading, {"restructurings": found})


@router.get(
    "/{restructuring_id}",
    operation_id="getRestructuring",
    responses=shows({**FILED, "published": PUBLISHED, "paper": PAPER}),
)
def get_restructuring(restructuring_id: UUID, reading: Recorded) -> Response:
    """One restructuring with its paper."""
    filed = RestructuringStore(reading.connection).get(restructuring_id)
    publication = RehearsalStore(reading.connection).publication(restructuring_id)
    return answer(reading, {**_body(filed), "published": _published(publication)})


@router.post(
    "/{restructuring_id}/submit",
    operation_id="submitRestructuring",
    responses=shows({**FILED, "state": "submitted"}),
)
def submit(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Ask for approval of exactly the effects the plan has now."""
    return _answer(_step(commands.submit, request, restructuring_id, staff))


@router.post(
    "/{restructuring_id}/approve",
    operation_id="approveRestructuring",
    responses=shows({**FILED, "state": "approved"}),
)
def approve(restructuring_id: UUID, request: Request, staff: Approver) -> Response:
    """Approve it; not by its author."""
    return _answer(_step(commands.approve, request, restructuring_id, staff))


@router.post(
    "/{restructuring_id}/reject",
    operation_id="rejectRestructuring",
    responses=shows({**FILED, "state": "rejected"}),
)
def reject(restructuring_id: UUID, request: Request, staff: Approver) -> Response:
    """Send it back."""
    return _answer(_step(commands.reject, request, restructuring_id, staff))


@router.post(
    "/{restructuring_id}/withdraw",
    operation_id="withdrawRestructuring",
    responses=shows({**FILED, "state": "withdrawn"}),
)
def withdraw(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Take it back before it is carried out."""
    return _answer(_step(commands.withdraw, request, restructuring_id, staff))


@router.post(
    "/{restructuring_id}/publish",
    operation_id="publishRestructuring",
    responses=shows({**FILED, "published": PUBLISHED}),
)
def publish(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:
    """Let everybody rehearse it: read the registry with `plan=` as it would be, and its crosswalk
    as a draft. Nothing of it takes effect."""
    with request.app.state.engine.connect() as connection:
        publication = rehearsals.publish(connection, restructuring_id, who=staff.name)
        filed = RestructuringStore(connection).get(restructuring_id)
        connection.commit()
    return _answer(filed, publication=publication)


@router.post(
    "/{restructuring_id}/unpublish", operation_id="unpublishRestructuring", responses=shows(FILED)
)
def unpublish(restructuring_id: UUID, request: Request, staff: Reviewer) -> Response:  # noqa: ARG001 -- asks for the role
    """Leave it to the staff again."""
    with request.app.state.engine.connect() as connection:
        rehearsals.unpublish(connection, restructuring_id)
        filed = RestructuringStore(connection).get(restructuring_id)
        connection.commit()
    return _answer(filed)


@router.post(
    "/{restructuring_id}/commit", status_code=HTTPStatus.CREATED, operation_id="commitRestructuring"
)
def commit(restructuring_id: UUID, request: Request, staff: Approver) -> Response:
    """Carry an approved restructuring out, whole or not at all."""
    with request.app.state.engine.connect() as connection:
        work = commands.commit(connection, restructuring_id, who=staff.name)
        seal(work)
        connection.commit()
    return Response(
        msgspec.json.encode({"restructuring_id": restructuring_id, "change": work.number}),
        status_code=HTTPStatus.CREATED,
        media_type=JSON,
        headers={"Registry-Change": str(work.number), "Location": f"/v1/changes/{work.number}"},
    )


def _step(step: Step, request: Request, restructuring_id: UUID, staff: Holder) -> Restructuring:
    with request.app.state.engine.connect() as connection:
        filed = step(connection, restructuring_id, who=staff.name)
        connection.commit()
    return filed


def _read(body: bytes, content_type: str) -> dict[str, Any]:
    if len(body) > LARGEST_PAPER:
        raise PlanIsMalformed("text", f"larger than {LARGEST_PAPER // 2**20} MiB")
    try:
        raw = yaml.safe_load(body.decode()) if "yaml" in content_type else msgspec.json.decode(body)
    except (msgspec.DecodeError, yaml.YAMLError, ValueError) as error:
        raise PlanIsMalformed("text", " ".join(str(error).split())) from error
    if not isinstance(raw, dict):
        raise PlanIsMalformed("top", "expected fields such as title, effective_on, operations")
    return raw


def _brief(one: Restructuring, publication: Publication | None) -> dict[str, Any]:
    body = _body(one)
    del body["paper"]
    return {**body, "published": _published(publication)}


def _published(publication: Publication | None) -> dict[str, Any] | None:
    if publication is None:
        return None
    return {
        "at": publication.published_at,
        "by": publication.published_by,
        "change": publication.drawn_at,
        "digest": publication.effects_digest,
    }


def _body(one: Restructuring) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(one)
    return {"id": body.pop("restructuring_id"), **body}


def _answer(
    filed: Restructuring,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    *,
    publication: Publication | None = None,
) -> Response:
    body = _body(filed)
    if publication is not None:
        body["published"] = _published(publication)
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=headers)
