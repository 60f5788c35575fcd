"""Errors of pure computation."""


class GeometryIsInvalid(ValueError):
    """A ring crosses itself; the message says where."""
