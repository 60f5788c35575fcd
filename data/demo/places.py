"""Writing the carriers of the demonstration: named places, their extents and their names."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid5

import shapely

from data.demo.baseline import demo_id
from data.demo.carriers import Carrier, city_carriers
from data.demo.city import CITY, rows_of
from data.demo.ground import Ground, ground_of
from data.editions.loading import CAUSE, Progress, refresh_statistics
from registry.changes.work import Work
from registry.names.romanisation import romanise
from registry.names.tables import named_place, place_extent_version, place_name_version

READINGS = Path(__file__).parent / "readings.csv"
SRID = 4490
TABLES = (named_place, place_extent_version, place_name_version)
LANGUAGE = "zh"
REAL = "road name from open data of Xiamen on bicycle bays (2021); course illustrative"
MADE_UP = "generated for demonstration"


def load_places(work: Work, progress: Progress) -> int:
    """Write roads and settlements; returns how many."""
    ground = ground_of(work.connection)
    carriers = [one for one in city_carriers(ground.land) if not one.is_village]
    readings = {row["word"]: row["syllables"] for row in rows_of(READINGS)}
    valid = {one.text: _valid(one, ground) for one in carriers}
    progress("Roads and settlements", 0, len(carriers))
    work.copy(
        named_place,
        ("named_place_id", "category"),
        [(place_id(one), "area" if one.is_area else "thoroughfare") for one in carriers],
        cause=CAUSE,
    )
    work.copy(
        place_extent_version,
        ("named_place_id", "extent", "division_id", "basis", "source", "valid"),
        [_extent(one, ground, valid[one.text]) for one in carriers],
        cause=CAUSE,
    )
    work.copy(
        place_name_version,
        (
            "place_name_id",
            "named_place_id",
            "text",
            "specific",
            "generic",
            "status",
            "romanisation",
            "language",
            "origin",
            "valid",
        ),
        [row for one in carriers for row in _names(one, readings, valid[one.text])],
        cause=CAUSE,
    )
    refresh_statistics(work.connection, *(table.name for table in TABLES))
    progress("Roads and settlements", len(carriers), len(carriers))
    return len(carriers)


def place_id(carrier: Carrier) -> UUID:
    """The id of a carrier's place."""
    return demo_id(f"place:{carrier.text}")


def smallest_holder(villages: Sequence[str]) -> str:
    """Code of the smallest division that holds all of some villages."""
    for length in (12, 9, 6):
        codes = {code[:length] for code in villages}
        if len(codes) == 1:
            return codes.pop()
    return CITY


def _extent(carrier: Carrier, ground: Ground, valid: str) -> tuple[object, ...]:
    extent = shapely.to_wkb(shapely.set_srid(carrier.extent, SRID), hex=True, include_srid=True)
    division_id = ground.units[smallest_holder(carrier.villages)].division_id
    source = REAL if carrier.real_name else MADE_UP
    return (place_id(carrier), extent, division_id, "illustrative", source, valid)


def _names(
    carrier: Carrier, readings: Mapping[str, str], valid: str
) -> Iterator[tuple[object, ...]]:
    origin = None if carrier.real_name else MADE_UP
    texts = [(carrier.text, "standard"), *((text, "variant") for text in carrier.variants)]
    for text, status in texts:
        specific = text.removesuffix(carrier.generic)
        yield (
            uuid5(place_id(carrier), text),
            place_id(carrier),
            text,
            specific,
            carrier.generic,
            status,
            romanise(specific, carrier.generic, readings=readings),
            LANGUAGE,
            origin,
            valid,
        )


def _valid(carrier: Carrier, ground: Ground) -> str:
    """Since ever, or since the smallest division holding it was set up."""
    begun = ground.units[smallest_holder(carrier.villages)].begun
    return "(,)" if begun is None else f"[{begun},)"
