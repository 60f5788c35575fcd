"""Proposals taken into the boundary updates of surveyors."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Connection

from api.ogc.proposals import Methods, Proposal, Taken
from api.ogc.writable import DIVISIONS
from registry.boundaries import proposing
from registry.boundaries.edits import (
    ADDRESSES,
    LINES,
    MARKERS,
    NAMES,
    THOROUGHFARES,
    Action,
    FeatureEdit,
)
from registry.boundaries.errors import FeatureBeginsElsewhere
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.errors import DivisionIsUnknown
from registry.features.pages import JOINT

REPLACED = ("PUT", "PATCH")
PLACED = Methods(("POST",), REPLACED)
"""Features that begin elsewhere: POST draws one that lies nowhere yet, or records a line nobody has."""
METHODS: Mapping[str, Methods] = MappingProxyType(
    {
        DIVISIONS: Methods(("POST",), (*REPLACED, "DELETE")),
        MARKERS: Methods(("POST",), (*REPLACED, "DELETE")),
        LINES: PLACED,
        NAMES: PLACED,
        THOROUGHFARES: PLACED,
        ADDRESSES: PLACED,
    }
)
BEGINNINGS: Mapping[str, str] = MappingProxyType(
    {
        DIVISIONS: "/v1/restructurings",
        LINES: "/ogc/collections/divisions, where territories meet",
        NAMES: "`place-registry import names`",
        THOROUGHFARES: "`place-registry import names`",
        ADDRESSES: "`place-registry import addresses`",
    }
)
"""Where what is only drawn here comes into being."""


class BoundaryDrafts:
    """Takes features into the draft its sender has open, or begins one."""

    @property
    def methods(self) -> Mapping[str, Methods]:
        """Plates hang where their doors are: they are only read."""
        return METHODS

    def propose(self, connection: Connection, proposal: Proposal) -> Taken:
        """Take a feature.

        Raises:
            EdgeIsTaken, FeatureIsTaken: another surveyor's open draft touches the same.
            RegistryError: it cannot be so; the class says why.
        """
        if proposal.collection == DIVISIONS:
            assert proposal.feature_id is not None
            update_id = proposing.propose_territory(
                connection,
                UUID(proposal.feature_id),
                proposal.geometry,
                expected_version=proposal.expected_version,
                account=proposal.account,
                on=proposal.on,
            )
            return Taken(update_id, proposal.feature_id)
        made = proposing.propose_edit(
            connection,
            proposing.Wanted(
                proposal.collection,
                proposal.action,
                proposal.feature_id,
                proposal.geometry,
                proposal.said,
                None if proposal.action is Action.BEGIN else proposal.expected_version,
                proposal.account,
                proposal.on,
                proposal.as_it_is,
            ),
        )
        return Taken(made.update_id, made.feature_id)

    def named(self, connection: Connection, collection: str, wanted: str, on: date) -> str:
        """The id of the feature that a POST means.

        Raises:
            FeatureBeginsElsewhere: there is none of that name.
        """
        if collection == LINES:
            # The sides of a line stand in the order of their ids.
            return JOINT.join(sorted(wanted.lower().split(JOINT)))
        if collection != DIVISIONS:
            return wanted
        try:
            at = ChangeStore(connection).as_of(on)
            return str(DivisionStore(connection).resolve(wanted, at))
        except DivisionIsUnknown as error:
            raise begins_elsewhere(collection, wanted) from error

    def drafted(
        self, connection: Connection, collection: str, feature_id: str, account: str
    ) -> FeatureEdit | None:
        """A marker that exists only in its surveyor's open draft."""
        return proposing.drafted(connection, collection, feature_id, account)


def begins_elsewhere(collection: str, wanted: str) -> FeatureBeginsElsewhere:
    """What is to be drawn is nothing that could be."""
    return FeatureBeginsElsewhere(
        collection=collection, wanted=wanted, where=BEGINNINGS[collection]
    )
