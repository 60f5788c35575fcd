"""Writes of the OGC API as drafts of surveyors: the same verbs as `/v1/boundary-updates`."""

from uuid import UUID

from sqlalchemy import Connection

from api.ogc.proposals import Proposal
from registry.boundaries.commands import propose


class SurveyorsDrafts:
    """Takes what surveyors write feature by feature into the draft they have open."""

    editable = frozenset({"divisions"})

    def propose(self, connection: Connection, proposal: Proposal) -> UUID:
        """Take a proposal into a draft; returns the draft's id.

        Raises:
            RegistryError: another's draft touches the edge, or it cannot be drawn so.
        """
        return propose(
            connection,
            proposal.collection,
            proposal.feature_id,
            proposal.geometry,
            expected_version=proposal.expected_version,
            account=proposal.account,
            on=proposal.on,
        )
