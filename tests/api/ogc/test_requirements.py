"""The table of abstract tests in `docs/ogc.md` names tests that exist, for every class that is declared."""

import ast
import re
from pathlib import Path

from api.ogc.conformance import CLASSES, WRITING

PAGE = Path(__file__).parents[3] / "docs" / "ogc.md"
ROW = re.compile(
    r"^\| `(?P<requirement>/conf/[^`]+)` \| `(?P<file>\w+)::(?P<group>\w+)::(?P<name>\w+)` \|$",
    re.MULTILINE,
)


def named_in(file: str) -> set[str]:
    """Every test of a module, as group::name."""
    tree = ast.parse((Path(__file__).parent / f"{file}.py").read_text("utf-8"))
    return {
        f"{group.name}::{test.name}"
        for group in tree.body
        if isinstance(group, ast.ClassDef)
        for test in group.body
        if isinstance(test, ast.FunctionDef)
    }


class TheTable:
    def test_names_tests_that_exist(self) -> None:
        rows = list(ROW.finditer(PAGE.read_text("utf-8")))

        assert len(rows) == PAGE.read_text("utf-8").count("| `/conf/") > 60
        for row in rows:
            assert f"{row['group']}::{row['name']}" in named_in(row["file"]), row[0]

    def test_has_a_row_for_every_class_that_is_declared(self) -> None:
        text = PAGE.read_text("utf-8")

        for one in (*CLASSES, *WRITING):
            if "/ogcapi-common-" in one:
                continue  # what Features asks of its landing page is what Common asks
            name = one.rpartition("/conf/")[2]
            assert re.search(rf"[/, ]{re.escape(name)}[/,` (]", text), one
