"""CQL2 filters turned into conditions on a collection's rows.

The text or JSON is parsed by `cql2`; here its syntax tree becomes SQLAlchemy expressions over the
collection's queryables. Every value travels as a parameter; what is not named below is refused.

Source: OGC 21-065r2, Common Query Language (CQL2).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cql2
import msgspec
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Text,
    and_,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
)

from registry.features.errors import FilterIsInvalid
from registry.features.joining import Joined, Source
from registry.features.model import PropertyKind
from registry.features.operands import Operand, geometry_of, of_days, of_value, placed, stored_wkb
from registry.features.periods import TEMPORAL, temporal

LONGEST_CHARACTERS = 16_000
DEEPEST = 50
MOST_NODES = 1000
# The parser is native code that recurses: what is nested deeper would end the process.
MOST_OPENED = 500
RUNS = re.compile(r"(?:-\s*){20}|(?:\bnot\b\s*){20}", re.IGNORECASE)

COMPARISONS: Mapping[str, str] = {
    "=": "__eq__",
    "<>": "__ne__",
    "<": "__lt__",
    ">": "__gt__",
    "<=": "__le__",
    ">=": "__ge__",
}
ARITHMETIC = {"+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "^": "^", "div": "div"}
SPATIAL = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
GEOMETRY = "geometry"
ToStored = Callable[[BaseGeometry], BaseGeometry]
"""Brings a geometry of the filter into EPSG:4490, longitude first."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    tree: Any
    to_stored: ToStored

    def condition(self, source: Source, joined: Joined) -> ColumnElement[bool]:
        """The filter as a condition on rows of a collection.

        Raises:
            FilterIsInvalid: it names what there is not, or compares what cannot be compared.
        """
        return _Translation(source, joined, self.to_stored).truth(self.tree)


def parse_text(text: str, to_stored: ToStored) -> Filter:
    """A filter in CQL2 text.

    Raises:
        FilterIsInvalid: it does not parse, or is too long or too deep.
    """
    if len(text) > LONGEST_CHARACTERS or text.count("(") > MOST_OPENED or RUNS.search(text):
        raise FilterIsInvalid("it is too long or too deeply nested")
    return _parsed(lambda: cql2.parse_text(text), to_stored)


def parse_json(text: str, to_stored: ToStored) -> Filter:
    """A filter in CQL2 JSON.

    Raises:
        FilterIsInvalid: it does not parse, or is too long or too deep.
    """
    if len(text) > LONGEST_CHARACTERS or text.count("[") + text.count("{") > MOST_OPENED * 8:
        raise FilterIsInvalid("it is too long or too deeply nested")
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FilterIsInvalid(f"not JSON: {error}") from error
    _measure(tree)
    return _parsed(lambda: cql2.parse_json(text), to_stored)


def _parsed(parse: Callable[[], cql2.Expr], to_stored: ToStored) -> Filter:
    try:
        tree = parse().to_json()
    except Exception as error:  # the parser raises bare ones too: of POINT EMPTY
        said = " ".join(str(error).split())
        raise FilterIsInvalid(f"it does not parse: {said[:300]}") from error
    _measure(tree)
    return Filter(tree, to_stored)


