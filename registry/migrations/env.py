"""How alembic reaches the database. One migration run at a time: an advisory lock."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from registry.rehearsal.store import RehearsalStore
from registry.tables import metadata, rehearsal

LOCK = 72114

# These belong to PostGIS, not to us.
FOREIGN = {"spatial_ref_sys"}


def drop_rehearsals(connection: Connection) -> None:
    """Views of rehearsals hold columns in place; they are made again when somebody asks."""
    if not inspect(connection).has_table(rehearsal.name):
        return
    store = RehearsalStore(connection)
    for schema_name in store.idle(idle_s=0, superseded_s=0):
        try:
            store.drop(schema_name)
            connection.commit()
        except OperationalError:
            # Somebody reads it; a migration that minds will say so.
            connection.rollback()


def run() -> None:
    """Run what is asked inside one transaction per migration."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        drop_rehearsals(connection)
        context.configure(
            connection=connection,
            target_metadata=metadata,
            transaction_per_migration=True,
            include_name=lambda name, kind, _parents: kind != "table" or name not in FOREIGN,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
