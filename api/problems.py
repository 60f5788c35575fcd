"""Errors on the wire: RFC 9457 problem+json, one table from rule to status, zh and en."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg import DataError as DriverRefuses
from psycopg import OperationalError as DriverUnavailable
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from api.explanations import EXPLANATIONS
from api.language import preferred
from api.remote import RemoteIsUnavailable, RemoteRefuses
from registry import errors, undoing_errors
from registry.addresses.address_code import AddressCodeIsMistyped
from registry.boundaries import errors as surveys
from registry.errors import RegistryError
from registry.features.errors import FilterIsInvalid
from registry.lines import errors as line_errors
from registry.plates import errors as plate_errors
from registry.reports import errors as report_errors
from registry.restructuring import errors as rules
from registry.restructuring import refusals
from registry.restructuring.regroup import BoundsCannotBeMet, FiguresAreMissing

MEDIA_TYPE = "application/problem+json"

NOT_FOUND, CONFLICT = HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT
BAD_INPUT = HTTPStatus.UNPROCESSABLE_ENTITY
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

STATUS: dict[type[RegistryError], HTTPStatus] = {
    errors.PeriodIsEmpty: BAD_INPUT,
    errors.DateIsInvalid: BAD_INPUT,
    errors.NotInForce: CONFLICT,
    errors.LaterActExists: CONFLICT,
    errors.ChangeIsUnknown: NOT_FOUND,
    errors.AlreadyDone: CONFLICT,
    errors.DivisionIsUnknown: NOT_FOUND,
    errors.CodeIsUnknown: NOT_FOUND,
    errors.AddressIsUnknown: NOT_FOUND,
    errors.RestructuringIsUnknown: NOT_FOUND,
    errors.GeometryIsInvalid: BAD_INPUT,
    errors.PlanIsMalformed: BAD_INPUT,
    errors.PlanBreaksRules: CONFLICT,
    errors.DivisionMovesTwice: CONFLICT,
    errors.CodeWasUsed: CONFLICT,
    errors.CodeOutsideBlock: CONFLICT,
    errors.PlanIsStale: CONFLICT,
    errors.StateForbids: CONFLICT,
    errors.StageForbids: CONFLICT,
    errors.ApproverIsAuthor: HTTPStatus.FORBIDDEN,
    errors.SourceIsUnreadable: BAD_INPUT,
    errors.CursorIsInvalid: BAD_INPUT,
    errors.ReplayOutOfOrder: CONFLICT,
    errors.VerbDoesNotFit: CONFLICT,
    undoing_errors.LaterWorkStands: CONFLICT,
    undoing_errors.ChangeIsAnnulled: CONFLICT,
    undoing_errors.NotCommitted: CONFLICT,
    undoing_errors.UndoingIsUnknown: NOT_FOUND,
    undoing_errors.UndoingIsDecided: CONFLICT,
    undoing_errors.NothingIsCorrected: CONFLICT,
    undoing_errors.UndoingIsMalformed: BAD_INPUT,
    undoing_errors.WindowIsInvalid: BAD_INPUT,
    errors.NoteIsInvalid: BAD_INPUT,
    errors.SigningKeyIsMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LogHasNoSuchSize: NOT_FOUND,
    errors.KnowledgeRunsBackwards: BAD_INPUT,
    errors.TargetIsForbidden: BAD_INPUT,
    errors.SubscriptionIsUnknown: NOT_FOUND,
    errors.WebhookKeyIsMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ChangeIsNotYetDelivered: CONFLICT,
    errors.ConsumerBelongsToAnother: HTTPStatus.FORBIDDEN,
    errors.ConsumerIsUnknown: NOT_FOUND,
    errors.AcknowledgementGoesBack: CONFLICT,
    errors.RegistryIsReplica: CONFLICT,
    errors.ReplicaDiffers: CONFLICT,
    errors.ReplicaFollowsAnother: CONFLICT,
    errors.TextIsTooLong: BAD_INPUT,
    refusals.PlanMixesVerbs: BAD_INPUT,
    refusals.LineDoesNotCut: CONFLICT,
    refusals.TerritoryIsUnknown: CONFLICT,
    refusals.DoorIsElsewhere: CONFLICT,
    refusals.PlaceIsUnknown: CONFLICT,
    refusals.CodeIsNotProvisional: CONFLICT,
    refusals.ParentHasNoCode: CONFLICT,
    rules.CaseIsUnknown: NOT_FOUND,
    rules.ScenarioIsTaken: CONFLICT,
    rules.ActIsSettled: CONFLICT,
    rules.EarlierActIsOpen: CONFLICT,
    rules.AuthorityIsTooLow: CONFLICT,
    rules.AnnouncementIsIncomplete: CONFLICT,
    rules.PaperWasEdited: HTTPStatus.PRECONDITION_FAILED,
    rules.MilestoneIsUnknown: BAD_INPUT,
    FilterIsInvalid: BAD_INPUT,
    RemoteIsUnavailable: HTTPStatus.BAD_GATEWAY,
    RemoteRefuses: HTTPStatus.BAD_GATEWAY,
    AddressCodeIsMistyped: NOT_FOUND,
    BoundsCannotBeMet: CONFLICT,
    FiguresAreMissing: CONFLICT,
    plate_errors.PlateIsUnknown: NOT_FOUND,
    plate_errors.PlateStateForbids: CONFLICT,
    plate_errors.PlateAlreadyIssued: CONFLICT,
    plate_errors.AddressBearsNoPlate: CONFLICT,
    plate_errors.PlateCodeIsMistyped: NOT_FOUND,
    plate_errors.SymbolIsTooFine: CONFLICT,
    plate_errors.PlateHasNoSignedForm: CONFLICT,
    plate_errors.PhotoIsUnreadable: BAD_INPUT,
    plate_errors.PlateKeyIsMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    plate_errors.WorkOrderIsUnknown: NOT_FOUND,
    report_errors.ReportIsUnknown: NOT_FOUND,
    report_errors.ReportIsSettled: CONFLICT,
    surveys.BoundaryUpdateIsUnknown: NOT_FOUND,
    surveys.EdgeIsTaken: CONFLICT,
    surveys.FeatureIsTaken: CONFLICT,
    surveys.FeatureIsThere: CONFLICT,
    surveys.FeatureBeginsElsewhere: CONFLICT,
    surveys.MarkerLineIsUnclear: BAD_INPUT,
    surveys.FeatureHasMoved: HTTPStatus.PRECONDITION_FAILED,
    surveys.BoundaryHasMoved: CONFLICT,
    surveys.EditsConflict: CONFLICT,
    surveys.CoverageIsBroken: CONFLICT,
    surveys.DoorsWouldMove: CONFLICT,
    surveys.DecreeIsMissing: BAD_INPUT,
    surveys.RepairIsUnknown: CONFLICT,
    surveys.UpdateChangesNothing: CONFLICT,
    surveys.UpdateBelongsToAnother: HTTPStatus.FORBIDDEN,
    surveys.CollectionIsNotEditable: CONFLICT,
    surveys.CheckoutIsUnknown: NOT_FOUND,
    surveys.UploadIsTooLarge: TOO_LARGE,
    surveys.UploadIsForbidden: BAD_INPUT,
    surveys.FormatIsUnknown: BAD_INPUT,
    surveys.CrsIsUnknown: BAD_INPUT,
    surveys.CrsDoesNotFit: BAD_INPUT,
    line_errors.LineIsUnknown: NOT_FOUND,
    line_errors.MarkerIsUnknown: NOT_FOUND,
    line_errors.MarkerNumberIsInvalid: BAD_INPUT,
    line_errors.MarkerIsOffItsLine: CONFLICT,
    line_errors.LineNumberIsTaken: CONFLICT,
    line_errors.MarkerNumberIsTaken: CONFLICT,
    line_errors.MarkerNumberIsOfAnotherLine: BAD_INPUT,
    line_errors.DayIsToCome: BAD_INPUT,
    line_errors.LineHasNoNumber: CONFLICT,
    line_errors.SeriesIsFull: CONFLICT,
    line_errors.SegmentsDoNotJoin: BAD_INPUT,
    line_errors.AgreementIsUnreadable: BAD_INPUT,
}


BUSY, BUSY_S = "registry-is-busy", "30"
REMEDIES: Mapping[int, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": BUSY_S},
}
"""What a client is told to do about a refusal of the web front."""


class Refusal(Exception):
    """An error of the web front itself, with its own code."""

    def __init__(self, code: str, status: HTTPStatus, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.facts = facts

    @property
    def headers(self) -> dict[str, str]:
        """What tells a client what to do next."""
        found = dict(REMEDIES.get(self.status, {}))
        if "retry_after_s" in self.facts:
            found["Retry-After"] = str(self.facts["retry_after_s"])
        return found


class NotModified(Exception):
    """The client has this very answer already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def problem(
    request: Request,
    *,
    code: str,
    status: int,
    detail: str,
    facts: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem document in the reader's language; or what a route with a form of its own says."""
    form = getattr(request.scope.get("route"), "error_form", None)
    if form is not None:
        told: Response = form(status, detail)
        return told
    # A standard may ask for another status than ours: 400 for every parameter that cannot be used.
    status = getattr(request.scope.get("route"), "statuses", {}).get(int(status), status)
    explained = EXPLANATIONS[code]
    chinese = preferred(request) == "zh"
    shown = {name: _shown(value) for name, value in facts.items()}
    body = {
        "type": f"/problems/{code}",
        "title": explained.title_zh if chinese else explained.title_en,
        "status": status,
        "detail": _filled(explained.detail_zh, shown) if chinese else detail,
        "code": code,
        **{
            name: value
            for name, value in shown.items()
            if name not in ("type", "title", "status", "detail", "code")
        },
    }
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Vary": "Accept-Language", **_closing(status), **(headers or {})},
    )


