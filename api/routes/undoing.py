"""Annulment and correction of acts: previewed, asked for by one person, decided by another."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from api.encoding import JSON, answer
from api.examples import shows
from api.security import Approver, Reviewer
from api.time_travel import Recorded, parse_date
from api.turns import body_of_request
from api.undoing_examples import AMENDMENTS, ASKED, CORRECTING, REASONED, UNDOING_PREVIEW, WINDOW
from registry.changes.amendments import AmendmentStore
from registry.changes.model import Intent, Verb
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.log.sealing import seal
from registry.names.commands import open_window
from registry.restructuring.annulment import ask_annulment, change_of, preview_annulment
from registry.restructuring.correction import ask_correction, preview_correction
from registry.restructuring.deciding import approve_undoing, preview_undoing, reject_undoing
from registry.restructuring.undoing import Undoing
from registry.restructuring.undoing_store import UndoingStore
from registry.undoing_errors import UndoingIsMalformed

router = APIRouter(tags=["restructurings"])

LARGEST_BODY = 8 * 2**20
Body = Annotated[bytes, Depends(body_of_request)]
Restructuring = Annotated[
    UUID | None, Query(alias="restructuring", description="Only those on this restructuring")
]


def _takes(example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.get(
    "/v1/restructurings/{restructuring_id}/annul/preview",
    operation_id="previewRestructuringAnnulment",
    responses=shows(UNDOING_PREVIEW),
)
def preview_restructuring_annulment(restructuring_id: UUID, reading: Recorded) -> Response:
    """What annulling a restructuring would do now, and what stands in its way."""
    number = change_of(reading.connection, restructuring_id)
    return answer(reading, preview_annulment(reading.connection, number))


@router.get(
    "/v1/changes/{number}/annul/preview",
    operation_id="previewChangeAnnulment",
    responses=shows(UNDOING_PREVIEW),
)
def preview_change_annulment(number: int, reading: Recorded) -> Response:
    """What annulling a change would do now, and what stands in its way."""
    return answer(reading, preview_annulment(reading.connection, number))


@router.post(
    "/v1/restructurings/{restructuring_id}/annul",
    status_code=HTTPStatus.CREATED,
    operation_id="annulRestructuring",
    openapi_extra=_takes(REASONED),
)
def annul_restructuring(
    restructuring_id: UUID, request: Request, staff: Reviewer, sent: Body
) -> Response:
    """Ask for the annulment of a restructuring; nothing is annulled until somebody else approves."""
    body = _body(sent, {"reason", "decree"})
    with request.app.state.engine.connect() as connection:
        asked = ask_annulment(
            connection,
            change_of(connection, restructuring_id),
            reason=_text(body, "reason"),
            decree=_object(body, "decree"),
            author=staff.name,
        )
        connection.commit()
    return _filed(asked)


@router.post(
    "/v1/changes/{number}/annul",
    status_code=HTTPStatus.CREATED,
    operation_id="annulChange",
    openapi_extra=_takes(REASONED),
)
def annul_change(number: int, request: Request, staff: Reviewer, sent: Body) -> Response:
    """Ask for the annulment of any change; nothing is annulled until somebody else approves."""
    body = _body(sent, {"reason", "decree"})
    with request.app.state.engine.connect() as connection:
        asked = ask_annulment(
            connection,
            number,
            reason=_text(body, "reason"),
            decree=_object(body, "decree"),
            author=staff.name,
        )
        connection.commit()
    return _filed(asked)


@router.post(
    "/v1/restructurings/{restructuring_id}/correct/preview",
    operation_id="previewRestructuringCorrection",
    openapi_extra=_takes(CORRECTING),
)
def preview_restructuring_correction(
    restructuring_id: UUID, reading: Recorded, sent: Body
) -> Response:
    """What a correction would do now, and what stands in its way; nothing is filed."""
    body = _body(sent, None)
    body.pop("reason", None)
    return answer(reading, preview_correction(reading.connection, restructuring_id, body))


@router.post(
    "/v1/restructurings/{restructuring_id}/correct",
    status_code=HTTPStatus.CREATED,
    operation_id="correctRestructuring",
    openapi_extra=_takes(CORRECTING),
)
def correct_restructuring(
    restructuring_id: UUID, request: Request, staff: Reviewer, sent: Body
) -> Response:
    """Ask for the correction of an act's day, decree or operations, for all days concerned."""
    body = _body(sent, None)
    reason = _text(body, "reason")
    del body["reason"]
    with request.app.state.engine.connect() as connection:
        asked = ask_correction(connection, restructuring_id, body, reason=reason, author=staff.name)
        connection.commit()
    return _filed(asked)


