"""A request for features, read by the letter of OGC API Features."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from shapely.geometry.base import BaseGeometry

from api import clock
from api.ogc.crs import Crs, crs_named, region_of, to_stored, upright
from api.ogc.refusals import invalid, unknown
from registry.features.filtering import Filter, parse_json, parse_text
from registry.features.model import MOST_FEATURES, PropertyKind, Shape, Span, rows_to_read
from registry.features.operands import stored_wkb
from registry.features.pages import feature_key
from registry.features.sources import SOURCES

USUAL = 10
OPEN = ("", "..")
SHARED = frozenset({"f", "lang"})
TIME = frozenset({"at", "known", "plan", "datetime"})
PAGE = frozenset(
    {"limit", "cursor", "bbox", "bbox-crs", "crs", "filter", "filter-lang", "filter-crs"}
)
CQL_TEXT, CQL_JSON = "cql2-text", "cql2-json"
SECONDS = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request for a page of features wants."""

    shape: Shape
    limit: int
    crs: Crs
    key: tuple[object, ...]
    region: BaseGeometry | None
    span: Span | None
    on: date | None
    """The day a single instant of `datetime` names."""
    equals: Mapping[str, object]
    filter: Filter | None

    @property
    def region_wkb(self) -> bytes | None:
        """The region as the database takes it."""
        return None if self.region is None else stored_wkb(self.region)


def known_collection(name: str) -> str:
    """A collection there is.

    Raises:
        Refusal: there is none of that name.
    """
    if name not in SOURCES:
        raise unknown(f"there is no collection {name}; there are {', '.join(SOURCES)}")
    return name


def page_asked(request: Request, collection: str) -> Asked:
    """What a request for items wants.

    Raises:
        Refusal: a parameter is unknown or cannot be used.
        FilterIsInvalid: the filter is no CQL2.
    """
    given = request.query_params
    refuse_unknown(request, PAGE | TIME | SHARED | _names(collection))
    crs = crs_named(given.get("crs"), "crs")
    limit, key = _limit(given.get("limit")), _cursor(collection, given.get("cursor"))
    region = _region(given)
    on, span = _datetime(given.get("datetime"))
    if given.get("datetime") is not None and given.get("at") is not None:
        raise invalid("give datetime or at, not both")
    equals = _equals(collection, given)
    shape = Shape(
        collection,
        after=bool(key),
        region=region is not None,
        span=span is not None,
        equals=tuple(sorted(equals)),
        srid=crs.storage_srid,
        flipped=crs.flipped,
        digits=crs.digits,
        limit=rows_to_read(limit),
    )
    return Asked(shape, limit, crs, key, region, span, on, equals, _filter(given))


def refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """Refuse parameters that a resource does not have, and those given twice.

    Raises:
        Refusal: there are such.
    """
    names = [name for name, _value in request.query_params.multi_items()]
    strange = sorted(set(names) - known)
    if strange:
        raise invalid(f"unknown parameter: {', '.join(strange)}")
    if len(names) != len(set(names)):
        raise invalid("a parameter is given twice")


def _names(collection: str) -> frozenset[str]:
    return frozenset(one.name for one in SOURCES[collection].properties if one.queryable)


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise invalid(f"limit {text!r} must be a whole number of at least 1")
    # More than a page holds is no error: the page holds what it holds.
    return min(int(text[:9]), MOST_FEATURES)


def _cursor(collection: str, text: str | None) -> tuple[object, ...]:
    if text is None:
        return ()
    key = feature_key(collection, text)
    if key is None:
        raise invalid("cursor: take it from the link rel=next of the page before")
    return key


def _region(given: Mapping[str, str]) -> BaseGeometry | None:
    crs = crs_named(given.get("bbox-crs"), "bbox-crs")
    text = given.get("bbox")
    return None if text is None else region_of(text, crs)


def _datetime(text: str | None) -> tuple[date | None, Span | None]:
    if text is None:
        return None, None
    parts = text.split("/")
    if len(parts) == 1:
        return day_named(text), None
    if len(parts) != 2 or all(part in OPEN for part in parts):
        raise invalid(f"datetime {text!r} must be a moment or an interval with an end")
    first, last = (None if part in OPEN else day_named(part) for part in parts)
    if first is not None and last is not None and first > last:
        raise invalid(f"datetime {text!r} ends before it begins")
    return None, Span(first, last)


def day_named(text: str) -> date:
    """The day in Shanghai of a date or moment of RFC 3339.

    Raises:
        Refusal: it does not exist, or is written otherwise.
    """
    try:
        if len(text) == len("2020-12-31"):
            return date.fromisoformat(text)
        if not SECONDS.fullmatch(text.replace(" ", "+")) and not SECONDS.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text.upper().replace(" ", "+"))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(clock.SHANGHAI).date()
    except (ValueError, OverflowError) as error:
        raise invalid(f"datetime {text!r} is no moment of RFC 3339 that exists") from error


def _equals(collection: str, given: Mapping[str, str]) -> dict[str, object]:
    source, found = SOURCES[collection], {}
    for name, text in given.items():
        known = source.property(name)
        if known is not None and known.queryable:
            found[name] = _value(name, known.kind, text)
    return found


def _value(name: str, kind: PropertyKind, text: str) -> object:
    readers: dict[PropertyKind, Any] = {
        PropertyKind.TEXT: _text,
        PropertyKind.WHOLE: _whole,
        PropertyKind.NUMBER: float,
        PropertyKind.DAY: date.fromisoformat,
        PropertyKind.IDENTITY: UUID,
        PropertyKind.FLAG: {"true": True, "false": False}.__getitem__,
    }
    try:
        return readers[kind](text)
    except (ValueError, KeyError) as error:
        raise invalid(f"{name}={text!r} is no {kind}") from error


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError(text)
    return text


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= 1 << 31:
        raise ValueError(text)
    return number


def _filter(given: Mapping[str, str]) -> Filter | None:
    crs = crs_named(given.get("filter-crs"), "filter-crs")
    language, text = given.get("filter-lang", CQL_TEXT), given.get("filter")
    if language not in (CQL_TEXT, CQL_JSON):
        raise invalid(f"filter-lang {language!r} is neither {CQL_TEXT} nor {CQL_JSON}")
    if text is None:
        return None
    parse = parse_text if language == CQL_TEXT else parse_json
    return parse(text, lambda geometry: to_stored(upright(geometry, crs), crs))
