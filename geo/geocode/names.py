"""Names as periods: divisions and carriers while a name, kind and parent stayed the same."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

COUNTY = 3
TOWNSHIP = 4
VILLAGE = 5
_VILLAGE_TAIL = re.compile(
    r"(社区居民委员会|社区居委会|村民委员会|居民委员会|村委会|居委会|社区|村)$"
)
_DIVISION_TAIL = re.compile(r"(特别行政区|自治区|自治州|自治县|街道办事处|街道|省|市|区|县|镇|乡)$")
_OFFICE = "街道"


@dataclass(frozen=True, slots=True, eq=False)
class DivisionPeriod:
    """A division (政区) while its name, kind and parent stayed the same; dates half open.

    There is one object for each, so that they are told apart at once.
    """

    division_id: UUID
    name: str
    kind: str
    level: int
    parent_id: UUID | None
    valid_from: date | None
    valid_to: date | None
    decree: str | None
    change: int
    romanisation: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CarrierPeriod:
    """A name (街路巷, 里, 社) that carries door numbers, while it held; dates half open.

    There is one object for each, so that they are told apart at once.
    """

    carrier_id: UUID
    name: str
    kind: Literal["thoroughfare", "area"]
    status: Literal["standard", "former", "variant"]
    division_ids: frozenset[UUID]
    valid_from: date | None
    valid_to: date | None
    romanisation: str | None = None
    language: str | None = None
    """A tag (RFC 5646) that may say how far down divisions are written before it."""


@dataclass(frozen=True, slots=True)
class CodePeriod:
    """A code (区划代码) while a division bore it; dates half open."""

    code: str
    division_id: UUID
    valid_from: date | None
    valid_to: date | None


Referent = DivisionPeriod | CarrierPeriod


def holds(period: Referent, on: date) -> bool:
    """Tell whether a period covers a date."""
    return (period.valid_from is None or period.valid_from <= on) and (
        period.valid_to is None or on < period.valid_to
    )


def overlap(one: DivisionPeriod | CodePeriod, other: DivisionPeriod | CodePeriod) -> bool:
    """Tell whether two periods share a day."""
    return (one.valid_from or date.min) < (other.valid_to or date.max) and (
        other.valid_from or date.min
    ) < (one.valid_to or date.max)


def spoken_forms(period: DivisionPeriod) -> frozenset[str]:
    """List a division's full name and the short forms people use for it."""
    if period.level < VILLAGE:
        base = _DIVISION_TAIL.sub("", period.name)
        forms = {period.name, base} if len(base) > 1 else {period.name}
        if period.name.endswith(_OFFICE):
            forms.add(f"{period.name}办事处")
        return frozenset(forms)
    base = _VILLAGE_TAIL.sub("", period.name)
    if not base:
        return frozenset({period.name})
    forms = {period.name, f"{base}社区", f"{base}村", f"{base}村委会", f"{base}社区居委会"}
    return frozenset(forms | {base} if len(base) > 1 else forms)
