"""Vector tiles: what they show, when they are had for nothing, and how OGC API Tiles describes them."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import Engine

from api import clock
from api.tile_shelf import PLACE_BYTES, Answer, MostUsed, Tiles
from registry.changes.timeline import change_from
from registry.divisions.model import STATISTICAL, code_slot_id
from registry.divisions.tables import division_code_version
from tests.api.ogc.asking import COLLECTIONS
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

MVT = "application/vnd.mapbox-vector-tile"
SETS = ("divisions", "boundary-lines", "thoroughfares", "names", "addresses")
ISLAND = (118.1, 24.48)
EN = {"Accept-Language": "en"}


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Written out once more, so that the service is not held against itself."""
    size = 2**zoom
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return int((lon + 180) / 360 * size), int(y * size)


def path_of(name: str, zoom: int, spot: tuple[float, float] = ISLAND) -> str:
    x, y = tile_of(*spot, zoom)
    return f"/tiles/{name}/{zoom}/{x}/{y}.mvt"


def decoded(answered: httpx.Response, name: str) -> list[dict[str, Any]]:
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-type"] == MVT
    layers = mapbox_vector_tile.decode(answered.content, default_options={"y_coord_down": True})
    assert set(layers) <= {name}
    return list(layers[name]["features"]) if layers else []


class EveryTile:
    @pytest.mark.parametrize(("name", "zoom"), [("divisions", 9), ("divisions", 14), ("boundary-lines", 11),
                                                ("thoroughfares", 13), ("names", 13), ("addresses", 14)])  # fmt: skip
    def test_holds_features_with_what_its_tilejson_names(
        self, client: httpx.Client, name: str, zoom: int
    ) -> None:
        fields = client.get(f"/tiles/{name}.json").json()["vector_layers"][0]["fields"]

        found = decoded(client.get(path_of(name, zoom)), name)

        assert found
        for one in found:
            assert set(one["properties"]) <= set(fields)
            assert one["geometry"]["coordinates"]

    @pytest.mark.parametrize("zoom", range(6, 16))
    def test_of_divisions_shows_neighbours_without_gap_or_overlap(
        self, client: httpx.Client, zoom: int
    ) -> None:
        by_level: dict[int, list[Any]] = {}
        for one in decoded(client.get(path_of("divisions", zoom)), "divisions"):
            found = shapely.make_valid(shape(one["geometry"]))
            by_level.setdefault(one["properties"]["level"], []).append(found)

        for level, shown in by_level.items():
            union = shapely.union_all(shown)
            assert sum(one.area for one in shown) - union.area <= 1.0, level
            above = [one for lower, many in by_level.items() if lower == level - 1 for one in many]
            if above:
                outside = shapely.difference(union, shapely.union_all(above))
                assert outside.area <= 1.0, level

    def test_draws_boundary_lines_where_divisions_end(self, client: httpx.Client) -> None:
        ends = [
            shapely.make_valid(shape(one["geometry"])).boundary
            for one in decoded(client.get(path_of("divisions", 12)), "divisions")
        ]
        around = shapely.union_all(ends).buffer(0.1)

        lines = decoded(client.get(path_of("boundary-lines", 12)), "boundary-lines")

        assert lines
        assert all(around.covers(shape(one["geometry"])) for one in lines)

    def test_shows_the_past_and_what_was_known(self, client: httpx.Client) -> None:
        spot = (118.25, 24.66)
        now = names(client, path_of("divisions", 11, spot))
        then = names(client, path_of("divisions", 11, spot) + "?at=2020-12-31")

        assert "马巷镇" in then and "马巷镇" not in now
        assert client.get(path_of("divisions", 11) + "?known=2001-01-01T00:00:00Z").content == b""

    def test_below_its_first_zoom_is_empty(self, client: httpx.Client) -> None:
        assert client.get(path_of("addresses", 13)).content == b""

    def test_is_had_again_for_nothing_also_from_the_shelf(self, client: httpx.Client) -> None:
        path = path_of("divisions", 12)
        first, second = client.get(path), client.get(path)

        assert second.content == first.content and second.headers["ETag"] == first.headers["ETag"]
        assert second.headers["Registry-Change"] == first.headers["Registry-Change"]
        for _time in range(2):
            again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert client.head(path).headers["ETag"] == first.headers["ETag"]

    def test_of_a_fixed_state_may_be_kept_for_ever(self, client: httpx.Client) -> None:
        fixed = client.get(path_of("divisions", 12) + "?at=2021-01-01&known=2026-01-01T00:00:00Z")

        assert "immutable" in fixed.headers["Cache-Control"]
        assert client.get(path_of("divisions", 12)).headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("known", ["2999-01-01T00:00:00Z", ""])
    def test_of_what_is_known_by_now_may_not(self, client: httpx.Client, known: str) -> None:
        present = client.get(f"{path_of('divisions', 12)}?at=2021-01-01&known={known}")

        assert present.headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("path", ["/tiles/planets/1/0/0.mvt", "/tiles/divisions/3/9/1.mvt", "/tiles/planets.json",
                                      "/tiles/divisions/17/0/0.mvt", "/tiles/divisions/3/1/-1.mvt"])  # fmt: skip
    def test_that_is_none_is_not_found(self, client: httpx.Client, path: str) -> None:
        assert client.get(path).status_code == 404

    @pytest.mark.parametrize("query", ["at=2021-02-30", "known=x", "plan=x", "nope=1"])
    def test_refuses_what_cannot_be_read(self, client: httpx.Client, query: str) -> None:
        assert client.get(f"{path_of('divisions', 12)}?{query}").is_client_error