def _closing(status: int) -> dict[str, str]:
    """Who sends too much is hung up on, or would go on sending what is thrown away."""
    return {"Connection": "close"} if status == TOO_LARGE else {}


def install(app: FastAPI) -> None:
    """Teach an application to answer every error as a problem."""
    _install_database(app)

    @app.exception_handler(RegistryError)
    def broken_rule(request: Request, error: RegistryError) -> Response:
        status = STATUS.get(type(error), CONFLICT)
        return problem(
            request, code=error.code, status=status, detail=str(error), facts=error.facts
        )

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        return problem(
            request,
            code=error.code,
            status=error.status,
            detail=str(error),
            facts=error.facts,
            headers=error.headers,
        )

    @app.exception_handler(NotModified)
    def unchanged(_request: Request, error: NotModified) -> Response:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": error.etag})

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        return problem(
            request, code="request-is-invalid", status=BAD_INPUT, detail=said, facts={"what": said}
        )

    @app.exception_handler(HTTPException)
    def unmatched(request: Request, error: HTTPException) -> Response:
        code = {404: "not-found", 405: "method-not-allowed"}.get(
            error.status_code, "request-is-invalid"
        )
        facts: dict[str, Any] = {"what": error.detail} if code == "request-is-invalid" else {}
        return problem(
            request,
            code=code,
            status=error.status_code,
            detail=str(error.detail),
            facts=facts,
            headers=dict(error.headers or {}),
        )

    @app.exception_handler(Exception)
    def unexpected(request: Request, _error: Exception) -> Response:
        return problem(
            request,
            code="internal-error",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            detail="internal error; nothing was changed",
            facts={},
        )


