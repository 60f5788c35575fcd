"""The conformance classes the interface declares; `docs/ogc.md` names the test of each requirement."""

FEATURES_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
FEATURES_2 = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
FEATURES_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
FEATURES_4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
FOUNDATION = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
MATRIX = "http://www.opengis.net/spec/tms/2.0/conf/"

CLASSES: tuple[str, ...] = (
    *(FOUNDATION + one for one in ("core", "landing-page", "json", "html", "oas30")),
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(FEATURES_1 + one for one in ("core", "geojson", "html", "oas30")),
    FEATURES_2 + "crs",
    *(
        FEATURES_3 + one
        for one in ("filter", "features-filter", "queryables", "queryables-query-parameters")
    ),
    *(
        CQL2 + one
        for one in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *(
        TILES + one
        for one in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")
    ),
    *(MATRIX + one for one in ("tilematrixset", "json-tilematrixset")),
)

WRITING: tuple[str, ...] = tuple(
    FEATURES_4 + one
    for one in ("create-replace-delete", "update", "optimistic-locking-etags", "features")
)
"""Declared where proposals are taken: features are replaced and updated, never created or deleted."""
