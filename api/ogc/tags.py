"""Entity tags of features: one changes when its feature does, and only then."""

import hashlib

from api.rehearsing import AskedPlan
from registry.features.model import Feature


def entity_tag(
    collection: str, one: Feature, form: str, *, in_force: bool, proposal: AskedPlan | None = None
) -> str:
    """The entity tag of a form of a feature; what stands before the hyphen is its state.

    Args:
        proposal: the plan it is read ahead in: every rehearsal numbers its versions anew.
    """
    seen = f"{collection}/{one.feature_id}/{one.stamp}/{in_force}"
    if proposal is not None:
        seen += f"/{proposal.restructuring_id}/{proposal.digest}"
    return f'"{hashlib.sha256(seen.encode()).hexdigest()[:20]}-{form}"'
