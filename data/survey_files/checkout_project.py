"""The QGIS project inside a checkout: its layers in order, their look, photographs beside the file.

QGIS keeps projects in a GeoPackage as rows of `qgis_projects`: the zipped project in hexadecimal. Its
layers are named by the file's own name, so the file keeps the name it was handed out under; under
another the layers still open, with their look, one by one.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pyproj import CRS

NAME, IDS = "checkout", "registry_checkout_"
STORED = 4490
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Of zip files: the same project gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the project."""

    table: str
    title: str
    look: str
    """Renderer and labels as QGIS writes them; empty: a table without geometry."""
    editable: bool


def project(file_name: str, title: str, layers: Sequence[Layer]) -> str:
    """The content QGIS reads from `qgis_projects`; the topmost layer first."""
    # QGIS goes by the definition, not by the name alone.
    wkt = escape(CRS.from_epsg(STORED).to_wkt())
    srs = f"<spatialrefsys><wkt>{wkt}</wkt><authid>EPSG:{STORED}</authid></spatialrefsys>"
    drawn = "".join(_layer(file_name, one, srs) for one in layers)
    tree = "".join(
        f"<layer-tree-layer id={quoteattr(_id(one))} name={quoteattr(one.title)} "
        f'checked="Qt::Checked" expanded="0" providerKey="ogr" '
        f"source={quoteattr(_source(file_name, one))}/>"
        for one in layers
    )
    written = (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22.16" projectname={quoteattr(title)}><title>{escape(title)}</title>'
        f"<projectCrs>{srs}</projectCrs><layer-tree-group>{tree}</layer-tree-group>"
        f"<projectlayers>{drawn}</projectlayers>"
        '<properties><Paths><Absolute type="bool">false</Absolute></Paths><SpatialRefSys>'
        '<ProjectionsEnabled type="int">1</ProjectionsEnabled></SpatialRefSys></properties></qgis>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(f"{NAME}.qgs", FIRST_DAY), written)
    return out.getvalue().hex()


def _id(layer: Layer) -> str:
    """QGIS takes no id of up to ten characters for one."""
    return f"{IDS}{layer.table}"


def _source(file_name: str, layer: Layer) -> str:
    return f"./{file_name}|layername={layer.table}"


def _layer(file_name: str, layer: Layer, srs: str) -> str:
    kind = "Polygon" if layer.look else "No geometry"
    return (
        f'<maplayer type="vector" geometry="{kind}" readOnly="{int(not layer.editable)}" '
        f'labelsEnabled="{int(bool(layer.look))}" styleCategories="AllStyleCategories">'
        f"<id>{escape(_id(layer))}</id><datasource>{escape(_source(file_name, layer))}</datasource>"
        f"<layername>{escape(layer.title)}</layername><srs>{srs if layer.look else ''}</srs>"
        f'<provider encoding="UTF-8">ogr</provider>{layer.look}{_files(layer)}</maplayer>'
    )


def _files(layer: Layer) -> str:
    """Photographs are picked from the folder beside the file, and named from there."""
    if layer.look:
        return ""
    options = "".join(
        f'<Option name="{name}" type="{kind}" value="{value}"/>'
        for name, kind, value in (
            ("DefaultRoot", "QString", "./photos"),
            ("RelativeStorage", "int", "2"),
            ("DocumentViewer", "int", "1"),
            ("FileWidget", "bool", "true"),
            ("FileWidgetButton", "bool", "true"),
            ("StorageMode", "int", "0"),
        )
    )
    return (
        '<fieldConfiguration><field name="file"><editWidget type="ExternalResource"><config>'
        f'<Option type="Map">{options}</Option></config></editWidget></field></fieldConfiguration>'
    )
