"""Proposals taken into the boundary updates of surveyors."""

from uuid import UUID

from sqlalchemy import Connection

from api.ogc.proposals import Proposal
from registry.boundaries import commands


class BoundaryDrafts:
    """Takes territories into the draft its sender has open, or begins one."""

    @property
    def editable(self) -> frozenset[str]:
        """Only divisions are drawn; boundary lines follow from them."""
        return frozenset({"divisions"})

    def propose(self, connection: Connection, proposal: Proposal) -> UUID:
        """Take a territory.

        Raises:
            EdgeIsTaken: another surveyor's open draft touches the same edge.
            RegistryError: it cannot be drawn so; the class says why.
        """
        return commands.propose(
            connection,
            proposal.collection,
            proposal.feature_id,
            proposal.geometry,
            expected_version=proposal.expected_version,
            account=proposal.account,
            on=proposal.on,
        )
