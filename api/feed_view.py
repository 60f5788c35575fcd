"""Which part of the feed a request asks for: `within`, `collection`, `kind`."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import Connection

from api import clock
from api.problems import Refusal
from registry.addresses.reading import OBJECT_KINDS
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.view import FeedView
from registry.divisions.model import DivisionKind
from registry.divisions.store import DivisionStore
from registry.names.model import PLACE_CATEGORIES
from registry.tables import COLLECTIONS

KINDS = frozenset({*(kind.value for kind in DivisionKind), *OBJECT_KINDS, *PLACE_CATEGORIES})

Within = Annotated[
    str | None,
    Query(description="Only what lies in this division: id, or code today", examples=["350213"]),
]
Collections = Annotated[
    list[str] | None,
    Query(alias="collection", description="divisions, names, addresses, amendments"),
]
Kinds = Annotated[
    list[str] | None,
    Query(alias="kind", description="Kind of division, of addressable object, or of named place"),
]


class AskedView:
    """The view a request asks for, before its division is looked up."""

    def __init__(
        self, within: Within = None, collection: Collections = None, kind: Kinds = None
    ) -> None:
        self.within = within
        self.collections = known_names(collection, frozenset(COLLECTIONS), "collection")
        self.kinds = known_names(kind, KINDS, "kind")

    @property
    def is_eternal(self) -> bool:
        """Whether the same text will mean the same view for ever: not when it names a code."""
        try:
            return self.within is None or bool(UUID(self.within))
        except ValueError:
            return False

    def resolved(self, connection: Connection) -> FeedView:
        """The view, its division by id.

        Raises:
            DivisionIsUnknown: nothing answers to the id or code.
        """
        division = None
        if self.within is not None:
            store = DivisionStore(connection)
            at = AsOf(clock.today(), ChangeStore(connection).head())
            division = store.resolve(self.within, at)
            store.get(division, at)
        return FeedView(division, self.collections, self.kinds)


Viewing = Annotated[AskedView, Depends()]


def query_of(view: FeedView, **more: object) -> str:
    """The view as query parameters, the same text for the same view."""
    pairs: list[tuple[str, object]] = [
        *(more.items()),
        *([("within", view.within)] if view.within else []),
        *(("collection", name) for name in sorted(view.collections)),
        *(("kind", name) for name in sorted(view.kinds)),
    ]
    return urlencode([(name, value) for name, value in pairs if value is not None])


def known_names(given: list[str] | None, allowed: frozenset[str], what: str) -> frozenset[str]:
    """Names given once or many times, or with commas between.

    Raises:
        Refusal: one of them is unknown: a misspelt filter never passes for an empty one.
    """
    asked = frozenset(name for text in given or () for name in text.split(","))
    unknown = asked - allowed
    if unknown:
        said = f"unknown {what}: {', '.join(sorted(unknown))}"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, said, what=said)
    return asked
