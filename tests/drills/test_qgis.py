"""QGIS writes: a vertex of a territory moved, markers added, moved and taken away; drafts hold them.

QGIS edits features through this interface since 3.32. Debian 12 has an older one that only reads, so
that of Debian 13 is unpacked beside it, once: two gigabytes, some minutes, by root.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.ogc.surveyors import Desk, opened
from tests.conftest import Databases
from tests.grid_city import village

pytestmark = pytest.mark.drill

SUITE, PACKAGES = "trixie", "python3-qgis,qgis-providers"
MIRROR = "http://deb.debian.org/debian"
EDITS = Path(__file__).parent / "qgis_edits.py"
PATIENCE_S = 180
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="module")
def root() -> Path:
    """A Debian with a QGIS that writes; kept for the next drill."""
    kept = Path(os.environ.get("QGIS_ROOT", Path(tempfile.gettempdir()) / f"qgis-of-{SUITE}"))
    if not (kept / "usr/lib/qgis").exists():
        unpacking = kept.with_name(f"{kept.name}.unpacking")
        shutil.rmtree(unpacking, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE]
        subprocess.run(
            [*command, str(unpacking), MIRROR], check=True, timeout=1800, env={"PATH": SYSTEM}
        )
        unpacking.rename(kept)
    return kept


@pytest.fixture
def desk(databases: Databases, template: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(databases, template, tmp_path) as made:
        yield made


def in_qgis(root: Path, *arguments: str) -> dict[str, Any]:
    """Run the surveyor's script in the QGIS of a root; what it tells."""
    with tempfile.TemporaryDirectory(dir=root / "tmp") as home:
        shutil.copy(EDITS, home)
        inside = f"/tmp/{Path(home).name}"
        done = subprocess.run(
            ["chroot", str(root), "/usr/bin/python3", f"{inside}/{EDITS.name}", *arguments],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            env={"PATH": SYSTEM, "HOME": inside, "QT_QPA_PLATFORM": "offscreen",
                 "XDG_RUNTIME_DIR": inside},
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    said = next(line for line in done.stdout.splitlines() if line.startswith("TOLD"))
    return dict(json.loads(said.removeprefix("TOLD")))


class WhenASurveyorEditsInQgis:
    def test_a_moved_vertex_and_markers_wait_in_a_draft(self, desk: Desk, root: Path) -> None:
        new, other, third = (desk.take_a_line() for _ in range(3))
        moved, ended = desk.standing(other), desk.standing(third)
        division, number = str(desk.city.ids[village(0, 1)]), new["marker"]
        head = desk.head()

        told = in_qgis(
            root,
            desk.url,
            desk.keys["甲"],
            division,
            number,
            *map(str, new["spot"]),
            moved,
            ended,
            other["id"],
        )

        for step in ("vertex", "added", "moved", "ended", "described"):
            assert told[step]["done"], told
        assert told["plates"] == {"editable": False}
        found = desk.ask("GET", "/v1/boundary-updates", params={"author": "甲"}).json()
        (update,) = found["updates"]
        report = desk.ask("GET", f"/v1/boundary-updates/{update['id']}").json()
        assert [one["id"] for one in report["divisions"]] == [division]
        assert report["divisions"][0]["area_change_m2"] > 1000
        edits = {one["name"]: one for one in report["edits"]}
        assert edits[number]["action"] == "begin"
        assert edits[number]["after"]["geometry"]["coordinates"] == pytest.approx(new["spot"])
        assert edits[other["marker"]]["altered"] == ["geometry", "keeper"]
        assert edits[third["marker"]]["action"] == "end"
        described = next(one for one in report["edits"] if one["collection"] == "boundary-lines")
        assert described["altered"] == ["accuracy_m"]
        assert desk.head() == head
