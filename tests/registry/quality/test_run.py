"""The invariants hold of the demo city, and each finds what breaks it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from registry.quality.run import INVARIANTS, run


@pytest.fixture
def city_rows(demo: Engine) -> Iterator[Connection]:
    """The demo city; what a test breaks in it is undone."""
    with demo.connect() as connection:
        yield connection
        connection.rollback()


A_LINE = """
    WITH side AS (
        SELECT division_id FROM territory_version
        WHERE recorded_to IS NULL AND valid @> DATE '2000-01-01' ORDER BY division_id LIMIT 2),
    line AS (
        INSERT INTO boundary_line (line_id, left_id, right_id, recorded_from)
        SELECT gen_random_uuid(), (SELECT division_id FROM side ORDER BY 1 LIMIT 1),
            (SELECT division_id FROM side ORDER BY 1 DESC LIMIT 1), 1
        RETURNING line_id)
    INSERT INTO boundary_line_version (line_id, course, legal_status, technical_status,
        agreement_on, valid, cause, begun_by, recorded_from)
    SELECT line_id, ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(1, 1), ST_MakePoint(2, 2)), 4490)),
        'agreed', 'derived', DATE '2010-01-01', daterange(NULL, NULL), 'test', 1, 1
    FROM line"""
"""Agreed long ago, never inspected, and nowhere near its sides."""

# Each breaks one rule in rows nothing else depends on.
BROKEN = {
    "no_cycle": """
        UPDATE division_version v SET parent_id = child.division_id
        FROM division_version child
        WHERE child.parent_id = v.division_id AND v.recorded_to IS NULL
            AND child.recorded_to IS NULL AND upper(child.valid) IS NULL
            AND v.name = '翔安区' AND upper(v.valid) IS NULL""",
    "children_within_parents": """
        UPDATE division_version SET valid = daterange(lower(valid), '2050-01-01')
        WHERE name = '翔安区' AND recorded_to IS NULL AND upper(valid) IS NULL""",
    "ended_units_have_successors": """
        UPDATE succession_version SET recorded_to = recorded_from + 1
        WHERE recorded_to IS NULL AND predecessor_id = (
            SELECT division_id FROM division_version
            WHERE recorded_to IS NULL GROUP BY division_id
            HAVING bool_and(upper(valid) IS NOT NULL) LIMIT 1)""",
    "no_self_succession": """
        UPDATE succession_version SET successor_id = predecessor_id
        WHERE recorded_to IS NULL AND kind = 'absorb'""",
    "successions_meet": """
        UPDATE succession_version SET kind = 'absorb'
        WHERE recorded_to IS NULL AND kind = 'transfer'""",
    "shares_sum_to_one": """
        UPDATE succession_version SET share_members = share_members / 2
        WHERE recorded_to IS NULL AND share_members = 1""",
    "areas_add_up": """
        UPDATE territory_version t SET area_m2 = area_m2 + 10
        FROM division_version v
        WHERE v.division_id = t.division_id AND v.name = '马巷街道' AND t.recorded_to IS NULL""",
    "addresses_have_homes": """
        UPDATE address_version SET division_id = (
            SELECT division_id FROM division_version
            WHERE recorded_to IS NULL GROUP BY division_id
            HAVING bool_and(upper(valid) IS NOT NULL) LIMIT 1)
        WHERE version_id = (SELECT max(version_id) FROM address_version)""",
    "codes_within_lives": """
        UPDATE division_code_version SET valid = daterange(NULL, NULL)
        WHERE code = '350213004' AND recorded_to IS NULL""",
    "one_bearer_per_code": """
        UPDATE division_code_version SET code = '350213002'
        WHERE code = '350213003' AND recorded_to IS NULL""",
    "lines_run_along_both_sides": A_LINE,
    "inspections_in_time": A_LINE,
}


class TheRun:
    def test_finds_nothing_in_a_city_made_by_acts(self, city_rows: Connection) -> None:
        assert [(one.invariant, one.breaches) for one in run(city_rows) if one.count] == []

    @pytest.mark.parametrize("name", INVARIANTS)
    def test_finds_what_breaks_each_invariant(self, city_rows: Connection, name: str) -> None:
        changed = city_rows.execute(text(BROKEN[name])).rowcount

        (verdict,) = run(city_rows, (name,))

        assert changed > 0
        assert verdict.count > 0
