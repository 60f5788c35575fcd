"""The migrations give the schema the tables describe, and may be run by anybody at any time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from registry.database import make_engine
from registry.migrations import configuration, migrate
from registry.tables import metadata
from tests.conftest import Databases

ROOT = Path(__file__).parents[2]

# The first column names the table or sequence; what an extension brought is left out.
CATALOGUES = {
    "tables": """
        SELECT relname, relkind, relpersistence, obj_description(c.oid, 'pg_class')
        FROM pg_class c
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')""",
    "columns": """
        SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
               attidentity, attgenerated, pg_get_expr(adbin, adrelid),
               col_description(attrelid, attnum)
        FROM pg_attribute
        JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'p', 'v', 'm')
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped""",
    "indexes": """
        SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid,
               obj_description(indexrelid, 'pg_class')
        FROM pg_index
        JOIN pg_class c ON c.oid = indrelid AND relnamespace = 'public'::regnamespace""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid),
               obj_description(oid, 'pg_constraint')
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 't' AND conrelid <> 0""",
    "triggers": """
        SELECT tgrelid::regclass::text, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid)
        FROM pg_proc p
        LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
        WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p') AND d.objid IS NULL""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by
        FROM pg_sequences WHERE schemaname = 'public'""",
    "extensions": "SELECT extname FROM pg_extension",
}
NOT_OURS = {"alembic_version", "spatial_ref_sys", "geometry_columns", "geography_columns"}

Catalogue = dict[str, set[tuple[Any, ...]]]


def catalogue(engine: Engine) -> Catalogue:
    """What the database itself says its schema is."""
    with engine.connect() as connection:
        return {
            name: {tuple(row) for row in connection.execute(text(query)) if row[0] not in NOT_OURS}
            for name, query in CATALOGUES.items()
        }


def differences(found: Catalogue, wanted: Catalogue) -> dict[str, dict[str, set[Any]]]:
    """What only one of two schemas has, catalogue by catalogue."""
    return {
        name: {"only found": found[name] - wanted[name], "only wanted": wanted[name] - found[name]}
        for name in CATALOGUES
        if found[name] != wanted[name]
    }


@pytest.fixture
def described(databases: Databases) -> Iterator[Engine]:
    """A database made from the tables, without any migration."""
    engine = make_engine(databases.make("schema_from_tables"))
    try:
        with engine.begin() as connection:
            for statement in (
                "CREATE EXTENSION postgis",
                "CREATE EXTENSION pg_trgm",
                "CREATE EXTENSION btree_gist",
            ):
                connection.execute(text(statement))
            metadata.create_all(connection)
        yield engine
    finally:
        engine.dispose()
        databases.drop("schema_from_tables")


class TheMigrations:
    def test_give_the_schema_the_tables_describe(self, engine: Engine, described: Engine) -> None:
        assert differences(catalogue(engine), catalogue(described)) == {}

    def test_leave_alembic_nothing_to_add(self, database_url: str) -> None:
        command.check(configuration(database_url))

    def test_do_nothing_the_second_time(self, database_url: str, engine: Engine) -> None:
        before = catalogue(engine)

        migrate(database_url)

        assert differences(catalogue(engine), before) == {}

    def test_may_be_started_by_two_at_once(self, databases: Databases, engine: Engine) -> None:
        url = databases.make("migrated_by_two")
        call = f"from registry.migrations import migrate; migrate({url!r})"
        try:
            # Alembic keeps its state per process, as real servers do.
            both = [subprocess.Popen([sys.executable, "-c", call], cwd=ROOT) for _ in range(2)]
            codes = [one.wait(timeout=60) for one in both]
            migrated = make_engine(url)
            found = catalogue(migrated)
            migrated.dispose()
        finally:
            databases.drop("migrated_by_two")

        assert codes == [0, 0]
        assert differences(found, catalogue(engine)) == {}

    def test_go_down_to_nothing_and_up_again(self, database_url: str, engine: Engine) -> None:
        before = catalogue(engine)

        command.downgrade(configuration(database_url), "base")
        emptied = catalogue(engine)
        migrate(database_url)

        assert emptied["tables"] == set()
        assert differences(catalogue(engine), before) == {}


class TheComparison:
    def test_is_of_schemas_that_hold_something(self, engine: Engine) -> None:
        found = catalogue(engine)
        assert {row[0] for row in found["tables"]} >= set(metadata.tables)
        assert all(found[name] for name in ("columns", "indexes", "constraints"))

    @pytest.mark.parametrize(
        ("statement", "name"),
        [
            ("CREATE TABLE planted (id bigint)", "tables"),
            ("COMMENT ON TABLE division IS 'planted'", "tables"),
            ("ALTER TABLE decree ALTER COLUMN title SET NOT NULL", "columns"),
            ("ALTER TABLE decree ALTER COLUMN title SET DEFAULT 'planted'", "columns"),
            ("ALTER TABLE decree ALTER COLUMN title TYPE varchar(9)", "columns"),
            ("COMMENT ON COLUMN decree.title IS 'planted'", "columns"),
            ("ALTER TABLE decree ADD CHECK (title <> 'planted')", "constraints"),
            ("CREATE INDEX ON decree (title)", "indexes"),
        ],
    )
    def test_sees_a_planted_difference(self, engine: Engine, statement: str, name: str) -> None:
        before = catalogue(engine)

        with engine.begin() as connection:
            connection.execute(text(statement))

        assert name in differences(catalogue(engine), before)
