"""`/v1/crosswalk`: old to new between any two points; and what one restructuring does."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.crosswalk_request import AskedCrosswalk, asked_crosswalk
from api.encoding import CSV, JSON, wanted
from api.examples import CROSSWALK, CROSSWALK_OF_AN_ACT, shows
from api.log_examples import SIGNATURE, shows_text
from api.log_keys import signing_key
from api.time_travel import Reader, Reading, Recorded
from data.crosswalk_files import CrosswalkMeta, Form, statement_of
from registry.errors import StateForbids
from registry.log.notes import sign_note
from registry.rehearsal.store import RehearsalStore
from registry.restructuring.crosswalk import crosswalk_of

router = APIRouter(tags=["crosswalk"])

PARQUET = "application/vnd.apache.parquet"
MEDIA_TYPES = {Form.JSON: JSON, Form.CSV: CSV, Form.PARQUET: PARQUET}

From = Annotated[
    str,
    Query(alias="from", description="A day, or the number of a change", examples=["2020-06-30"]),
]
To = Annotated[
    str, Query(description="A later day, or the number of a change", examples=["2022-10-31"])
]
Within = Annotated[
    str | None, Query(description="Id, or code in force at either point", examples=["350213"])
]
Level = Annotated[int | None, Query(ge=1, le=5, description="1 province … 5 village")]
Format = Annotated[
    Form | None, Query(alias="format", description="json, csv or parquet; else by Accept")
]


@router.get("/v1/crosswalk", operation_id="getCrosswalk", responses=shows(CROSSWALK))
def get_crosswalk(
    request: Request,
    reading: Reading,
    from_: From,
    to: To,
    within: Within = None,
    level: Level = None,
    format_: Format = None,
) -> Response:
    """What every division of one point in time is at another: code, name, relation, shares.

    A day is read with the knowledge of `known`; a change number is the registry as known after
    that change, on the day `at`.
    """
    asked = asked_crosswalk(
        reading.connection, from_=from_, to=to, at=reading.at, within=within, level=level
    )
    return _file(request, reading, asked, format_)


@router.get(
    "/v1/crosswalk/signature",
    operation_id="signCrosswalk",
    responses=shows_text(SIGNATURE),
    response_class=Response,
)
def sign_crosswalk(
    request: Request,
    reading: Recorded,
    from_: From,
    to: To,
    within: Within = None,
    level: Level = None,
    format_: Format = None,
) -> Response:
    """The registry's signed note on the file that the same parameters give at `/v1/crosswalk`."""
    asked = asked_crosswalk(
        reading.connection, from_=from_, to=to, at=reading.at, within=within, level=level
    )
    return _signature(request, reading, asked, format_)


@router.get(
    "/v1/restructurings/{restructuring_id}/crosswalk",
    operation_id="getRestructuringCrosswalk",
    responses=shows(CROSSWALK_OF_AN_ACT),
)
def get_restructuring_crosswalk(
    restructuring_id: UUID, request: Request, reading: Recorded, format_: Format = None
) -> Response:
    """What one restructuring does to every division it touches: final once it is committed,
    before that a draft of what it would do now; as corrected, and without rows once annulled.
    With `known`, as it was believed then."""
    asked = _of_an_act(reading, restructuring_id)
    answered = _file(request, reading, asked, format_)
    if asked.meta.final:
        signature = f"/v1/restructurings/{restructuring_id}/crosswalk/signature"
        answered.headers["Link"] = f'<{signature}>; rel="signature"'
    else:
        answered.headers["Registry-Plan"] = f"{restructuring_id}; digest={asked.meta.digest}"
    return answered


@router.get(
    "/v1/restructurings/{restructuring_id}/crosswalk/signature",
    operation_id="signRestructuringCrosswalk",
    responses=shows_text(SIGNATURE),
    response_class=Response,
)
def sign_restructuring_crosswalk(
    restructuring_id: UUID, request: Request, reading: Recorded, format_: Format = None
) -> Response:
    """The signed note on the crosswalk of a committed restructuring; drafts are not signed."""
    return _signature(request, reading, _of_an_act(reading, restructuring_id), format_)


def _of_an_act(reading: Reader, restructuring_id: UUID) -> AskedCrosswalk:
    found = crosswalk_of(reading.connection, restructuring_id, reading.at.known)
    within = f"restructuring/{restructuring_id}"
    published = RehearsalStore(reading.connection).publication(restructuring_id) is not None
    meta = CrosswalkMeta(
        found.start,
        found.end,
        within,
        final=found.final,
        digest=found.digest,
        published=published,
        annulled_by=found.annulled_by,
        corrections=found.corrections,
    )
    return AskedCrosswalk(meta, found.rows)


def _signature(
    request: Request, reading: Reader, asked: AskedCrosswalk, given: Form | None
) -> Response:
    if not asked.meta.final:
        raise StateForbids(step="sign its crosswalk", state="draft")
    form = _form(request, given)
    digest = hashlib.sha256(asked.file(form)).hexdigest()
    key = signing_key(reading.connection, request.app.state.settings.home)
    note = sign_note(statement_of(asked.meta, form, digest), [key])
    return Response(note, media_type="text/plain; charset=utf-8", headers=reading.headers())


def _form(request: Request, given: Form | None) -> Form:
    if given is None and PARQUET in request.headers.get("accept", ""):
        return Form.PARQUET
    return given or Form(wanted(request, None, of=("json", "csv")))


def _file(request: Request, reading: Reader, asked: AskedCrosswalk, given: Form | None) -> Response:
    form = _form(request, given)
    return Response(
        asked.file(form),
        media_type=MEDIA_TYPES[form],
        headers={
            **reading.headers(),
            "Content-Disposition": f'inline; filename="crosswalk.{form.value}"',
        },
    )
