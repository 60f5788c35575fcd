"""`/schemas`: the versioned JSON Schemas of what the feed says, at addresses that never change."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from api.problems import Refusal

router = APIRouter(prefix="/schemas", tags=["changes"])

FILES = Path(__file__).parents[1] / "schemas"
MEDIA_TYPE = "application/schema+json"
IMMUTABLE = "public, max-age=31536000, immutable"


@router.get("", operation_id="listSchemas")
def list_schemas(request: Request) -> dict[str, list[dict[str, str]]]:
    """Every schema with its version and address."""
    base = request.app.state.settings.public_url
    found = [
        {
            "name": name,
            "version": version,
            "title": str(schema["title"]),
            "href": f"{base}/schemas/{name}/{version}",
        }
        for (name, version), schema in sorted(_schemas().items())
    ]
    return {"schemas": found}


@router.get("/{name}/{version}", operation_id="getSchema", response_class=Response)
def get_schema(name: str, version: str, request: Request) -> Response:
    """One schema (JSON Schema 2020-12). What is published is never edited: a change is a new version."""
    schema = _schemas().get((name, version))
    if schema is None:
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, f"there is no schema {name}/{version}")
    base = request.app.state.settings.public_url
    body = {**schema, "$id": f"{base}{schema['$id']}"}
    return Response(
        msgspec.json.encode(body), media_type=MEDIA_TYPE, headers={"Cache-Control": IMMUTABLE}
    )


@cache
def _schemas() -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for file in FILES.glob("*.json"):
        name, version = file.stem.rsplit(".", 1)
        found[name, version] = msgspec.json.decode(file.read_bytes())
    return found
