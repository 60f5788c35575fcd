"""The migrations give the schema the tables describe, and may be run by anybody at any time."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from registry.database import make_engine
from registry.migrations import migrate
from registry.tables import metadata
from tests.conftest import Databases

ROOT = Path(__file__).parents[2]

CATALOGUES = {
    "columns": """
        SELECT table_name, column_name, format_type(a.atttypid, a.atttypmod), is_nullable,
               column_default, is_identity
        FROM information_schema.columns c
        JOIN pg_attribute a ON a.attrelid = format('%I.%I', table_schema, table_name)::regclass
                           AND a.attname = column_name
        WHERE table_schema = 'public'""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 't'""",
    "triggers": """
        SELECT tgrelid::regclass::text, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "sequences": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
}
NOT_OURS = {"alembic_version", "spatial_ref_sys", "geometry_columns", "geography_columns"}


def catalogue(engine: Engine) -> dict[str, set[tuple[Any, ...]]]:
    """What the database itself says its schema is."""
    with engine.connect() as connection:
        return {
            name: {tuple(row) for row in connection.execute(text(query)) if row[0] not in NOT_OURS}
            for name, query in CATALOGUES.items()
        }


class TheMigrations:
    def test_give_the_schema_the_tables_describe(
        self, engine: Engine, databases: Databases
    ) -> None:
        url = databases.make("schema_from_tables")
        described = make_engine(url)
        try:
            with described.begin() as connection:
                for extension in ("postgis", "pg_trgm", "btree_gist"):
                    connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
                metadata.create_all(connection)
            wanted, found = catalogue(described), catalogue(engine)
        finally:
            described.dispose()
            databases.drop("schema_from_tables")

        for name in CATALOGUES:
            assert found[name] - wanted[name] == set(), f"{name} only in the migrations"
            assert wanted[name] - found[name] == set(), f"{name} only in the tables"

    def test_do_nothing_the_second_time(self, database_url: str, engine: Engine) -> None:
        before = catalogue(engine)

        migrate(database_url)

        assert catalogue(engine) == before

    def test_may_be_started_by_two_at_once(self, databases: Databases) -> None:
        url = databases.make("migrated_by_two")
        call = f"from registry.migrations import migrate; migrate({url!r})"
        # Alembic keeps its state per process, as real servers do.
        both = [subprocess.Popen([sys.executable, "-c", call], cwd=ROOT) for _ in range(2)]

        codes = [one.wait(timeout=60) for one in both]

        databases.drop("migrated_by_two")
        assert codes == [0, 0]
