"""`/v1/boundary-lines/{id}/agreement`: the document both sides signed, kept to the byte."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.agreements import LARGEST_BYTES, MEDIA, Agreement, keep, kept, looked_at
from api.boundary_requests import BLOCK, bounded_request, day_of
from api.examples import shows
from api.line_requests import (
    Described,
    Judge,
    intent,
    refuse_repetition,
    refuse_stale_line,
    told,
)
from api.line_views import LINE, line_of
from api.problems import Refusal
from api.security import Staff
from api.time_travel import asked_day
from api.work import works_on
from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.lines import commands
from registry.lines.store import LineStore

router = APIRouter(prefix="/v1/boundary-lines", tags=["surveyors"])
FOR_EVER = "private, max-age=31536000, immutable"
FIELDS = frozenset({"agreement_number", "agreement_on", "legal_status", "on"})
TAKES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["document"],
                    "properties": {
                        "document": {"type": "string", "format": "binary"},
                        "agreement_number": {"type": "string"},
                        "agreement_on": {"type": "string", "format": "date"},
                        "legal_status": {
                            "type": "string",
                            "enum": ["agreed", "customary", "claimed", "disputed"],
                        },
                        "on": {"type": "string", "format": "date"},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class Handed:
    """A document and what goes with it."""

    agreement: Agreement
    said: dict[str, Any]
    on: date


async def handed_in(request: Request) -> AsyncIterator[Handed]:
    """A dependency that reads and looks at a document, bounded in bytes.

    Raises:
        UploadIsTooLarge, AgreementIsUnreadable: see the classes.
        Refusal: no form with a document, or a field that is unknown or has no such value.
    """
    bounded = bounded_request(request, LARGEST_BYTES + BLOCK)
    async with bounded.form(max_files=1, max_fields=10) as form:
        upload = form.get("document")
        fields = {name: value for name, value in form.items() if name != "document"}
        if not isinstance(upload, UploadFile) or not fields.keys() <= FIELDS:
            raise _invalid(f"a form with `document` and, if wanted, {sorted(FIELDS)} is wanted")
        agreement = await run_in_threadpool(looked_at, await upload.read(LARGEST_BYTES + 1))
    on = day_of(fields.pop("on", None))
    try:
        said = {**fields, "agreement_sha256": agreement.sha256}
        values = Described.model_validate(said).values()
    except ValueError as error:
        raise _invalid(str(error).splitlines()[0]) from error
    yield Handed(agreement, values, on)


@router.post(
    "/{line_id}/agreement",
    status_code=HTTPStatus.CREATED,
    operation_id="handInAgreement",
    openapi_extra=TAKES,
    responses={201: shows(LINE)[200]},
)
def hand_in(
    line_id: UUID, request: Request, staff: Judge, handed: Annotated[Handed, Depends(handed_in)]
) -> Response:
    """Hand in the agreement of a line, from a day on: PDF, JPEG or PNG, kept to the byte.

    `Location` is where it is kept under its digest; `agreement_sha256` of the line names it.
    """
    home = request.app.state.settings.home
    asked = intent(staff, "界线协议书", Verb.CHANGE, handed.on)
    with works_on(request.app.state.engine)(asked) as work:
        refuse_stale_line(request, work, line_id)
        commands.describe(work, line_id, handed.said, on=handed.on)
        found = LineStore(work.connection).line(line_id, AsOf(handed.on, work.number))
        # Before the commit: what the registry names is there.
        keep(home, handed.agreement)
    answered = told(line_of(found), HTTPStatus.CREATED)
    answered.headers["Location"] = f"{router.prefix}/{line_id}/agreements/{handed.agreement.sha256}"
    return answered


@router.get(
    "/{line_id}/agreements/{sha256}",
    operation_id="getAgreement",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA.values()}}},
)
def get_agreement(
    line_id: UUID,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="As the line names it")],
    request: Request,
    _staff: Staff,
) -> Response:
    """An agreement of a line, this one or an earlier; for staff, as it bears signatures."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        named = LineStore(connection).has_agreement(line_id, sha256)
    file = kept(request.app.state.settings.home, sha256)
    if not named or file is None:
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, "there is no such agreement of this line")
    refuse_repetition(request, f'"{sha256}"')
    headers = {
        "Cache-Control": FOR_EVER,
        "Content-Disposition": f'inline; filename="agreement-{_short(file)}"',
        # Whatever a reader would let it do, it does nowhere.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{sha256}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.read_bytes(), media_type=MEDIA[file.suffix[1:]], headers=headers)


def _short(file: PurePath) -> str:
    return f"{file.stem[:12]}{file.suffix}"


def _invalid(what: str) -> Refusal:
    return Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
