"""What a surveyor does in QGIS, without its windows: run by QGIS' own Python, prints what came of it.

Arguments: the service's address, the surveyor's key, the id of a division, the number and place
(longitude, latitude) of a marker to be set, the ids of one to be moved, one to be taken away, and a line.
"""

import json
import os
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsVectorLayer,
)

url, key, division, number, lon, lat, moved, ended, line = sys.argv[1:]
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
manager = QgsApplication.authManager()
manager.setMasterPassword("drill", True)
headers = QgsAuthMethodConfig("APIHeader")
headers.setName("surveyor")
# QGIS sends no tags of its own: `*` says that what is there is meant.
headers.setConfigMap({"Authorization": f"Bearer {key}", "If-Match": "*"})
assert manager.storeAuthenticationConfig(headers)
told = {"version": Qgis.QGIS_VERSION}


def layer_of(name):
    source = f"url='{url}/ogc' typename='{name}' authcfg={headers.id()}"
    layer = QgsVectorLayer(source, name, "OAPIF")
    assert layer.isValid(), name
    return layer


def by_id(layer, wanted):
    return next(one for one in layer.getFeatures() if one["id"] == wanted)


def kept(name, layer):
    """Save the edits as its button does, and tell what QGIS says of it."""
    done = layer.commitChanges()
    told[name] = {"done": done, "errors": layer.commitErrors()}
    if not done:
        layer.rollBack()


territories = layer_of("divisions")
assert territories.startEditing()
one = by_id(territories, division)
corner = one.geometry().vertexAt(1)
assert territories.moveVertex(corner.x() + 0.0005, corner.y(), one.id(), 1)
kept("vertex", territories)

markers = layer_of("boundary-markers")
assert markers.startEditing()
new = QgsFeature(markers.fields())
new.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float(lon), float(lat))))
new["number"], new["kind"] = number, "single"
assert markers.addFeature(new)
kept("added", markers)

assert markers.startEditing()
one = by_id(markers, moved)
point = one.geometry().asPoint()
markers.changeGeometry(
    one.id(), QgsGeometry.fromPointXY(QgsPointXY(point.x(), point.y() + 0.00002))
)
markers.changeAttributeValue(one.id(), markers.fields().indexOf("keeper"), "新店街道办事处")
kept("moved", markers)

assert markers.startEditing()
assert markers.deleteFeature(by_id(markers, ended).id())
kept("ended", markers)

lines = layer_of("boundary-lines")
assert lines.startEditing()
one = next(each for each in lines.getFeatures() if each["line_id"] == line)
lines.changeAttributeValue(one.id(), lines.fields().indexOf("accuracy_m"), 0.3)
kept("described", lines)

plates = layer_of("plates")
told["plates"] = {"editable": plates.startEditing()}
sys.stdout.write("TOLD" + json.dumps(told) + "\n")
sys.stdout.flush()
os._exit(0)  # taking QGIS down in order ends in a fault of its own as often as not