@router.post(
    "/v1/restructurings/{restructuring_id}/dual-names",
    status_code=HTTPStatus.CREATED,
    operation_id="setDualNames",
    openapi_extra=_takes(WINDOW),
)
def set_dual_names(
    restructuring_id: UUID, request: Request, staff: Approver, sent: Body
) -> Response:
    """Let old and new texts count side by side until a day; another day replaces it, null ends it."""
    body = _body(sent, {"until"})
    until = None if body.get("until") is None else parse_date(_text(body, "until"))
    with request.app.state.engine.connect() as connection:
        number = change_of(connection, restructuring_id)
        act = ChangeStore(connection).get(number)
        intent = Intent(
            author=staff.name,
            verb=Verb.CHANGE,
            title=f"新旧地名并用:{act.title}",
            effective_on=act.effective_on,
            restructuring_id=restructuring_id,
        )
        work = Work(connection, intent)
        open_window(work, number, until=until)
        seal(work)
        connection.commit()
    return _done(work.number)


@router.get("/v1/undoings", operation_id="listUndoings", responses=shows({"undoings": [ASKED]}))
def list_undoings(reading: Recorded, restructuring: Restructuring = None) -> Response:
    """Every request to annul or correct, latest first, without papers."""
    found = UndoingStore(reading.connection).all(restructuring)
    return answer(reading, {"undoings": [_brief(one) for one in found]})


@router.get(
    "/v1/undoings/{undoing_id}",
    operation_id="getUndoing",
    responses=shows({**ASKED, "paper": None}),
)
def get_undoing(undoing_id: UUID, reading: Recorded) -> Response:
    """One request; a correction with the whole paper as it should have been."""
    return answer(reading, _shown(UndoingStore(reading.connection).get(undoing_id)))


@router.get(
    "/v1/undoings/{undoing_id}/preview",
    operation_id="previewUndoing",
    responses=shows(UNDOING_PREVIEW),
)
def preview(undoing_id: UUID, reading: Recorded) -> Response:
    """What a request would do if it were approved now."""
    return answer(reading, preview_undoing(reading.connection, undoing_id))


@router.post(
    "/v1/undoings/{undoing_id}/approve",
    status_code=HTTPStatus.CREATED,
    operation_id="approveUndoing",
)
def approve(undoing_id: UUID, request: Request, staff: Approver) -> Response:
    """Approve a request, not by its author, and carry it out, whole or not at all."""
    with request.app.state.engine.connect() as connection:
        work = approve_undoing(connection, undoing_id, who=staff.name)
        seal(work)
        connection.commit()
    return _done(work.number)


@router.post("/v1/undoings/{undoing_id}/reject", operation_id="rejectUndoing")
def reject(undoing_id: UUID, request: Request, staff: Approver) -> Response:
    """Turn a request down."""
    with request.app.state.engine.connect() as connection:
        asked = reject_undoing(connection, undoing_id, who=staff.name)
        connection.commit()
    return Response(msgspec.json.encode(_brief(asked)), media_type=JSON)


@router.get(
    "/v1/changes/{number}/amendments",
    operation_id="listAmendments",
    responses=shows(AMENDMENTS),
)
def list_amendments(number: int, reading: Recorded) -> Response:
    """What later changes say of a change, as known at `known`; its record stays as it is."""
    ChangeStore(reading.connection).get(number)
    found = AmendmentStore(reading.connection).of([number], reading.at.known)
    return answer(reading, {"change": number, "amendments": found})


def _body(raw: bytes, known: set[str] | None) -> dict[str, Any]:
    if len(raw) > LARGEST_BODY:
        raise UndoingIsMalformed("text", f"larger than {LARGEST_BODY // 2**20} MiB")
    try:
        body = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise UndoingIsMalformed("text", str(error)) from error
    if not isinstance(body, dict):
        raise UndoingIsMalformed("top", "expected an object with fields such as reason")
    unknown = sorted(set(body) - known) if known is not None else []
    if unknown:
        raise UndoingIsMalformed(unknown[0], "unknown field")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise UndoingIsMalformed(name, "expected a text")
    return value


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise UndoingIsMalformed(name, "expected an object with the authority at least")
    return value


def _shown(one: Undoing) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(one)
    return {"id": body.pop("undoing_id"), **body}


def _brief(one: Undoing) -> dict[str, Any]:
    body = _shown(one)
    del body["paper"]
    return body


def _filed(asked: Undoing) -> Response:
    return Response(
        msgspec.json.encode(_brief(asked)),
        status_code=HTTPStatus.CREATED,
        media_type=JSON,
        headers={"Location": f"/v1/undoings/{asked.undoing_id}"},
    )


def _done(number: int) -> Response:
    return Response(
        msgspec.json.encode({"change": number}),
        status_code=HTTPStatus.CREATED,
        media_type=JSON,
        headers={"Registry-Change": str(number), "Location": f"/v1/changes/{number}"},
    )
