"""Scripts of the pages (`/assets/…`) and the service worker (`/sw.js`); from this server alone."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.page_safety import PAGE_POLICY
from api.problems import Refusal
from api.web import scripts

router = APIRouter(include_in_schema=False)

SCRIPT = "text/javascript; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=3600"


@router.get("/sw.js")
def service_worker() -> Response:
    """What opens pages without a network; asked for anew each time, so that it never lags."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": PAGE_POLICY}
    return Response(scripts.service_worker(), media_type=SCRIPT, headers=headers)


@router.get("/assets/{name:path}")
def asset(name: str, request: Request) -> Response:
    """One script."""
    found = scripts.script(name)
    if found is None:
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, f"there is no {name[:80]} here")
    named = request.query_params.get("v") == scripts.VERSION
    headers = {
        "Cache-Control": FOR_EVER if named else A_WHILE,
        "Content-Security-Policy": PAGE_POLICY,
    }
    return Response(found, media_type=SCRIPT, headers=headers)
