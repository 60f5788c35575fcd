"""Functions the database holds. A file is one function and is never edited once released: `_v2`."""

from importlib.resources import files

SCOPE_FUNCTIONS = (
    "scope_divisions_v1",
    "scope_rows_v1",
    "scope_candidates_v1",
    "scope_rows_v2",
    "scope_candidates_v2",
    "scope_rows_v3",
    "scope_candidates_v3",
    "scope_rows_v4",
    "scope_candidates_v4",
    "scope_rows_v5",
    "scope_candidates_v5",
    "scope_rows_v6",
    "scope_candidates_v6",
)
"""In the order they must be made: later ones call earlier ones."""


def sql_of(name: str) -> str:
    """The statement that creates a function; its contract stands on top."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
