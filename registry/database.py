"""Connections to PostGIS."""

from sqlalchemy import Engine, create_engine

SCHEME = "postgresql+psycopg://"
NEVER_UNASKED = 1 << 30
"""Executions before the driver prepares a statement by itself; none at all would forbid asking."""

LONGEST_WAIT_S = 120
"""For a lock. Writers wait for each other; the greatest act may take a minute, and nobody is to
lose an edit by it."""
SPEECH = "-c timezone=UTC -c datestyle=ISO,YMD -c extra_float_digits=1"
"""How values are written; lines of the log are hashed as they are written."""


def driver_url(url: str) -> str:
    """The same database, named the way SQLAlchemy finds psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return SCHEME + url.removeprefix(prefix)
    return url


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """An engine whose connections speak UTC and refuse to hang on a lock for ever.

    No statement of ours runs long enough to earn its compilation back.
    """
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={
            # Who dies in the middle of a long statement is not waited for: the database looks
            # every few seconds, and lets go of its locks.
            "options": f"{SPEECH} -c jit=off -c lock_timeout={LONGEST_WAIT_S}s"
            " -c client_connection_check_interval=2s"
        },
    )


def make_rehearsing_engine(url: str) -> Engine:
    """An engine for reading rehearsals: its transactions look for tables in different schemas.

    A statement prepared in one would be planned anew in the next, so nothing is prepared unasked;
    what is, is planned once a schema.
    """
    return create_engine(
        driver_url(url),
        pool_size=4,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={
            "options": f"-c timezone=UTC -c jit=off -c lock_timeout={LONGEST_WAIT_S}s"
            " -c plan_cache_mode=force_generic_plan",
            "prepare_threshold": NEVER_UNASKED,
        },
    )
