"""A header spelled as the standard spells it, for clients that compare names letter by letter."""


class Spelled(bytes):
    """The name of a header that the server writes as it is; others it writes in small letters."""

    def lower(self) -> bytes:
        """Itself: names are compared without regard to case, so nobody is misled."""
        return self


LOCATION = Spelled(b"Location")
"""QGIS up to 3.40.6 finds what it created under this very spelling and no other.

Source: https://github.com/qgis/QGIS/issues/61729.
"""
