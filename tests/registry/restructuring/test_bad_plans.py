"""Bad plans: each gets an error that names the rule, and nothing changes."""

import pytest
from sqlalchemy import Engine, text

from registry.errors import (
    CodeOutsideBlock,
    CodeWasUsed,
    DivisionIsUnknown,
    DivisionMovesTwice,
    GeometryIsInvalid,
    LaterActExists,
    NotInForce,
    PlanBreaksRules,
    PlanIsMalformed,
    RegistryError,
)
from registry.restructuring.commands import commit_paper
from registry.restructuring.paper import read_paper_text
from registry.tables import LOGGED_TABLES
from tests.builder import MAXIANG, RegistryBuilder

ACT = "title: 测试\neffective_on: 2021-01-06\noperations:\n"

BAD: dict[str, tuple[str, type[RegistryError], str]] = {
    "moves a village twice": (
        ACT + '  - transfer: {divisions: ["350213102201"], to: "350213103"}\n'
        '  - transfer: {divisions: ["350213102201"], to: "350213102"}\n',
        DivisionMovesTwice,
        "琼头村",
    ),
    "names a village twice in one transfer": (
        ACT + '  - transfer: {divisions: ["350213102201", "350213102201"], to: "350213103"}\n',
        DivisionMovesTwice,
        "琼头村",
    ),
    "orphans villages": (
        ACT + '  - abolish: {division: "350213102", successors: ["350213103"]}\n',
        PlanBreaksRules,
        "stay behind",
    ),
    "ends a unit without saying who follows": (
        ACT + '  - abolish: {division: "350213102202"}\n',
        PlanBreaksRules,
        "no_successor",
    ),
    "ends a village with doors and two successors": (
        ACT + "  - abolish: {division: '350213102202', "
        "successors: ['350213102201', '350213102001']}\n",
        PlanBreaksRules,
        "addresses",
    ),
    "reuses a code of today": (
        ACT + '  - retype: {division: "350213102", kind: town, code: "350213103"}\n',
        CodeWasUsed,
        "新圩镇",
    ),
    "reuses a code of the past": (
        ACT + '  - establish: {name: 新镇, kind: town, parent: "350213", code: "350213199"}\n',
        CodeWasUsed,
        "350213199",
    ),
    "gives one code twice": (
        ACT
        + '  - establish: {name: 甲街道, kind: subdistrict, parent: "350213", code: "350213009"}\n'
        '  - establish: {name: 乙街道, kind: subdistrict, parent: "350213", code: "350213009"}\n',
        CodeWasUsed,
        "350213009",
    ),
    "gives a subdistrict a town's number": (
        ACT + '  - retype: {division: "350213102", kind: subdistrict, code: "350213150"}\n',
        CodeOutsideBlock,
        "350213150",
    ),
    "refers to a division nobody knows": (
        ACT + '  - rename: {division: "999999", name: 无}\n',
        DivisionIsUnknown,
        "999999",
    ),
    "refers to a division not in force at the date": (
        "title: 测试\neffective_on: 2030-01-06\noperations:\n"
        '  - rename: {division: "350213199", name: 无}\n',
        NotInForce,
        "350213199",
    ),
    "ends a division in the past of a later act": (
        "title: 测试\neffective_on: 2001-01-06\noperations:\n"
        '  - absorb: {divisions: ["350213199"], into: "350213103"}\n',
        LaterActExists,
        "旧镇",
    ),
    "puts a town inside its own village": (
        ACT + '  - reparent: {division: "350213102", to: "350213102201"}\n',
        PlanBreaksRules,
        "itself",
    ),
    "puts a village under a village": (
        ACT + '  - transfer: {divisions: ["350213102201"], to: "350213102202"}\n',
        PlanBreaksRules,
        "level",
    ),
    "is dated on a day that does not exist": (
        'title: 测试\neffective_on: 2021-02-30\noperations:\n  - rename: {division: "35", name: 无}\n',
        PlanIsMalformed,
        "day",
    ),
    "has no date": (
        'title: 测试\noperations:\n  - rename: {division: "35", name: 无}\n',
        PlanIsMalformed,
        "effective_on",
    ),
    "is still a draft": (
        'draft: true\ntitle: 测试\neffective_on: 2021-01-06\noperations: [{rename: {division: "35", name: 无}}]\n',
        PlanIsMalformed,
        "draft",
    ),
    "has no operation": (
        "title: 测试\neffective_on: 2021-01-06\noperations: []\n",
        PlanIsMalformed,
        "at least one",
    ),
    "has an unknown verb": (
        ACT + "  - conjure: {division: x}\n",
        PlanIsMalformed,
        "conjure",
    ),
    "has an unknown field": (
        ACT + '  - rename: {division: "35", name: 无, colour: 蓝}\n',
        PlanIsMalformed,
        "colour",
    ),
    "writes a code as a number": (
        ACT + "  - rename: {division: 35, name: 无}\n",
        PlanIsMalformed,
        "str",
    ),
    "has an unknown kind": (
        ACT + '  - retype: {division: "350213102", kind: planet}\n',
        PlanIsMalformed,
        "planet",
    ),
    "is not YAML": ("a: [", PlanIsMalformed, "text"),
    "has a self-crossing territory": (
        ACT + '  - adjust_territory: {division: "350213102201", territory: {type: Polygon, '
        "coordinates: [[[118, 24], [119, 25], [119, 24], [118, 25], [118, 24]]]}}\n",
        GeometryIsInvalid,
        "Self-intersection",
    ),
    "has a territory in metres": (
        ACT + '  - adjust_territory: {division: "350213102201", territory: {type: Polygon, '
        "coordinates: [[[500000, 2700000], [500100, 2700000], [500100, 2700100], [500000, 2700000]]]}}\n",
        GeometryIsInvalid,
        "degrees",
    ),
    "has a line for a territory": (
        ACT + '  - adjust_territory: {division: "350213102201", territory: '
        "{type: LineString, coordinates: [[118, 24], [119, 25]]}}\n",
        GeometryIsInvalid,
        "area",
    ),
    "has a village whose territory overlaps its neighbour's": (
        ACT + '  - adjust_territory: {division: "350213102201", territory: {type: Polygon, '
        "coordinates: [[[118.005, 24], [118.02, 24], [118.02, 24.01], [118.005, 24.01], [118.005, 24]]]}}\n"
        '  - transfer: {divisions: ["350213102201"], to: "350213103"}\n'
        '  - transfer: {divisions: ["350213102001"], to: "350213103"}\n',
        PlanBreaksRules,
        "overlap",
    ),
}


def snapshot(engine: Engine) -> dict[str, int | None]:
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(text(f'SELECT count(*) FROM "{table.name}"'))
            for table in LOGGED_TABLES
        } | {"head": connection.scalar(text("SELECT number FROM registry_head"))}


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG | {"350213199": "旧镇"})
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    made.doors("350213102202", 2)
    with made.work("撤旧镇") as work:
        text_ = (
            "title: 撤旧镇\neffective_on: 2003-01-06\noperations:\n"
            '  - absorb: {divisions: ["350213199"], into: "350213103"}\n'
        )
        commit_paper(work, read_paper_text(text_))
    return made


class WhenAPlanIsBad:
    @pytest.mark.parametrize("case", BAD)
    def test_is_refused_and_changes_nothing(self, builder: RegistryBuilder, case: str) -> None:
        paper, error, word = BAD[case]
        before = snapshot(builder.engine)

        with pytest.raises(error) as refused, builder.work() as work:
            commit_paper(work, read_paper_text(paper))

        assert word in str(refused.value)
        assert snapshot(builder.engine) == before