class WhenSomethingChanges:
    @pytest.fixture
    def service(
        self, database_url: str, engine: Engine, tmp_path: Path
    ) -> Iterator[tuple[RegistryBuilder, httpx.Client]]:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        builder.squares("350213102001", "350213102201")
        with (
            serving(database_url, tmp_path) as url,
            httpx.Client(base_url=url, timeout=60) as client,
        ):
            yield builder, client

    def test_only_tiles_of_what_changed_are_new(
        self, service: tuple[RegistryBuilder, httpx.Client]
    ) -> None:
        builder, client = service
        path = path_of("divisions", 13, (118.005, 24.005))
        before = client.get(path)
        shelved = client.get(path)

        builder.carrier("琼头中里", "350213102201")
        named = wait_for(client, path, int(before.headers["Registry-Change"]) + 1)
        builder.squares("350213102202")
        drawn = wait_for(client, path, int(before.headers["Registry-Change"]) + 2)

        assert shelved.headers["ETag"] == before.headers["ETag"] == named.headers["ETag"]
        assert drawn.headers["ETag"] != before.headers["ETag"]

    def test_a_code_fixed_otherwise_is_on_them(
        self, service: tuple[RegistryBuilder, httpx.Client]
    ) -> None:
        builder, client = service
        path = path_of("divisions", 13, (118.005, 24.005))
        before = client.get(path)
        slot = code_slot_id(builder.ids["350213102001"], STATISTICAL)

        with builder.work() as work:
            known = work.believed(division_code_version, [slot])[slot]
            fixed = change_from(known, date(2025, 1, 1), {"code": "350213102009"}, "publish_code")
            work.rewrite(division_code_version, slot, known, fixed)
        after = wait_for(client, path, int(before.headers["Registry-Change"]) + 1)

        assert "350213102001" in codes(before) and "350213102009" not in codes(before)
        assert "350213102009" in codes(after) and "350213102001" not in codes(after)


class TheShelf:
    def test_has_room_for_so_much_also_of_what_is_empty(self) -> None:
        kept: MostUsed[bytes] = MostUsed(100 * PLACE_BYTES)
        for place in range(1000):
            kept.keep((place,), b"", 0)
            kept.find((0,))

        found = [place for place in range(1000) if kept.find((place,)) is not None]
        assert found == [0, *range(901, 1000)]

    def test_has_room_again_when_a_thing_is_kept_anew(self) -> None:
        kept: MostUsed[bytes] = MostUsed(3 * PLACE_BYTES)
        for _time in range(10):
            kept.keep(("one",), b"x", 1)
        kept.keep(("two",), b"y", 1)

        assert (kept.find(("one",)), kept.find(("two",))) == (b"x", b"y")

    def test_holds_answers_only_to_what_it_is_asked_for(self) -> None:
        tiles, answer = Tiles(), Answer(1, clock.today(), b"tag", (), b"body")
        for path in ("/tiles/divisions/1/0/0.mvt", "/ogc/collections/divisions/tiles"):
            tiles.put_out(path, b"", answer)

        assert tiles.ready("/tiles/divisions/1/0/0.mvt", b"", 1) is answer
        assert tiles.ready("/tiles/divisions/1/0/0.mvt", b"", 2) is None
        assert tiles.ready("/ogc/collections/divisions/tiles", b"", 1) is None


