"""Pages for people: the plate's page, the front page, restructurings. No script needed."""

from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.address_view import placed
from api.encoding import answer
from api.explanations import EXPLANATIONS
from api.language import Language, preferred
from api.page_inputs import address_page, home_page
from api.page_safety import PAGE_POLICY
from api.plate_page import with_plate
from api.problems import STATUS
from api.time_travel import At, Known, PlanId, Reader, Reading, Recorded, reader
from api.web.changes import ChangesPage, render_changes
from api.web.page import (
    render_address_page,
    render_error_page,
    render_home,
)
from registry.addresses.address_code import AddressCode, AddressCodeIsMistyped
from registry.addresses.store import AddressStore
from registry.changes.store import ChangeStore
from registry.errors import (
    AddressIsUnknown,
    DateIsInvalid,
    RegistryError,
)

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

LONGEST_TEXT = 200
RESULTS = 10
ON_A_PAGE = 50
CODE = Path(description="Address code (地址代码), as on the plate.", examples=["7K3M9QXA2FDT"])


@router.get("/a/{code}", operation_id="addressPage")
@router.get("/A/{code}", operation_id="platePage", include_in_schema=False)
def show_address(
    request: Request,
    code: Annotated[str, CODE],
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
    plate: Annotated[
        str | None, Query(max_length=600, description="Code of the plate that was scanned.")
    ] = None,
) -> Response:
    """The page a plate's code opens; JSON when the client asks for it."""
    as_json = _wants_json(request)
    try:
        with contextmanager(reader)(request, at, known, plan) as reading:
            canonical = str(AddressCode.parse(code))
            if as_json:
                found = AddressStore(reading.connection).get(canonical, reading.at)
                return answer(reading, placed(found))
            page = address_page(reading, canonical, request.app.state.settings, preferred(request))
            if plate is not None:
                page = with_plate(page, reading, request.app.state.settings.home, plate)
            return page_answer(render_address_page(page), reading)
    except (AddressCodeIsMistyped, AddressIsUnknown, DateIsInvalid) as error:
        if as_json:
            raise
        return friendly(error, preferred(request))


@router.get("/", operation_id="home")
def show_home(
    request: Request,
    reading: Reading,
    q: Annotated[str | None, Query(max_length=LONGEST_TEXT, description="An address.")] = None,
) -> Response:
    """Search, the city, and its restructurings."""
    state = request.app.state
    asked = q.strip() if q else None
    found = (
        reading.finder.by_text(reading.connection, asked, reading.at, limit=RESULTS)
        if asked
        else []
    )
    page = home_page(
        reading,
        state.settings,
        preferred(request),
        query=asked or None,
        found=found,
        census=reading.finder.census(reading.connection, reading.at),
    )
    return page_answer(render_home(page), reading)


@router.get("/changes", operation_id="changesPage")
def show_changes(
    request: Request,
    reading: Recorded,
    before: Annotated[
        int | None, Query(ge=1, description="Only changes below this number.")
    ] = None,
) -> Response:
    """The log for people, newest first."""
    last = reading.head if before is None else min(before - 1, reading.head)
    first = max(1, last - ON_A_PAGE + 1)
    found = ChangeStore(reading.connection).after(first - 1, last - first + 1) if last else []
    page = ChangesPage(
        changes=tuple(reversed(found)),
        head=reading.head,
        older=first if first > 1 else None,
        public_url=request.app.state.settings.public_url,
        language=preferred(request),
    )
    return page_answer(render_changes(page), reading)


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def page_answer(text: str, reading: Reader) -> Response:
    """A page with its place in time."""
    headers = {**reading.headers(), "Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(text, headers=headers)


def friendly(error: RegistryError, language: Language) -> Response:
    """A refusal as people read it."""
    explained = EXPLANATIONS[error.code]
    status = STATUS[type(error)]
    chinese = language == "zh"
    detail = str(error)
    if chinese:
        facts = {name: "" if fact is None else fact for name, fact in error.facts.items()}
        detail = explained.detail_zh.format(**facts)
    suggestion = error.suggestion if isinstance(error, AddressCodeIsMistyped) else None
    title = explained.title_zh if chinese else explained.title_en
    text = render_error_page(title, detail, status, language, suggestion)
    headers = {"Vary": "Accept-Language", "Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(text, status_code=status, headers=headers)