def _install_database(app: FastAPI) -> None:
    """What the database refuses, and that it is out of reach."""

    @app.exception_handler(DataError)
    @app.exception_handler(DriverRefuses)
    def unwritable(request: Request, error: Exception) -> Response:
        # NUL in a text, a number past its column: whoever asks can send anything.
        what = str(getattr(error, "orig", error)).partition("\n")[0]
        return problem(
            request, code="request-is-invalid", status=BAD_INPUT, detail=what, facts={"what": what}
        )

    @app.exception_handler(OperationalError)
    @app.exception_handler(DriverUnavailable)
    @app.exception_handler(NoConnectionFree)
    def database_down(request: Request, error: Exception) -> Response:
        said, code, retry_s = _out_of_reach(error)
        return problem(
            request,
            code=code,
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            detail=said,
            facts={},
            headers={"Retry-After": retry_s},
        )

    @app.exception_handler(UnicodeEncodeError)
    def unspeakable(request: Request, error: UnicodeEncodeError) -> Response:
        if error.encoding != "utf-8":
            raise error  # a header of ours
        what = "a text holds half a character"
        return problem(
            request, code="request-is-invalid", status=BAD_INPUT, detail=what, facts={"what": what}
        )


def _out_of_reach(error: Exception) -> tuple[str, str, str]:
    if isinstance(error, NoConnectionFree) or isinstance(
        getattr(error, "orig", error), LockNotAvailable
    ):
        said = "others are at work for longer than anybody waits; nothing was changed, try again"
        return said, BUSY, BUSY_S
    return "the database cannot be reached; try again", "unavailable", "5"


def in_chinese(code: str, facts: dict[str, object]) -> str:
    """One Chinese line for an error: its title and its detail."""
    explained = EXPLANATIONS[code]
    shown = {name: _shown(value) for name, value in facts.items()}
    return f"{explained.title_zh}:{_filled(explained.detail_zh, shown)}"


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _shown(one) for name, one in value.items()}
    return str(value)


def _filled(template: str, facts: dict[str, object]) -> str:
    texts = {
        name: ";".join(map(str, value))
        if isinstance(value, list)
        else ""
        if value is None
        else value
        for name, value in facts.items()
    }
    try:
        return template.format_map(texts)
    except (KeyError, IndexError, ValueError):
        return template