class TheDescriptionOfTiles:
    def test_tells_maps_where_tiles_are(self, client: httpx.Client, base_url: str) -> None:
        for name in SETS:
            told = client.get(f"/tiles/{name}.json", headers=EN).json()
            assert told["tilejson"] == "3.0.0" and told["maxzoom"] == 16
            assert told["tiles"] == [f"{base_url}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"]

    def test_has_a_style_whose_sources_and_layers_exist(self, client: httpx.Client) -> None:
        style = client.get("/tiles/style.json").json()

        assert style["version"] == 8
        for source in style["sources"].values():
            assert client.get(source["url"]).status_code == 200
        for layer in style["layers"][1:]:
            assert layer["source"] in style["sources"] and layer["source-layer"] in SETS

    def test_by_ogc_leads_from_collections_to_tiles(self, client: httpx.Client) -> None:
        for name in COLLECTIONS:
            links = client.get(f"/ogc/collections/{name}").json()["links"]
            sets = [one["href"] for one in links if one["rel"].endswith("/tilesets-vector")]
            if name in ("plates", "boundary-markers"):
                assert sets == []
                continue
            (one,) = client.get(sets[0]).json()["tilesets"]
            described = client.get(one["links"][0]["href"]).json()
            assert described["dataType"] == one["dataType"] == "vector"
            assert described["tileMatrixSetURI"].endswith("WebMercatorQuad")
            template = next(each for each in described["links"] if each["rel"] == "item")
            assert template["templated"] is True and template["type"] == MVT
            limits = described["tileMatrixSetLimits"][-1]
            href = template["href"].format(
                tileMatrix=limits["tileMatrix"],
                tileRow=limits["minTileRow"],
                tileCol=limits["minTileCol"],
            )
            assert client.get(href).headers["content-type"] == MVT

    def test_by_ogc_gives_the_same_tiles(self, client: httpx.Client) -> None:
        x, y = tile_of(*ISLAND, 12)

        by_ogc = client.get(f"/ogc/collections/divisions/tiles/WebMercatorQuad/12/{y}/{x}")

        assert by_ogc.content == client.get(path_of("divisions", 12)).content
        then = client.get(
            f"/ogc/collections/divisions/tiles/WebMercatorQuad/12/{y}/{x}?datetime=2003-01-01"
        )
        assert then.content == client.get(path_of("divisions", 12) + "?at=2003-01-01").content

    def test_by_ogc_is_of_the_day_in_shanghai(self, client: httpx.Client) -> None:
        x, y = tile_of(*ISLAND, 12)
        path = f"/ogc/collections/divisions/tiles/WebMercatorQuad/12/{y}/{x}"

        evening = client.get(path, params={"datetime": "2020-12-31T20:00:00Z"})

        assert evening.headers["ETag"] == client.get(path, params={"at": "2021-01-01"}).headers["ETag"]  # fmt: skip
        for given in ("2020-12-31/2021-12-31", "2020-12-31nonsense", "2020-12-31T25:00:00Z"):
            assert client.get(path, params={"datetime": given}).status_code == 400, given

    def test_by_ogc_lists_one_tiling_scheme_and_its_matrices(self, client: httpx.Client) -> None:
        (scheme,) = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
        whole = client.get(scheme["links"][0]["href"]).json()

        assert whole["id"] == "WebMercatorQuad" and len(whole["tileMatrices"]) == 17
        assert whole["tileMatrices"][0]["scaleDenominator"] == pytest.approx(559082264.0287178)
        assert whole["tileMatrices"][3]["matrixWidth"] == 8

    @pytest.mark.parametrize("path", ["/tileMatrixSets/Other", "/collections/plates/tiles", "/collections/divisions/tiles/Other",
                                      "/collections/divisions/tiles/WebMercatorQuad/x/1/1",
                                      "/collections/divisions/tiles/WebMercatorQuad/2/4/0"])  # fmt: skip
    def test_by_ogc_says_what_there_is_not(self, client: httpx.Client, path: str) -> None:
        assert client.get(f"/ogc{path}").status_code == 404

    def test_counts_tiles_by_their_route(self, client: httpx.Client) -> None:
        client.get(path_of("divisions", 12))
        client.get(path_of("divisions", 12))

        assert 'route="/tiles/{tile_set}/{z}/{x}/{y}.mvt"' in client.get("/metrics").text


def names(client: httpx.Client, path: str) -> set[str]:
    return {one["properties"]["name"] for one in decoded(client.get(path), "divisions")}


def codes(answered: httpx.Response) -> set[str]:
    return {one["properties"].get("code") for one in decoded(answered, "divisions")}


def wait_for(client: httpx.Client, path: str, change: int) -> httpx.Response:
    """The first answer that knows of a change: the shelf hears of it a moment later."""
    for _time in range(200):
        answered = client.get(path)
        if int(answered.headers["Registry-Change"]) >= change:
            return answered
    raise AssertionError("the shelf never heard of the change")
