"""Documents about the interface, for programs or for people."""

from typing import Any

import msgspec
from fastapi import Request, Response

from api.ogc.asking import SHARED, refuse_unknown
from api.ogc.catalogue import JSON
from api.ogc.forms import form_wanted
from api.ogc.pages import document_page
from api.time_travel import Reader

DESCRIBING = SHARED | {"at", "known"}


def described(
    request: Request, reading: Reader, body: dict[str, Any], kind: str = JSON
) -> Response:
    """A document in the form that was asked for.

    Raises:
        Refusal: a parameter is unknown.
    """
    refuse_unknown(request, DESCRIBING)
    if form_wanted(request) == "html":
        return document_page(request, reading.headers(), body)
    return Response(msgspec.json.encode(body), media_type=kind, headers=reading.headers())
