"""Writes through the OGC API: each becomes a proposal in a surveyor's boundary update."""

EDITABLE: frozenset[str] = frozenset()
"""Collections whose features can be proposed anew."""
