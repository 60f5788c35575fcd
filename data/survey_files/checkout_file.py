"""A checkout as one GeoPackage: divisions to edit, what lies around them, their look in QGIS."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import geopandas
from shapely.geometry import MultiPolygon

from data.survey_files.checkout_project import NAME as PROJECT
from data.survey_files.checkout_project import Layer, project
from registry.boundaries.checkouts import TakenAlong

EDITED, OUTLINE, AROUND = "divisions", "outline", "neighbours"
CRS = "EPSG:4490"
PHOTOS = "photos"
_STYLES = {
    EDITED: ("141,211,199,90", "29,53,87,255", "0.6"),
    OUTLINE: ("0,0,0,0", "211,32,44,255", "0.9"),
    AROUND: ("231,235,233,120", "154,165,160,255", "0.3"),
}
"""Fill, edge and its width in millimetres, as QGIS writes them."""
_TITLES = {EDITED: "管辖范围（可编辑）", OUTLINE: "上级范围", AROUND: "毗邻单位"}
_TABLES = """
CREATE TABLE registry_checkout (
    checkout_id TEXT NOT NULL, division_id TEXT NOT NULL, change_number INTEGER NOT NULL,
    valid_on TEXT NOT NULL, note TEXT NOT NULL
);
CREATE TABLE photos (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT, taken_at TEXT, division_id TEXT, note TEXT
);
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT,
    f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT,
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
);
CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB);
"""
NOTE = (
    "界线外业:只编辑 divisions 图层;照片放在本文件旁的 photos 文件夹,并在 photos 表登记。"
    " Edit the layer divisions only; put photos into the folder photos beside this file and list "
    "them in the table photos."
)


def write_checkout(taken: TakenAlong, target: Path) -> None:
    """Write what is taken along; EPSG:4490, one layer to edit, two to look at.

    Args:
        target: named as the surveyor gets it; the project inside names its layers by that.
    """
    layers = {
        EDITED: taken.territories,
        OUTLINE: {} if taken.outline is None else {taken.checkout.division_id: taken.outline},
        AROUND: taken.neighbours,
    }
    for name, territories in layers.items():
        if territories:
            frame = _frame(taken, territories)
            # The version every GIS in the field reads without a warning.
            frame.to_file(
                target,
                layer=name,
                driver="GPKG",
                engine="pyogrio",
                dataset_options={"VERSION": "1.2"},
            )
    with sqlite3.connect(target) as opened:
        opened.executescript(_TABLES)
        made = taken.checkout
        opened.execute(
            "INSERT INTO registry_checkout VALUES (?, ?, ?, ?, ?)",
            (
                str(made.checkout_id),
                str(made.division_id),
                made.based_on,
                str(made.valid_on),
                NOTE,
            ),
        )
        for table in ("registry_checkout", PHOTOS, "layer_styles"):
            opened.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, ?, ?)",
                (table, "attributes", table),
            )
        for name, territories in layers.items():
            if territories:
                opened.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                    "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description) "
                    "VALUES ('', '', ?, 'geom', ?, ?, '', 1, 'Place Registry')",
                    (name, name, _qml(name)),
                )
        shown = [
            Layer(name, _TITLES[name], _look(name), editable=name == EDITED)
            for name, territories in layers.items()
            if territories
        ]
        shown.append(Layer(PHOTOS, "照片", "", editable=True))
        opened.execute(
            "INSERT INTO qgis_projects VALUES (?, ?, ?)",
            (PROJECT, json.dumps({}), project(target.name, _title(taken), shown)),
        )
    opened.close()


def _title(taken: TakenAlong) -> str:
    unit = taken.units.get(taken.checkout.division_id)
    return f"{unit.name if unit else taken.checkout.division_id} {taken.checkout.valid_on}"


def _frame(taken: TakenAlong, territories: Mapping[UUID, MultiPolygon]) -> geopandas.GeoDataFrame:
    ordered = sorted(territories, key=lambda one: (taken.units[one].code or "", one.bytes))
    return geopandas.GeoDataFrame(
        {
            "division_id": [str(one) for one in ordered],
            "code": [taken.units[one].code for one in ordered],
            "name": [taken.units[one].name for one in ordered],
            "note": ["" for _ in ordered],
        },
        geometry=[territories[one] for one in ordered],
        crs=CRS,
    )


def _qml(layer: str) -> str:
    read_only = "0" if layer == EDITED else "1"
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22" styleCategories="AllStyleCategories" readOnly="{read_only}" '
        f'labelsEnabled="1">{_look(layer)}</qgis>'
    )


def _look(layer: str) -> str:
    """Fill, edge and names of a layer, as QGIS writes them."""
    fill, edge, width = _STYLES[layer]
    return (
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">'
        '<symbols><symbol type="fill" name="0" alpha="1"><layer class="SimpleFill" enabled="1">'
        f'<prop k="color" v="{fill}"/><prop k="outline_color" v="{edge}"/>'
        f'<prop k="outline_width" v="{width}"/><prop k="outline_width_unit" v="MM"/>'
        '<prop k="style" v="solid"/><prop k="outline_style" v="solid"/></layer></symbol></symbols>'
        '</renderer-v2><labeling type="simple"><settings calloutType="simple"><text-style '
        'fieldName="name" fontSize="10" textColor="16,42,67,255"><text-buffer bufferDraw="1" '
        'bufferSize="1" bufferColor="255,255,255,255"/></text-style><placement placement="1"/>'
        "</settings></labeling>"
    )
