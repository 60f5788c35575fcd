"""The form of answers in the OpenAPI document, taken from the very types they are encoded from."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI

from api.address_view import PlacedAddress
from api.geocode_view import GeocodeView
from api.reverse_view import ReverseView
from api.routes.autocomplete import CompletedView

ANSWERS: Mapping[str, type] = {
    "geocode": GeocodeView,
    "reverse": ReverseView,
    "autocomplete": CompletedView,
    "getAddress": PlacedAddress,
}
"""By operation."""
REF = "#/components/schemas/{name}"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}


def describe_answers(app: FastAPI) -> None:
    """Let the application's OpenAPI document say what its answers look like."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _fill(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # -- the documented way to extend it


def _fill(document: dict[str, Any]) -> None:
    refs, components = msgspec.json.schema_components(list(ANSWERS.values()), ref_template=REF)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {**components, "Problem": PROBLEM}
    by_operation = dict(zip(ANSWERS, refs, strict=True))
    for verbs in document["paths"].values():
        for operation in verbs.values():
            for status, response in operation["responses"].items():
                for media, content in response.get("content", {}).items():
                    if media == "application/problem+json":
                        content["schema"] = {"$ref": REF.format(name="Problem")}
                    elif status == "200" and operation["operationId"] in by_operation:
                        content["schema"] = by_operation[operation["operationId"]]
