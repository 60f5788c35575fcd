"""What is asked of every route that takes a plan."""

READS = {
    "/v1/divisions": ["?within=350213&limit=1000", "?parent=350213&format=csv", "?name=新圩街道",
                      "?within=350213&level=4&format=geojson"],
    "/v1/divisions/{division}": ["/{town_id}", "/{first_id}", "/{moved_id}", "/350213"],
    "/v1/divisions/{division}/children": ["/{town_id}/children", "/350213/children"],
    "/v1/divisions/{division}/history": ["/{town_id}/history", "/{first_id}/history"],
    "/v1/divisions/{division}/lineage": ["/{town_id}/lineage", "/{first_id}/lineage"],
    "/v1/codes/{code}": ["/350213103", "/350213010"],
    "/v1/addresses": ["?within={town_id}&limit=500", "?within=350213&format=ndjson&limit=50",
                      "?within=350213&number=2&format=csv"],
    "/v1/addresses/{code}": ["/{merged}", "/{kept}", "/{across}"],
    "/v1/addresses/{code}/history": ["/{merged}/history", "/{kept}/history"],
    "/v1/geocode": ["?q={text}", "?q={kept_text}", "?q={across_text}"],
    "/v1/reverse": ["?lon={lon}&lat={lat}&limit=5"], "/v1/autocomplete": ["?q=新圩"],
    "/search": ["?q={text}&addressdetails=1"], "/reverse": ["?lon={lon}&lat={lat}&zoom=13"],
    "/lookup": ["?osm_ids={door_id}"], "/v1/plates/reprints": ["?within={town_id}"],
    "/v1/crosswalk": ["?from=2020-06-30&to=2027-03-01&within=350213",
                      "?from=2027-02-28&to=2027-03-01&format=csv"],
    "/v1/diff": ["?from=2027-02-28&to=2027-03-01&within=350213",
                 "?from=2027-02-28&to=2027-03-01&format=geojson"],
    "/ogc/collections/{collection}/items": [
        "/divisions/items?code=350213010", "/divisions/items?filter=name LIKE '新圩%'&limit=50",
        "/addresses/items?bbox=118.1,24.6,118.4,24.8&limit=80", "/boundary-lines/items?level=4&limit=30",
        "/plates/items?limit=20"],
    "/ogc/collections/{collection}/items/{feature}": [
        "/divisions/items/{town_id}", "/addresses/items/{merged}", "/divisions/items/{first_id}"],
    "/ogc/collections/{collection}/tiles/{scheme}/{matrix}/{row}/{column}": [
        "/divisions/tiles/WebMercatorQuad/10/439/848"],
    "/tiles/{tile_set}/{z}/{x}/{y}.mvt": ["/divisions/10/848/439.mvt", "/divisions/13/6789/3509.mvt"],
}  # fmt: skip
"""Of every route that takes a plan: what is asked of it."""
PAGES = {"/a/{code}", "/"}
"""Pages for people take a plan too."""
