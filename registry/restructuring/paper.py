"""The paper of a plan (调整方案): what an author writes, read strictly.

The verbs and their fields are in `grammar`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
import yaml

from registry.changes.model import Decree, Verb
from registry.divisions.model import STATISTICAL
from registry.errors import PlanIsMalformed
from registry.restructuring.grammar import OPERATIONS, Correct, Operation
from registry.restructuring.refusals import PlanMixesVerbs
from registry.restructuring.statement import Statement

T = TypeVar("T")


class Precision(StrEnum):
    """How exactly the day of an act is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BY_EDITION = "by_edition"
    """Not later than the cut-off day of the published list that first shows it."""


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class DecreePaper(_Form, frozen=True):
    """The decree (批复) as the paper gives it."""

    authority: str
    number: str | None = None
    title: str | None = None
    approved_on: date | None = None
    announced_on: date | None = None
    note: str | None = None


class DualNames(_Form, frozen=True):
    """For how long old and new texts count side by side (新旧地名并用期)."""

    until: date
    """The first day on which only the new ones do."""


class Paper(_Form, frozen=True):
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
    opened_on: date | None = None
    """挂牌: the day the new offices opened."""
    area_changes: str | None = None
    """Why the act does not conserve area, such as land won from the sea; without it that is a breach."""
    consulted: str | None = None
    """Which other governments were heard on lines and parents, and when."""

    @property
    def verb(self) -> Verb:
        """What the paper's change is recorded as: a correction when it holds nothing else."""
        corrects = all(isinstance(one, Correct) for one in self.operations)
        return Verb.CORRECT if corrects and self.operations else Verb.CHANGE

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
        PlanMixesVerbs: it corrects and changes at once.
    """
    if not isinstance(raw, Mapping):
        raise PlanIsMalformed("top", "expected fields such as title, effective_on, operations")
    if raw.get("draft"):
        raise PlanIsMalformed(
            "draft",
            "a draft is not yet a plan: decide what is open, then remove `draft`, `review` and `unplaced`",
        )
    if raw.get("effective_on") is None:
        raise PlanIsMalformed("effective_on", "the day the act takes effect is missing")
    operations = raw.get("operations")
    if not isinstance(operations, list) or not operations:
        raise PlanIsMalformed("operations", "at least one operation is needed")
    head = {key: value for key, value in raw.items() if key != "operations"}
    read = tuple(_read_operation(one, number) for number, one in enumerate(operations, start=1))
    paper = _convert({**head, "operations": []}, Paper, "paper")
    corrections = sum(isinstance(one, Correct) for one in read)
    if 0 < corrections < len(read):
        raise PlanMixesVerbs(corrections=corrections, changes=len(read) - corrections)
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
