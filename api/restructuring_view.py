"""A restructuring on the wire: how its paper is read, and what is shown of it."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

import msgspec
import yaml
from fastapi import Request, Response
from sqlalchemy import Connection

from api import clock
from api.encoding import JSON, encode
from api.problems import NotModified, Refusal
from api.time_travel import Reader
from registry.changes.store import ChangeStore
from registry.errors import PlanIsMalformed
from registry.rehearsal.model import Publication
from registry.restructuring.deadlines import Dates, Deadline, deadlines_of
from registry.restructuring.decrees import read_decree
from registry.restructuring.docket import Docket, Step
from registry.restructuring.errors import PaperWasEdited
from registry.restructuring.model import Restructuring
from registry.restructuring.settling import amendments_of

LARGEST_PAPER = 8 * 2**20
REVISION = re.compile(r'\s*(?:W/)?"r(?P<revision>[0-9]{1,9})(?:-[0-9a-f]+)?"\s*')


def read_raw(body: bytes, content_type: str) -> dict[str, Any]:
    """A paper as sent, JSON or YAML.

    Raises:
        PlanIsMalformed: it is neither, or too large.
    """
    if len(body) > LARGEST_PAPER:
        raise PlanIsMalformed("text", f"larger than {LARGEST_PAPER // 2**20} MiB")
    try:
        raw = yaml.safe_load(body.decode()) if "yaml" in content_type else msgspec.json.decode(body)
    except (msgspec.DecodeError, yaml.YAMLError, ValueError) as error:
        raise PlanIsMalformed("text", " ".join(str(error).split())) from error
    if not isinstance(raw, dict):
        raise PlanIsMalformed("top", "expected fields such as title, effective_on, operations")
    return raw


def revision_asked(request: Request) -> int | None:
    """The revision an edit was made on; None: `If-Match: *`.

    Raises:
        Refusal: the header is missing.
        PaperWasEdited: it is no tag this registry gave.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise Refusal(
            "if-match-is-missing",
            HTTPStatus.PRECONDITION_REQUIRED,
            "send If-Match with the ETag of the restructuring that was read",
        )
    if given.strip() == "*":
        return None
    found = REVISION.fullmatch(given)
    if found is None:
        raise PaperWasEdited(given=given, revision=0)
    return int(found["revision"])


def body_of(one: Restructuring) -> dict[str, Any]:
    """What is shown of a restructuring, with its paper."""
    body: dict[str, Any] = msgspec.to_builtins(one)
    return {
        "id": body.pop("restructuring_id"),
        "case": body.pop("case_id"),
        "act": body.pop("act_number"),
        "scenario": body.pop("scenario"),
        **body,
    }


def brief_of(one: Restructuring) -> dict[str, Any]:
    """The same without its paper."""
    body = body_of(one)
    del body["paper"]
    return body


def published_of(publication: Publication | None) -> dict[str, Any] | None:
    """Since when, and on which effects, everybody may rehearse a plan; None: nobody but staff."""
    if publication is None:
        return None
    return {
        "at": publication.published_at,
        "by": publication.published_by,
        "change": publication.drawn_at,
        "digest": publication.effects_digest,
    }


def whole_of(connection: Connection, one: Restructuring) -> dict[str, Any]:
    """A restructuring with its steps, deadlines, amendments, and the acts and scenarios it belongs to."""
    steps = Docket(connection).steps(one.restructuring_id)
    return {
        **body_of(one),
        "steps": steps,
        "deadlines": deadlines(connection, one, steps),
        "amendments": amendments_of(connection, one),
        "siblings": [
            {
                "id": other.restructuring_id,
                "act": other.act_number,
                "scenario": other.scenario,
                "title": other.title,
                "state": other.state,
            }
            for other in Docket(connection).case(one.case_id)
            if other.restructuring_id != one.restructuring_id
        ],
    }


def deadlines(
    connection: Connection, one: Restructuring, steps: list[Step]
) -> tuple[Deadline, ...]:
    """The deadlines of a restructuring as of today."""
    return deadlines_of(_dates(connection, one, steps), clock.today())


def fresh(
    request: Request,
    reading: Reader,
    body: Any,
    *,
    revision: int | None = None,
    media_type: str = JSON,
) -> Response:
    """An answer whose tag changes with what it says: steps do not move the registry's change.

    Raises:
        NotModified: the client has this very answer already.
    """
    content = body if isinstance(body, bytes) else encode(body)
    digest = hashlib.sha256(content).hexdigest()[:12]
    etag = f'"{digest}"' if revision is None else f'"r{revision}-{digest}"'
    if etag in request.headers.get("if-none-match", ""):
        raise NotModified(etag)
    return Response(content, media_type=media_type, headers={**reading.headers(), "ETag": etag})


def stepped(filed: Restructuring, status: int = HTTPStatus.OK, **more: Any) -> Response:
    """What a step answers."""
    headers = {"ETag": f'"r{filed.revision}"'}
    if status == HTTPStatus.CREATED:
        headers["Location"] = f"/v1/restructurings/{filed.restructuring_id}"
    return Response(
        msgspec.json.encode({**body_of(filed), **more}),
        status_code=status,
        media_type=JSON,
        headers=headers,
    )


def milestones_of(steps: list[Step]) -> Mapping[str, date]:
    """The days staff recorded; the latest record of each counts."""
    return {
        str(step.facts["milestone"]): date.fromisoformat(step.facts["on"])
        for step in steps
        if step.step == "milestone" and step.facts is not None
    }


def _dates(connection: Connection, one: Restructuring, steps: list[Step]) -> Dates:
    decree = read_decree(one)
    committed_on = None
    if one.change_number is not None:
        recorded_at = ChangeStore(connection).get(one.change_number).recorded_at
        committed_on = recorded_at.astimezone(clock.SHANGHAI).date()
    announced = {}
    if decree is not None and decree.announced_on is not None:
        announced = {"announced": decree.announced_on}
    return Dates(
        approved_on=None if decree is None else decree.approved_on,
        effective_on=one.effective_on,
        committed_on=committed_on,
        milestones={**announced, **milestones_of(steps)},
    )
