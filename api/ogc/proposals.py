"""Writes through the OGC API: each becomes a proposal in a boundary update of whoever sent it.

Nothing is written into the registry here: a proposal is judged and enters when a reviewer approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from api.problems import Refusal
from registry.boundaries.edits import Action, FeatureEdit

READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Methods:
    """How the features of a collection can be written."""

    several: tuple[str, ...] = ()
    """At `/items`."""
    single: tuple[str, ...] = ()
    """At `/items/{featureId}`."""


NONE = Methods()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One feature as somebody would have it."""

    collection: str
    action: Action
    feature_id: str | None
    """None: of what begins and is known by what is said of it."""
    geometry: BaseGeometry | None
    """EPSG:4490, longitude first; None: it stays, or is taken away."""
    said: Mapping[str, Any]
    expected_version: int
    """The change whose state it was drawn on."""
    account: str
    on: date
    as_it_is: frozenset[str] = frozenset()
    """What is said to be as it is already, by column; a draft may have said otherwise before."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a proposal."""

    update_id: UUID
    feature_id: str


class Proposals(Protocol):
    """Whoever takes proposals."""

    @property
    def methods(self) -> Mapping[str, Methods]:
        """How collections can be written; those that are left out are only read."""

    def propose(self, connection: Connection, proposal: Proposal) -> Taken:
        """Take a proposal into a draft.

        Raises:
            RegistryError: another's draft touches it, or it cannot be so.
        """

    def named(self, connection: Connection, collection: str, wanted: str, on: date) -> str:
        """The id of the feature that a POST means.

        Raises:
            FeatureBeginsElsewhere: there is none of that name.
        """

    def drafted(
        self, connection: Connection, collection: str, feature_id: str, account: str
    ) -> FeatureEdit | None:
        """A feature that exists only in somebody's open draft."""


def methods_of(request: Request, collection: str) -> Methods:
    """How the features of a collection can be written."""
    taking: Proposals | None = request.app.state.proposals
    return NONE if taking is None else taking.methods.get(collection, NONE)


def allowed(request: Request, collection: str, *, single: bool) -> str:
    """The methods of a resource, as the header Allow names them."""
    found = methods_of(request, collection)
    return ", ".join((*READING, *(found.single if single else found.several)))


def refuse_stale(request: Request, tag: str) -> None:
    """Refuse a write that does not say which state it was made on, or was made on another.

    Raises:
        Refusal: one of those.
    """
    given = request.headers.get("if-match")
    if given is None:
        what = "send If-Match with the ETag the feature was read with"
        raise Refusal("if-match-is-missing", HTTPStatus.PRECONDITION_REQUIRED, what)
    if given.strip() == "*":
        return
    state = tag.partition("-")[0]
    # The tags of its other forms (HTML) stand for the same state.
    if not any(one.strip().partition("-")[0] == state for one in given.split(",")):
        what = "the feature changed since it was read; read it again"
        raise Refusal("feature-is-stale", HTTPStatus.PRECONDITION_FAILED, what)