def _measure(tree: Any) -> None:
    """Refuse what would take too long; a list of coordinates counts once."""
    waiting, nodes = [(tree, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if depth > DEEPEST or nodes > MOST_NODES:
            raise FilterIsInvalid("it is too long or too deeply nested")
        if isinstance(node, Mapping) and "coordinates" not in node:
            waiting += [(each, depth + 1) for each in node.values()]
        elif isinstance(node, list):
            waiting += [(each, depth + 1) for each in node]


class _Translation:
    """One filter over one collection."""

    def __init__(self, source: Source, joined: Joined, to_stored: ToStored) -> None:
        self._source, self._joined, self._to_stored = source, joined, to_stored

    def truth(self, node: Any) -> ColumnElement[bool]:
        """A node that is true or false of a row."""
        if isinstance(node, bool):
            return cast(ColumnElement[bool], literal(node))
        op, arguments = _operation(node)
        if op is None:
            return self._flag(node)
        if op in ("and", "or"):
            joining = and_ if op == "and" else or_
            return joining(*map(self.truth, arguments))
        if op in SPATIAL:
            return self._spatial(op, arguments)
        if op in TEMPORAL:
            one, other = _two(op, arguments)
            return temporal(op, self._days(one), self._days(other))
        return self._predicate(op, arguments)

    def _predicate(self, op: str, arguments: Sequence[Any]) -> ColumnElement[bool]:
        if op == "not":
            return not_(self.truth(_only(op, arguments)))
        if op == "isNull":
            return self._null(_only(op, arguments))
        if op in COMPARISONS:
            one, other = _two(op, arguments)
            return self._compared(op, one, other)
        if op == "between":
            value, low, high = _exactly(op, arguments, 3)
            return and_(self._compared(">=", value, low), self._compared("<=", value, high))
        if op == "in":
            value, among = _two(op, arguments)
            if not isinstance(among, list) or not among:
                raise FilterIsInvalid("`in` takes a list of values")
            return or_(*(self._compared("=", value, each) for each in among))
        if op == "like":
            return self._like(*_two(op, arguments))
        raise FilterIsInvalid(f"{op!r} is not a predicate that is known here")

    def _compared(self, op: str, one: Any, other: Any) -> ColumnElement[bool]:
        left, right = self._operand(one), self._operand(other)
        left, right = left.beside(right), right.beside(left)
        if left.kind is PropertyKind.FLAG and op not in ("=", "<>"):
            raise FilterIsInvalid("true and false are only equal or not")
        compare = getattr(left.value, COMPARISONS[op])
        return cast(ColumnElement[bool], compare(right.value))

    def _like(self, value: Any, pattern: Any) -> ColumnElement[bool]:
        one, other = self._operand(value), self._operand(pattern)
        if one.kind is not PropertyKind.TEXT or other.kind is not PropertyKind.TEXT:
            raise FilterIsInvalid("`like` compares texts")
        return one.value.like(other.value)

    def _null(self, node: Any) -> ColumnElement[bool]:
        if _property(node) == GEOMETRY:
            return self._joined.geometry.is_(None)
        return self._operand(node).value.is_(None)

    def _flag(self, node: Any) -> ColumnElement[bool]:
        found = self._operand(node)
        if found.kind is not PropertyKind.FLAG:
            raise FilterIsInvalid("a condition must be true or false")
        return cast(ColumnElement[bool], found.value)

    def _operand(self, node: Any) -> Operand:
        name = _property(node)
        if name is not None:
            return self._column(name)
        op, arguments = _operation(node)
        if op is None:
            return of_value(node)
        if op == "casei":
            inner = self._operand(_only(op, arguments))
            if inner.kind is not PropertyKind.TEXT:
                raise FilterIsInvalid("`casei` takes a text")
            return Operand(PropertyKind.TEXT, func.lower(inner.value, type_=Text))
        if op in ARITHMETIC:
            return self._sum(op, arguments)
        raise FilterIsInvalid(f"{op!r} is not a function that is known here")

    def _sum(self, op: str, arguments: Sequence[Any]) -> Operand:
        one, other = map(self._operand, _two(op, arguments))
        if not (one.is_number and other.is_number):
            raise FilterIsInvalid(f"{op!r} takes numbers")
        left, right = one.as_number(), other.as_number()
        if op in ("/", "div", "%"):
            right = func.nullif(right, literal_column("0"))
        if op == "div":
            return Operand(PropertyKind.NUMBER, func.trunc(left / right))
        if op == "%":
            return Operand(PropertyKind.NUMBER, left - right * func.trunc(left / right))
        if op == "^":
            return Operand(PropertyKind.NUMBER, func.power(left, right))
        return Operand(PropertyKind.NUMBER, left.op(ARITHMETIC[op])(right))

    def _column(self, name: str) -> Operand:
        known = self._source.property(name)
        if known is None or not known.queryable:
            names = [one.name for one in self._source.properties if one.queryable]
            raise FilterIsInvalid(
                f"{name!r} is none of its queryables: {', '.join(names)}, {GEOMETRY}"
            )
        return Operand(known.kind, self._joined.columns[name], column=True)

    def _days(self, node: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        name = _property(node)
        if name == "valid":
            return of_days(self._joined.columns["valid_from"], self._joined.columns["valid_to"])
        if name is not None:
            known = self._column(name)
            if known.kind is not PropertyKind.DAY:
                raise FilterIsInvalid(f"{name!r} is no day")
            return of_days(known.value, known.value + literal_column("1"))
        return placed(node)

    def _spatial(self, op: str, arguments: Sequence[Any]) -> ColumnElement[bool]:
        one, other = _two(op, arguments)
        if _property(one) != GEOMETRY:
            one, other, op = other, one, _turned(op)
        if _property(one) != GEOMETRY or _property(other) is not None:
            raise FilterIsInvalid(f"{op!r} compares `{GEOMETRY}` with a geometry")
        region = self._region(other)
        test = getattr(func, SPATIAL[op])
        if op == "s_disjoint":
            return cast(ColumnElement[bool], test(self._joined.geometry, region))
        found = self._joined.within(lambda geometry: func.ST_Intersects(geometry, region))
        if op != "s_intersects":
            found = and_(found, test(self._joined.geometry, region))
        # Of what lies nowhere it is unknown, not false: so is its negation.
        return or_(found, and_(self._joined.geometry.is_(None), null()))

    def _region(self, node: Any) -> ColumnElement[Any]:
        return func.geometry(literal(stored_wkb(self._to_stored(geometry_of(node))), LargeBinary()))


def _turned(op: str) -> str:
    return {"s_within": "s_contains", "s_contains": "s_within"}.get(op, op)


def _property(node: Any) -> str | None:
    if isinstance(node, Mapping) and set(node) == {"property"}:
        return str(node["property"])
    return None


def _operation(node: Any) -> tuple[str | None, list[Any]]:
    if isinstance(node, Mapping) and "op" in node:
        return str(node["op"]), list(node.get("args", ()))
    return None, []


def _exactly(op: str, arguments: Sequence[Any], count: int) -> Sequence[Any]:
    if len(arguments) != count:
        raise FilterIsInvalid(f"{op!r} takes {count} arguments")
    return arguments


def _two(op: str, arguments: Sequence[Any]) -> tuple[Any, Any]:
    one, other = _exactly(op, arguments, 2)
    return one, other


def _only(op: str, arguments: Sequence[Any]) -> Any:
    return _exactly(op, arguments, 1)[0]
