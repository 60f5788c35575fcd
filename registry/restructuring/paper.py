"""The paper of a plan (调整方案): what an author writes, read strictly.

Divisions are named by reference: an id, a code in force the day before the act, the new code or
alias of a unit this act makes, or `name:` and a path of names (`name:福建省/厦门市/湖里区/禾山镇`).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
import yaml

from registry.changes.model import Decree
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.errors import PlanIsMalformed
from registry.restructuring.statement import Statement

Reference = str

T = TypeVar("T")


class Precision(StrEnum):
    """How exactly the day of an act is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BY_EDITION = "by_edition"
    """Not later than the cut-off day of the published list that first shows it."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Retype(_Part, frozen=True, tag="retype"):
    """Another kind for the same unit (撤镇设街); its identity lives on."""

    division: Reference
    kind: DivisionKind
    name: str | None = None
    published_name: str | None = None
    romanisation: str | None = None
    code: str | None = None


class NewUnit(_Part, frozen=True, kw_only=True):
    """A unit that an act sets up."""

    name: str
    kind: DivisionKind
    parent: Reference | None = None
    code: str | None = None
    published_name: str | None = None
    romanisation: str | None = None
    alias: str | None = msgspec.field(name="as", default=None)
    layer: str | None = None


class Establish(NewUnit, frozen=True, tag="establish", kw_only=True):
    """Set a unit up (设立)."""

    origins: tuple[Reference, ...] = msgspec.field(name="from", default=())
    territory: dict[str, Any] | None = None
    """GeoJSON, longitude and latitude, EPSG:4490."""


class Transfer(_Part, frozen=True, tag="transfer"):
    """Move members to another unit."""

    divisions: tuple[Reference, ...]
    to: Reference
    codes: dict[Reference, str] = msgspec.field(default_factory=dict)


class Recode(_Part, frozen=True, tag="recode"):
    """Give other codes."""

    codes: dict[Reference, str]
    reuse: str | None = None
    """Why a published list gives a code again; without it that is refused."""


class Rename(_Part, frozen=True, tag="rename"):
    """Another name (更名)."""

    division: Reference
    name: str
    published_name: str | None = None
    romanisation: str | None = None


class Reparent(_Part, frozen=True, tag="reparent"):
    """A whole unit under another parent (隶属关系变更)."""

    division: Reference
    to: Reference
    code: str | None = None


class Abolish(_Part, frozen=True, tag="abolish"):
    """End a unit (撤销); say who succeeds it, or why nobody does."""

    division: Reference
    successors: tuple[Reference, ...] = ()
    no_successor: str | None = None


class Merge(_Part, frozen=True, tag="merge"):
    """Several units become a new one; their members move to it."""

    divisions: tuple[Reference, ...]
    into: NewUnit


class Absorb(_Part, frozen=True, tag="absorb"):
    """An existing unit takes others over; their members move to it."""

    divisions: tuple[Reference, ...]
    into: Reference


class SplitPart(NewUnit, frozen=True, kw_only=True):
    """One new unit of a split, with the members that go to it."""

    members: tuple[Reference, ...]
    codes: dict[Reference, str] = msgspec.field(default_factory=dict)


class Split(_Part, frozen=True, tag="split"):
    """Parts of a unit become new units; it goes on with the rest, or ends."""

    division: Reference
    into: tuple[SplitPart, ...]
    keeps: bool


class AdjustTerritory(_Part, frozen=True, tag="adjust_territory"):
    """Another territory (界线变更), as GeoJSON in EPSG:4490."""

    division: Reference
    territory: dict[str, Any]


Operation = (
    Retype
    | Establish
    | Transfer
    | Recode
    | Rename
    | Reparent
    | Abolish
    | Merge
    | Absorb
    | Split
    | AdjustTerritory
)
OPERATIONS: dict[str, type[Operation]] = {
    "retype": Retype,
    "establish": Establish,
    "transfer": Transfer,
    "recode": Recode,
    "rename": Rename,
    "reparent": Reparent,
    "abolish": Abolish,
    "merge": Merge,
    "absorb": Absorb,
    "split": Split,
    "adjust_territory": AdjustTerritory,
}


class DecreePaper(_Part, frozen=True):
    """The decree (批复) as the paper gives it."""

    authority: str
    number: str | None = None
    title: str | None = None
    approved_on: date | None = None
    announced_on: date | None = None
    note: str | None = None


class DualNames(_Part, frozen=True):
    """For how long old and new texts count side by side (新旧地名并用期)."""

    until: date
    """The first day on which only the new ones do."""


class Paper(_Part, frozen=True):
    """One act: one day, one decree, any number of operations."""

    title: str
    effective_on: date
    operations: tuple[Operation, ...]
    effective_precision: Precision = Precision.DAY
    code_scheme: str = STATISTICAL
    decree: DecreePaper | None = None
    evidence: str | None = None
    dual_names: DualNames | None = None
    statement: Statement | None = None
    """The authors' own texts for the report; they decide nothing."""

    def legal_basis(self) -> Decree | None:
        """The decree as the log keeps it."""
        if self.decree is None:
            return None
        return Decree(
            authority=self.decree.authority,
            number=self.decree.number,
            title=self.decree.title,
            approved_on=self.decree.approved_on,
            announced_on=self.decree.announced_on,
            effective_on=self.effective_on,
            note=self.decree.note,
        )


def read_paper(raw: object) -> Paper:
    """Read a paper strictly: nothing missing, nothing unknown, nothing of another form.

    Raises:
        PlanIsMalformed: says where and why.
    """
    if not isinstance(raw, Mapping):
        raise PlanIsMalformed("top", "expected fields such as title, effective_on, operations")
    if raw.get("draft"):
        raise PlanIsMalformed(
            "draft",
            "a draft is not yet a plan: decide what is open, then remove `draft` and `unplaced`",
        )
    if raw.get("effective_on") is None:
        raise PlanIsMalformed("effective_on", "the day the act takes effect is missing")
    operations = raw.get("operations")
    if not isinstance(operations, list) or not operations:
        raise PlanIsMalformed("operations", "at least one operation is needed")
    head = {key: value for key, value in raw.items() if key != "operations"}
    read = tuple(_read_operation(one, number) for number, one in enumerate(operations, start=1))
    paper = _convert({**head, "operations": []}, Paper, "paper")
    return msgspec.structs.replace(paper, operations=read)


def read_paper_text(text: str) -> Paper:
    """Read a paper from YAML or JSON.

    Raises:
        PlanIsMalformed: not YAML, or not a paper.
    """
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a date such as 2021-02-30, which YAML reads by itself.
        raise PlanIsMalformed("text", " ".join(str(error).split())) from error
    return read_paper(raw)


def _read_operation(raw: object, number: int) -> Operation:
    where = f"operation {number}"
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise PlanIsMalformed(where, "expected one verb with its fields, such as `rename: {…}`")
    verb, fields = next(iter(raw.items()))
    kind = OPERATIONS.get(str(verb))
    if kind is None:
        raise PlanIsMalformed(where, f"unknown verb {verb!r}; known: {', '.join(OPERATIONS)}")
    if not isinstance(fields, Mapping):
        raise PlanIsMalformed(f"{where} ({verb})", "expected fields")
    return _convert({**fields, "type": verb}, kind, f"{where} ({verb})")


def _convert(raw: Mapping[str, Any], kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        raise PlanIsMalformed(where, str(error)) from error
