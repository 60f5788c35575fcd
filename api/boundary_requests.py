"""What surveyors send: an update as JSON or as a file with fields, read and bounded."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from fastapi import Request
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.types import Message

from api import clock
from api.problems import Refusal
from api.time_travel import parse_date
from data.survey_files.intake import take_in
from data.survey_files.model import Limits
from registry.boundaries.errors import UploadIsTooLarge
from registry.boundaries.model import Asked, DoorChoice, Reason
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.divisions.territory import read_geometry

FIELDS = frozenset(
    {"title", "reason", "effective_on", "doors", "note", "decree", "basis", "based_on"}
)
OF_FILES = frozenset({"crs", "layer", "code_column"})
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was sent: fields, and territories as a file or as GeoJSON."""

    fields: Mapping[str, Any]
    file: Path | None
    name: str
    territories: tuple[Mapping[str, Any], ...]


async def delivered(request: Request) -> AsyncIterator[Delivery]:
    """A dependency that reads the body, whichever of the two forms it has; its file is gone when
    the request is over.

    Raises:
        UploadIsTooLarge: more bytes than a survey needs.
        Refusal: neither JSON nor a form, or a field that is unknown.
    """
    bounded = bounded_request(request, Limits().file_bytes + BLOCK)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        yield _of_json(await bounded.body())
        return
    async with bounded.form(max_files=1, max_fields=20) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise _invalid("the form has no `file`")
        fields = {name: value for name, value in form.items() if name != "file"}
        _refuse_unknown(fields.keys() - FIELDS - OF_FILES)
        with tempfile.NamedTemporaryFile(prefix="delivery-") as out:
            while block := await upload.read(BLOCK):
                out.write(block)
            out.flush()
            yield Delivery(fields, Path(out.name), upload.filename or "", ())


def bounded_request(request: Request, limit: int) -> Request:
    """The same request, refused as soon as it says or sends more bytes than it may have."""
    taken = 0

    def refuse_beyond(size: int) -> None:
        if size > limit:
            raise UploadIsTooLarge(what="the request", limit=limit, unit="bytes")

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        refuse_beyond(taken)
        return message

    refuse_beyond(int(request.headers.get("content-length") or 0))
    return Request(request.scope, receive)


def _of_json(body: bytes) -> Delivery:
    said = _decoded(body, "not JSON")
    if not isinstance(said, dict) or not isinstance(said.get("territories"), list):
        raise _invalid("an object with `territories` is wanted, or a form with a `file`")
    _refuse_unknown(said.keys() - FIELDS - {"territories"})
    return Delivery(said, None, "", tuple(said["territories"]))


def _decoded(text: bytes | str, what: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _invalid(f"{what}: {error}") from error


def asked_of(delivery: Delivery, author: str, source: str) -> Asked:
    """What goes with the territories.

    Raises:
        Refusal: a field has no such value.
    """
    said = delivery.fields
    decree = said.get("decree")
    if isinstance(decree, str):
        decree = _decoded(decree, "decree: not JSON")
    doors, based_on, title = said.get("doors"), said.get("based_on"), said.get("title")
    if not isinstance(title, str) or not 0 < len(title) <= 200:
        raise _invalid("title: up to 200 characters are wanted")
    return Asked(
        title=title,
        reason=chosen(Reason, said.get("reason"), "reason"),
        author=author,
        effective_on=day_of(said.get("effective_on")),
        based_on=None if based_on in (None, "") else _whole(based_on, "based_on"),
        doors=None if doors in (None, "") else chosen(DoorChoice, doors, "doors"),
        note=None if said.get("note") is None else str(said["note"])[:2000],
        decree=decree_of(decree),
        basis=_of(said.get("basis", "surveyed"), ("surveyed", "digitised", "published"), "basis"),
        source=source,
    )


def decree_of(said: Any) -> dict[str, Any] | None:
    """A decree as a change can record it; None: none was given.

    Raises:
        Refusal: no object, or its authority, number or title is no text.
    """
    if said is None:
        return None
    if not isinstance(said, dict) or not all(
        isinstance(said.get(name), str | None) for name in ("authority", "number", "title")
    ):
        raise _invalid("decree: an object with authority and number is wanted, both texts")
    return said


def territories_of(
    connection: Connection, delivery: Delivery, asked: Asked
) -> dict[UUID, BaseGeometry]:
    """The territories delivered, by division.

    Raises:
        Errors of `take_in`; DivisionIsUnknown, GeometryIsInvalid, Refusal.
    """
    head = ChangeStore(connection).head()
    at = AsOf(asked.effective_on, head if asked.based_on is None else min(asked.based_on, head))
    if delivery.file is not None:
        said = delivery.fields
        return dict(
            take_in(
                connection,
                delivery.file,
                delivery.name,
                at,
                crs=_text(said.get("crs")),
                layer=_text(said.get("layer")),
                code_column=_text(said.get("code_column")),
            )
        )
    store = DivisionStore(connection)
    found: dict[UUID, BaseGeometry] = {}
    for one in delivery.territories:
        if not isinstance(one, Mapping) or not {"division", "geometry"} <= one.keys():
            raise _invalid("territories: each has a `division` and a `geometry`")
        division_id = store.resolve(str(one["division"]), at)
        if division_id in found:
            raise _invalid(f"territories: {one['division']} occurs twice")
        found[division_id] = read_geometry(one["geometry"])
    if not found:
        raise _invalid("territories: there is none")
    return found


def chosen(kind: Any, value: Any, name: str) -> Any:
    """One of the values of an enumeration.

    Raises:
        Refusal: it is none of them.
    """
    return kind(_of(value, tuple(one.value for one in kind), name))


def day_of(value: Any) -> Any:
    """A day; today where none is given."""
    return clock.today() if value in (None, "") else parse_date(str(value))


def _of(value: Any, allowed: tuple[str, ...], name: str) -> str:
    if value not in allowed:
        raise _invalid(f"{name}: one of {', '.join(allowed)} is wanted")
    return str(value)


def _whole(value: Any, name: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise _invalid(f"{name}: the number of a change is wanted")
    return int(text)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _refuse_unknown(names: Any) -> None:
    if names:
        raise _invalid(f"unknown field: {', '.join(sorted(map(str, names)))}")


def _invalid(what: str) -> Refusal:
    return Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
