"""How alembic reaches the database. One migration run at a time: an advisory lock."""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from registry.tables import metadata

LOCK = 72114

# These belong to PostGIS, not to us.
FOREIGN = {"spatial_ref_sys"}


def run() -> None:
    """Run what is asked inside one transaction per migration."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
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
