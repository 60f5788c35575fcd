"""Codes of a plan: reserved while it is open, provisional once it is carried out, then published.

A code is fixed and published within one month (Order 704 art 17); until then it is provisional
and is printed nowhere.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.timeline import at, change_from
from registry.changes.work import Work
from registry.divisions.model import DivisionKind, check_code, code_slot_id
from registry.divisions.tables import division_code_version, division_version
from registry.errors import CodeWasUsed, StateForbids
from registry.restructuring.cases import draw_filed
from registry.restructuring.refusals import CodeIsNotProvisional
from registry.restructuring.store import RestructuringStore
from registry.restructuring.surroundings import OPEN, queue_for_codes, reserve


def reserve_codes(connection: Connection, restructuring_id: UUID) -> dict[UUID, str]:
    """Keep for an open plan the codes it would get now; returns them by division.

    Raises:
        RestructuringIsUnknown: none has that id.
        StateForbids: it is not open any more.
        RegistryError: the plan cannot be drawn up; the class says why.
    """
    store = RestructuringStore(connection)
    filed = store.lock(restructuring_id)
    if filed.state.value not in OPEN:
        raise StateForbids(step="reserve codes", state=filed.state.value)
    queue_for_codes(connection)
    plan, _ledger = draw_filed(connection, filed)
    reserve(connection, restructuring_id, plan.paper.code_scheme, plan.allocated)
    return dict(plan.allocated)


def release_codes(connection: Connection, restructuring_id: UUID) -> None:
    """Keep none of a plan's codes any longer.

    Raises:
        RestructuringIsUnknown: none has that id.
    """
    store = RestructuringStore(connection)
    store.lock(restructuring_id)
    store.release_codes(restructuring_id)


def provisional_codes(
    connection: Connection, known: int, on: date, change: int | None = None
) -> dict[UUID, str]:
    """Divisions whose code is provisional on a day; `change`: only those that change gave."""
    codes = division_code_version
    limits = [] if change is None else [codes.c.begun_by == change]
    rows = connection.execute(
        select(codes.c.division_id, codes.c.code)
        .where(codes.c.provisional, seen_at(codes, AsOf(on, known)), *limits)
        .order_by(codes.c.code)
    )
    return {row.division_id: row.code for row in rows}


def publication(title: str, *, author: str, on: date) -> Intent:
    """What the log will say of a publication of codes."""
    return Intent(author=author, verb=Verb.CHANGE, title=title, effective_on=on)


def publish_codes(
    work: Work,
    divisions: Collection[UUID],
    *,
    scheme: str,
    on: date,
    fixed: Mapping[UUID, str] | None = None,
) -> int:
    """From a day on these divisions' codes are published, as they stand or as they were fixed.

    Args:
        fixed: codes the authority fixed otherwise than was proposed.

    Raises:
        CodeIsNotProvisional: a division has no provisional code on that day.
        CodeWasUsed, CodeOutsideBlock: a code fixed otherwise belongs to somebody, or does not fit.
    """
    slots = {code_slot_id(unit, scheme): unit for unit in divisions}
    believed = work.believed(division_code_version, slots)
    written = 0
    for slot, unit in sorted(slots.items(), key=lambda item: item[0].bytes):
        before = believed.get(slot, ())
        current = at(before, on)
        if current is None or not current.value("provisional"):
            raise CodeIsNotProvisional(str(unit))
        patch: dict[str, object] = {"provisional": False}
        code = (fixed or {}).get(unit, current.value("code"))
        if code != current.value("code"):
            _check_free(work.connection, scheme, code)
            check_code(code, _kind(work, unit, on))
            patch["code"] = code
        after = change_from(before, on, patch, "publish_code")
        written += work.rewrite(division_code_version, slot, before, after)
    return written


def _check_free(connection: Connection, scheme: str, code: str) -> None:
    codes = division_code_version
    owner = connection.scalar(
        select(codes.c.division_id)
        .where(codes.c.scheme == scheme, codes.c.code == code)
        .order_by(codes.c.version_id.desc())
        .limit(1)
    )
    if owner is not None:
        raise CodeWasUsed(code, by=str(owner))


def _kind(work: Work, unit: UUID, on: date) -> DivisionKind:
    version = at(work.believed(division_version, [unit])[unit], on)
    if version is None:
        raise CodeIsNotProvisional(str(unit))
    return DivisionKind(version.value("kind"))
