"""Health, readiness, metrics, and the meaning of each error."""

import html
from http import HTTPStatus

import msgspec
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.encoding import JSON
from api.explanations import EXPLANATIONS
from api.language import preferred
from api.problems import STATUS, Refusal
from registry.changes.store import ChangeStore
from registry.migrations import configuration

router = APIRouter(tags=["operations"])


@router.get("/healthz", operation_id="healthz")
def healthz() -> Response:
    """The process lives."""
    return Response(b'{"status":"alive"}', media_type=JSON)


@router.get("/readyz", operation_id="readyz")
def readyz(request: Request) -> Response:
    """The service can answer: database reachable, schema current; says the latest change."""
    state = request.app.state
    scripts = ScriptDirectory.from_config(configuration(str(state.database_url)))
    with state.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        head = ChangeStore(connection).head()
    ready = current == scripts.get_current_head()
    body = {
        "status": "ready" if ready else "schema is not current",
        "change": head,
        "schema": current,
    }
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON)


@router.get("/metrics", operation_id="metrics")
def metrics(request: Request) -> Response:
    """Counts and durations by route, in Prometheus' text form."""
    lines = [
        "# TYPE http_requests_total counter",
        "# TYPE http_request_seconds_total counter",
    ]
    for (route, status), (count, seconds) in sorted(request.app.state.measured.items()):
        labels = f'{{route="{route}",status="{status}"}}'
        lines += [
            f"http_requests_total{labels} {count}",
            f"http_request_seconds_total{labels} {seconds:.6f}",
        ]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


@router.get("/problems/{code}", operation_id="explainProblem")
def explain(code: str, request: Request) -> Response:
    """What an error code means and what to do."""
    explained = EXPLANATIONS.get(code)
    if explained is None:
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, "there is no such error code")
    meaning = next((kind.__doc__ for kind in STATUS if kind.code == code), None)
    if "text/html" in request.headers.get("accept", ""):
        title = explained.title_zh if preferred(request) == "zh" else explained.title_en
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"
            f"<h1>{html.escape(title)}</h1><p>{html.escape(meaning or explained.detail_zh)}</p>"
        )
    body = {
        "code": code,
        "title_zh": explained.title_zh,
        "title_en": explained.title_en,
        "meaning": meaning,
    }
    return Response(msgspec.json.encode(body), media_type=JSON)
