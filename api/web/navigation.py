"""Links that open map apps at a door, each in the coordinates that app draws in.

Amap and Tencent draw in GCJ-02, Baidu in BD-09. They would shift WGS 84 themselves when told to,
but older versions of their apps pass the flag over and are then some 500 m off; in their own
grid nothing can be mistaken. `geo:` (RFC 5870), Apple and Google are given WGS 84.
"""

from dataclasses import dataclass
from urllib.parse import quote

from api.coordinates import Crs, given_out
from api.language import Language
from api.web.words import WORDS

SOURCE = "place-registry"


@dataclass(frozen=True, slots=True)
class AppLink:
    """One map app."""

    label: str
    url: str
    grid: str
    """What its coordinates are in, as people call it."""


def app_links(
    place: tuple[float, float], *, name: str, accuracy_m: float | None, language: Language
) -> tuple[AppLink, ...]:
    """Links to a place (longitude, latitude; EPSG:4490), the phone's own choice first."""
    words, title = WORDS[language], quote(name, safe="")
    lon, lat = _written(place, Crs.WGS84)
    grid_lon, grid_lat = _written(place, Crs.GCJ02)
    baidu_lon, baidu_lat = _written(place, Crs.BD09)
    uncertain = "" if accuracy_m is None else f";u={accuracy_m:g}"
    return (
        AppLink(words["app_default"], f"geo:{lat},{lon}{uncertain}", "WGS 84"),
        AppLink(
            words["app_amap"],
            f"https://uri.amap.com/marker?position={grid_lon},{grid_lat}&name={title}"
            f"&coordinate=gaode&src={SOURCE}&callnative=1",
            "GCJ-02",
        ),
        AppLink(
            words["app_baidu"],
            f"https://api.map.baidu.com/marker?location={baidu_lat},{baidu_lon}&title={title}"
            f"&content={title}&output=html&coord_type=bd09ll&src={SOURCE}",
            "BD-09",
        ),
        AppLink(
            words["app_tencent"],
            f"https://apis.map.qq.com/uri/v1/marker?marker=coord:{grid_lat},{grid_lon};"
            f"title:{title};addr:{title}&coord_type=2&referer={SOURCE}",
            "GCJ-02",
        ),
        AppLink(words["app_apple"], f"https://maps.apple.com/?ll={lat},{lon}&q={title}", "WGS 84"),
        AppLink(
            words["app_google"],
            f"https://www.google.com/maps/search/?api=1&query={lat},{lon}",
            "WGS 84",
        ),
    )


def _written(place: tuple[float, float], crs: Crs) -> tuple[str, str]:
    lon, lat = given_out(*place, crs)
    return f"{lon:.6f}", f"{lat:.6f}"
