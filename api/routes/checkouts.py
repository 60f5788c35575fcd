"""`/v1/checkouts`: a territory taken along as a GeoPackage, and what is brought back."""

import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import clock
from api.boundary_examples import REPORT
from api.boundary_requests import Delivery, asked_of, delivered
from api.boundary_views import report_of
from api.encoding import JSON, encode
from api.examples import shows
from api.problems import Refusal
from api.routes.boundary_updates import TAKES
from api.security import Staff
from api.time_travel import parse_date
from data.survey_files.checkout_file import EDITED, write_checkout
from data.survey_files.intake import take_in
from registry.boundaries.checkouts import check_in, check_out, get_checkout
from registry.boundaries.report import report_of as look_over
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore

router = APIRouter(prefix="/v1/checkouts", tags=["surveyors"])
GEOPACKAGE = "application/geopackage+sqlite3"
DEFAULTS = {"title": "外业签入", "reason": "re_digitisation"}
CHECKED_IN: dict[str, Any] = {"again": False, "altered": [], "report": REPORT}


class Wanted(BaseModel):
    """What is to be taken along."""

    model_config = ConfigDict(extra="forbid")

    division: str = Field(description="Id or code; its members are taken along to be edited")
    on: str | None = Field(default=None, description="Day, YYYY-MM-DD; default today")


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="checkOutTerritory",
    response_class=Response,
    responses={201: {"description": "The file", "content": {GEOPACKAGE: {}}}},
)
def check_out_territory(wanted: Wanted, request: Request, staff: Staff) -> Response:
    """A GeoPackage of a territory for work without a network; `Location` is where it comes back."""
    day = clock.today() if wanted.on is None else parse_date(wanted.on)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(day)
        division_id = DivisionStore(connection).resolve(wanted.division, at)
        taken = check_out(connection, division_id, author=staff.name, on=day)
        connection.commit()
    name = f"checkout-{taken.checkout.checkout_id}.gpkg"
    with tempfile.TemporaryDirectory(prefix="checkout-") as folder:
        target = Path(folder) / name
        write_checkout(taken, target)
        content = target.read_bytes()
    return Response(
        content,
        status_code=HTTPStatus.CREATED,
        media_type=GEOPACKAGE,
        headers={
            "Location": f"{router.prefix}/{taken.checkout.checkout_id}",
            "Registry-Change": str(taken.checkout.based_on),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@router.post(
    "/{checkout_id}/checkin",
    operation_id="checkInTerritory",
    openapi_extra=TAKES,
    status_code=HTTPStatus.CREATED,
    responses={201: shows(CHECKED_IN)[200]},
)
def check_in_territory(
    checkout_id: UUID,
    request: Request,
    staff: Staff,
    delivery: Annotated[Delivery, Depends(delivered)],
) -> Response:
    """Bring the GeoPackage back: merged three ways, it becomes a boundary update.

    What others did elsewhere is kept; ground both sides changed is refused with 409 and listed by
    feature with both sides. The same file twice is one update.
    """
    with request.app.state.engine.connect() as connection:
        if delivery.file is None:
            what = "a form with the GeoPackage as `file` is wanted"
            raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
        taken = get_checkout(connection, checkout_id)
        given = Delivery({**DEFAULTS, **delivery.fields}, delivery.file, delivery.name, ())
        asked = asked_of(given, staff.name, "checkout")
        at = AsOf(taken.valid_on, taken.based_on)
        brought = take_in(
            connection, delivery.file, delivery.name, at, layer=EDITED, code_column="division_id"
        )
        done = check_in(connection, checkout_id, dict(brought), asked)
        report = look_over(connection, done.update.update_id)
        connection.commit()
    body = {"again": done.again, "altered": done.altered, "report": report_of(report)}
    return Response(
        encode(body),
        status_code=HTTPStatus.OK if done.again else HTTPStatus.CREATED,
        media_type=JSON,
        headers={
            "Cache-Control": "no-store",
            "Location": f"/v1/boundary-updates/{done.update.update_id}",
        },
    )
