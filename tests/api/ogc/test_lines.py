"""Boundary lines and markers as features: shared edges, with what is recorded of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest
from shapely.geometry import Point
from sqlalchemy import Engine

from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.lines.commands import courses, derive, describe, inspect, line_id_of, set_marker
from registry.lines.model import MarkerKind
from tests.api.ogc.asking import geometry_of, ids, items
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

ONE, OTHER, FAR = "350213102001", "350213102201", "350213102202"
ON = date(2024, 5, 1)


@dataclass
class Border:
    client: httpx.Client
    pair: str
    """The id of the feature: both sides in order."""
    line: str


@pytest.fixture
def border(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[Border]:
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    builder.squares(ONE, OTHER, FAR)
    sides = sorted((builder.ids[ONE], builder.ids[OTHER]))
    line = line_id_of(*sides)
    with builder.work("lines", Verb.CORRECT) as work:
        lands = DivisionStore(work.connection).territories(sides, AsOf(ON, work.number))
        drawn = courses({one: each.territory for one, each in lands.items()})
        derive(work, drawn, on=ON, cause="derive")
    with builder.work("agreement", Verb.CHANGE) as work:
        describe(work, line, {"legal_status": "agreed", "agreement_number": "协议〔2024〕1号", "agreement_on": ON}, on=ON)  # fmt: skip
    with builder.work("inspection", Verb.CHANGE) as work:
        inspect(work, line, inspected_on=date(2025, 6, 1))
    with builder.work("marker", Verb.CHANGE) as work:
        set_marker(
            work, line, number="1234001Q", kind=MarkerKind.SINGLE, spot=Point(118.01, 24.005), on=ON
        )
    with serving(database_url, tmp_path) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield Border(client, "_".join(map(str, sides)), str(line))


class TheBoundaryLines:
    def test_are_the_edges_two_neighbours_share_recorded_or_not(self, border: Border) -> None:
        found = items(border.client, "boundary-lines", limit=100)

        assert found["numberMatched"] == 2
        recorded = next(one for one in found["features"] if one["id"] == border.pair)
        other = next(one for one in found["features"] if one["id"] != border.pair)
        assert geometry_of(recorded).bounds == pytest.approx((118.01, 24.0, 118.01, 24.01))
        assert recorded["properties"]["length_m"] == pytest.approx(1108, abs=2)
        assert recorded["properties"]["legal_status"] == "agreed"
        assert recorded["properties"]["agreement"] == "协议〔2024〕1号"
        assert recorded["properties"]["inspected_on"] == "2025-06-01"
        assert recorded["properties"]["line_id"] == border.line
        assert other["properties"]["legal_status"] is None

    def test_are_picked_by_what_is_agreed_and_as_it_was_known(self, border: Border) -> None:
        agreed = items(border.client, "boundary-lines", filter="legal_status = 'agreed'")
        before = items(border.client, "boundary-lines", legal_status="agreed", at="2024-04-30")

        assert ids(agreed) == [border.pair]
        assert before["features"] == []

    def test_change_their_tag_with_the_record(self, border: Border) -> None:
        path = f"/ogc/collections/boundary-lines/items/{border.pair}"

        now, then = border.client.get(path), border.client.get(path, params={"at": "2024-04-30"})

        assert now.headers["ETag"] != then.headers["ETag"]


class TheBoundaryMarkers:
    def test_stand_on_their_lines(self, border: Border) -> None:
        (one,) = items(border.client, "boundary-markers")["features"]

        assert one["geometry"] == {"type": "Point", "coordinates": [118.01, 24.005]}
        assert one["properties"]["number"] == "1234001Q"
        assert one["properties"]["state"] == "standing"
        assert one["properties"]["line_id"] == border.line

    def test_are_found_by_place_state_and_day(self, border: Border) -> None:
        here = items(
            border.client, "boundary-markers", bbox="118,24,118.02,24.01", state="standing"
        )
        elsewhere = items(border.client, "boundary-markers", bbox="119,24,120,25")
        before = items(border.client, "boundary-markers", at="2024-04-30")

        assert len(here["features"]) == 1
        assert elsewhere["features"] == before["features"] == []
