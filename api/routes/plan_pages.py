"""Pages of restructurings for people: the list, one with its preview, several side by side."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.language import preferred
from api.page_inputs import act_lines, restructuring_page
from api.plan_requests import filed_scenarios
from api.routes.pages import friendly, page_answer
from api.time_travel import Reader, Recorded
from api.web.plans import (
    PlansPage,
    plan_maps,
    render_comparison,
    render_plans,
    render_restructuring,
)
from registry.changes.store import ChangeStore
from registry.errors import PlanIsMalformed, RegistryError, RestructuringIsUnknown
from registry.restructuring import commands
from registry.restructuring.compare import compare
from registry.restructuring.store import RestructuringStore

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/restructurings", operation_id="restructuringsPage")
def show_restructurings(request: Request, reading: Recorded) -> Response:
    """Every restructuring, latest effect first; some can be ticked and compared."""
    page = PlansPage(act_lines(reading), reading.at.known, preferred(request))
    return page_answer(render_plans(page), reading)


@router.get("/restructurings/compare", operation_id="comparePage")
def show_comparison(
    request: Request,
    reading: Recorded,
    with_: Annotated[list[UUID] | None, Query(alias="with")] = None,
) -> Response:
    """The ticked restructurings side by side."""
    language, chosen = preferred(request), with_ or []
    try:
        if not chosen:
            raise PlanIsMalformed("with", "tick at least two plans")
        scenarios, studies = filed_scenarios(reading.connection, chosen)
    except RegistryError as error:
        return friendly(error, language)
    return page_answer(render_comparison(compare(scenarios), studies, chosen[0], language), reading)


@router.get("/restructurings/{reference}", operation_id="restructuringPage")
def show_restructuring(
    request: Request,
    reading: Recorded,
    reference: Annotated[str, Path(description="Id of the restructuring, or number of its change.")],
) -> Response:  # fmt: skip
    """One restructuring: what it would do, or did."""
    language = preferred(request)
    try:
        filed = RestructuringStore(reading.connection).get(_id(reading, reference))
        done = commands.study_filed(reading.connection, filed.restructuring_id)
        preview = commands.preview_of(reading.connection, done)
    except RegistryError as error:
        return friendly(error, language)
    page = restructuring_page(
        reading,
        request.app.state.settings,
        language,
        filed=filed,
        preview=preview,
        maps=plan_maps(done, language),
    )
    return page_answer(render_restructuring(page), reading)


def _id(reading: Reader, reference: str) -> UUID:
    if reference.isascii() and reference.isdigit():
        change = ChangeStore(reading.connection).get(int(reference[:18]))
        if change.restructuring_id is not None:
            return change.restructuring_id
    try:
        return UUID(reference)
    except ValueError as error:
        raise RestructuringIsUnknown(reference) from error
