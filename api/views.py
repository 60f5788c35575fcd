"""What answers look like: plain values made from the registry's, named as the contract names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.changes.model import Change, Decree
from registry.changes.period import Period
from registry.divisions.lineage import SuccessionEdge
from registry.divisions.values import CodeBearer, Division


@dataclass(frozen=True, slots=True)
class DecreeOut:
    """A decree (批复)."""

    number: str | None
    authority: str
    title: str | None
    approved_on: date | None
    announced_on: date | None
    effective_on: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class PeriodOut:
    """Half-open: the day `to` is not in it. Null: open."""

    from_: date | None
    to: date | None


@dataclass(frozen=True, slots=True)
class SuccessorOut:
    """Who follows a retired division."""

    id: UUID
    name: str
    kind: str
    on: date | None


@dataclass(frozen=True, slots=True)
class DivisionOut:
    """A division (行政区划) at a point in time."""

    id: UUID
    status: str
    kind: str
    level: int
    name: str
    published_name: str | None
    romanisation: str | None
    code: str | None
    codes: dict[str, str]
    parent_id: UUID | None
    layer: str
    valid: dict[str, date | None]
    cause: str
    change: int


@dataclass(frozen=True, slots=True)
class DivisionDetail:
    """One division with what surrounds it."""

    division: DivisionOut
    chain: list[dict[str, Any]]
    territory: dict[str, Any] | None
    successors: list[SuccessorOut]
    decree: DecreeOut | None


@dataclass(frozen=True, slots=True)
class ChangeOut:
    """A change (变更), without its items."""

    number: int
    recorded_at: datetime
    author: str
    verb: str
    title: str
    effective_on: date | None
    restructuring_id: UUID | None
    source_key: str | None
    decree_id: UUID | None
    decree: DecreeOut | None


def decree_out(decree: Decree | None) -> DecreeOut | None:
    """A decree as answers show it."""
    if decree is None:
        return None
    return DecreeOut(
        number=decree.number,
        authority=decree.authority,
        title=decree.title,
        approved_on=decree.approved_on,
        announced_on=decree.announced_on,
        effective_on=decree.effective_on,
        note=decree.note,
    )


def period_out(period: Period) -> dict[str, date | None]:
    """A period as answers show it."""
    return {"from": period.start, "to": period.end}


def division_out(one: Division) -> DivisionOut:
    """A division as answers show it."""
    return DivisionOut(
        id=one.division_id,
        status=one.status.value,
        kind=one.kind.value,
        level=one.level,
        name=one.name,
        published_name=one.published_name,
        romanisation=one.romanisation,
        code=one.codes.get("statistical") or next(iter(one.codes.values()), None),
        codes=one.codes,
        parent_id=one.parent_id,
        layer=one.layer,
        valid=period_out(one.valid),
        cause=one.cause,
        change=one.begun_by,
    )


def change_out(one: Change) -> ChangeOut:
    """A change as answers show it."""
    return ChangeOut(
        number=one.number,
        recorded_at=one.recorded_at,
        author=one.author,
        verb=one.verb.value,
        title=one.title,
        effective_on=one.effective_on,
        restructuring_id=one.restructuring_id,
        source_key=one.source_key,
        decree_id=one.decree_id,
        decree=decree_out(one.decree),
    )


def bearer_out(one: CodeBearer) -> dict[str, Any]:
    """A code and who bore it, as answers show it."""
    return {
        "code": one.code,
        "scheme": one.scheme,
        "division_id": one.division_id,
        "name": one.name,
        "kind": one.kind.value,
        "valid": period_out(one.valid),
        "change": one.begun_by,
    }


def edge_out(edge: SuccessionEdge, decrees: dict[int, Change]) -> dict[str, Any]:
    """An edge of the lineage as answers show it."""
    act = decrees.get(edge.change)
    return {
        "predecessor_id": edge.predecessor_id,
        "successor_id": edge.successor_id,
        "kind": edge.kind,
        "on": edge.on,
        "change": edge.change,
        "decree": decree_out(act.decree) if act else None,
        "share_members": edge.share_members,
        "share_area": edge.share_area,
        "share_addresses": edge.share_addresses,
        "note": edge.note,
    }


def history_out(versions: Sequence[Division], changes: dict[int, Change]) -> list[dict[str, Any]]:
    """Versions of a division, each with the act it came from."""
    found = []
    for one in versions:
        act = changes.get(one.begun_by)
        found.append(
            {
                "valid": period_out(one.valid),
                "name": one.name,
                "published_name": one.published_name,
                "kind": one.kind.value,
                "parent_id": one.parent_id,
                "codes": one.codes,
                "cause": one.cause,
                "change": one.begun_by,
                "decree": decree_out(act.decree) if act else None,
            }
        )
    return found
