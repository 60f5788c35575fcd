"""Map pictures: small, well-formed, and honest about what is made up."""

import xml.etree.ElementTree as ET

import numpy as np
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from api.web.picture import LARGEST_BYTES, CityPicture, city_picture, map_picture
from tests.api.web.pages import DISTRICTS, DOOR, ROADS, TOWN, VILLAGE


def drawn(
    *,
    territory: BaseGeometry | None = VILLAGE,
    township: BaseGeometry | None = TOWN,
    thoroughfares: tuple[tuple[str, BaseGeometry], ...] = ROADS,
    illustrative: bool = True,
    language: str = "zh",
) -> str:
    picture = map_picture(
        DOOR,
        territory=territory,
        township=township,
        thoroughfares=thoroughfares,
        illustrative=illustrative,
        language=language,
    )
    assert len(picture.encode()) <= LARGEST_BYTES
    ET.fromstring(picture)
    return picture


class WhenADoorIsDrawn:
    def test_it_shows_village_town_roads_marker_north_and_scale(self) -> None:
        picture = drawn()

        for shown in (
            "m-village",
            "m-town",
            "m-road",
            "m-door",
            "m-north",
            "琼头中里",
            " m</text>",
        ):
            assert shown in picture

    def test_made_up_territory_is_called_so_in_either_language(self) -> None:
        assert "示意" in drawn()
        assert "illustrative territory" in drawn(language="en")
        assert "范围为示意" not in drawn(illustrative=False)

    def test_a_door_with_nothing_around_it_is_still_drawn(self) -> None:
        picture = drawn(territory=None, township=None, thoroughfares=())

        assert "m-door" in picture
        assert "m-village" not in picture

    def test_a_thousand_wild_roads_still_fit(self) -> None:
        source = np.random.default_rng(3)
        wild = tuple(
            (f"路{n}", LineString(np.array([DOOR.x, DOOR.y]) + source.normal(0, 0.01, (300, 2))))
            for n in range(300)
        )

        drawn(thoroughfares=wild)

    def test_a_huge_or_broken_territory_does_not_stop_it(self) -> None:
        bow = Polygon([(118, 24), (119, 25), (119, 24), (118, 25)])

        drawn(territory=bow, township=MultiPolygon([bow]))
        drawn(territory=Polygon(), township=Polygon())
        drawn(territory=Point(118.2, 24.6).buffer(1e-7))

    def test_a_name_cannot_break_out_of_its_label(self) -> None:
        assert "<script" not in drawn(thoroughfares=(("<script>", ROADS[0][1]),))


class WhenACityIsDrawn:
    def test_every_district_bears_its_name(self) -> None:
        picture = city_picture(CityPicture(DISTRICTS), "zh")

        ET.fromstring(picture)
        assert all(name in picture for name, _geometry in DISTRICTS)

    def test_detailed_outlines_are_made_small(self) -> None:
        angles = np.linspace(0, 2 * np.pi, 60_000, endpoint=False)
        rough = 0.2 + 0.02 * np.random.default_rng(1).random(angles.size)
        ring = np.column_stack((118 + rough * np.cos(angles), 24.5 + rough * np.sin(angles)))

        picture = city_picture(CityPicture((("厦门", Polygon(ring)),)), "en")

        assert len(picture.encode()) <= LARGEST_BYTES

    def test_a_city_without_outlines_is_an_empty_picture(self) -> None:
        ET.fromstring(city_picture(CityPicture(()), "zh"))
