"""Entity tags of features: one changes when its feature does, and only then."""

import hashlib

from registry.features.model import Feature


def entity_tag(collection: str, one: Feature, form: str, *, in_force: bool) -> str:
    """The entity tag of a form of a feature; what stands before the hyphen is its state."""
    seen = f"{collection}/{one.feature_id}/{one.stamp}/{in_force}"
    return f'"{hashlib.sha256(seen.encode()).hexdigest()[:20]}-{form}"'
