"""What the register sheet of a marker (界桩登记表) is made from, gathered."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from api.language import Language
from api.plate_photos import photo_file
from api.web.marker_sheet import MOST_PHOTOS, MarkerSheet
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.lines.store import LineStore

PHOTOS = "marker-photos"


def sheet_of(
    connection: Connection, at: AsOf, home: Path, marker_id: UUID, language: Language
) -> MarkerSheet:
    """The sheet of a marker on a day.

    Raises:
        MarkerIsUnknown, LineIsUnknown: it does not stand on the day, or its line does not hold.
    """
    store = LineStore(connection)
    marker = store.marker(marker_id, at)
    line = store.line(marker.line_id, at)
    held = DivisionStore(connection).territories([line.left_id, line.right_id], at)
    files = [photo_file(home, one, PHOTOS) for one in marker.photos]
    return MarkerSheet(
        marker=marker,
        line=line,
        others=[
            one
            for one in store.markers(at, line=line.line_id, limit=None)
            if one.marker_id != marker_id
        ],
        territories={one: found.territory for one, found in held.items()},
        set_on=store.set_on(marker_id, at.known),
        photos=[one.read_bytes() for one in files if one.is_file()][:MOST_PHOTOS],
        on=at.valid_on,
        change=at.known,
        language=language,
    )
