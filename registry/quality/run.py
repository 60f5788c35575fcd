"""The quality run (质量检查): every invariant asked of the whole registry, set by set, in one snapshot.

Lineage invariants are checked at every commit for what the act touches; this proves them for all of
it, however it came in. Source: `design.md` §2, law 12.
"""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from uuid import UUID

from sqlalchemy import Connection, text

MOST_SHOWN = 100

INVARIANTS = (
    "no_cycle",
    "children_within_parents",
    "ended_units_have_successors",
    "no_self_succession",
    "successions_meet",
    "shares_sum_to_one",
    "areas_add_up",
    "addresses_have_homes",
    "codes_within_lives",
    "one_bearer_per_code",
    "lines_run_along_both_sides",
    "inspections_in_time",
)


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One thing that breaks an invariant."""

    subject: UUID
    finding: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one invariant came to."""

    invariant: str
    count: int
    breaches: tuple[Breach, ...]
    """The first of them."""


def run(
    connection: Connection, names: tuple[str, ...] = INVARIANTS, *, on: date | None = None
) -> list[Verdict]:
    """Every invariant's verdict; the caller's transaction should be one snapshot.

    Args:
        names: which invariants; all by default.
        on: the day on which what falls due is looked at; None: the database's today, in Shanghai.
    """
    return [_verdict(connection, name, on) for name in names]


def statement_of(name: str) -> str:
    """The query of an invariant; its rule stands on top."""
    return files("registry.quality.invariants").joinpath(f"{name}.sql").read_text("utf-8")


def _verdict(connection: Connection, name: str, on: date | None) -> Verdict:
    rows = connection.execute(text(statement_of(name)), {"on": on}).all()
    found = sorted(Breach(row.subject, row.finding) for row in rows) if rows else []
    return Verdict(name, len(found), tuple(found[:MOST_SHOWN]))
