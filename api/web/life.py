"""The part of a restructuring's page about its life: where it stands, its steps, its deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from api.clock import SHANGHAI
from api.explanations import EXPLANATIONS
from api.language import Language
from api.problems import in_chinese
from registry.restructuring.deadlines import Deadline
from registry.restructuring.docket import Step
from registry.restructuring.model import Restructuring, State

LIFE_WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "life": "办理过程", "undone": "{}（{}提出；变更 {}）", "deadlines": "期限", "case": "同案的步骤和方案", "act_number": "第{}步",
        "scenario": "方案{}", "announcement": "公告", "held": "未能按期实施，请处理",
        "step": "步骤", "who": "经办", "when": "时间", "why": "理由", "rule": "依据",
        "duty": "事项", "due": "期限", "done": "完成", "standing": "状态", "scheduler": "定时任务",
        "create": "起草", "duplicate": "复制为新方案", "edit": "修改", "submit": "报批",
        "approve": "批准", "reject": "退回", "withdraw": "撤回", "schedule": "定时实施",
        "commit": "实施", "hold": "搁置", "rebase": "按最新登记重新起算", "supersede": "因另一方案实施而终止",
        "milestone": "记录日期", "annul": "撤销", "correct": "更正", "restore": "撤销决定被撤销，恢复效力",
        "annul-later": "撤销其后的更正", "reopen": "因已实施方案撤销而重新起草", "filing": "备案", "carrying-out": "完成变更",
        "codes": "公布代码", "waiting": "未起算", "open": "未到期", "late": "已逾期",
        "met": "已完成", "met-late": "逾期完成",
    },
    "en": {
        "life": "Its course", "undone": "{} (asked by {}; change {})", "deadlines": "Deadlines", "case": "Acts and scenarios of this case",
        "act_number": "act {}", "scenario": "scenario {}", "announcement": "Public announcement",
        "held": "It could not be carried out on its day and needs attention",
        "step": "Step", "who": "By", "when": "When", "why": "Reason", "rule": "Rule",
        "duty": "Duty", "due": "Due", "done": "Done", "standing": "Standing",
        "scheduler": "scheduler", "create": "drafted", "duplicate": "copied as a scenario",
        "edit": "edited", "submit": "submitted", "approve": "approved", "reject": "sent back",
        "withdraw": "withdrawn", "schedule": "scheduled", "commit": "carried out", "hold": "put aside",
        "rebase": "rebased", "supersede": "closed, another scenario was carried out",
        "milestone": "date recorded", "annul": "annulled", "correct": "corrected",
        "restore": "in force again, its annulment was annulled",
        "annul-later": "a later change on it annulled",
        "reopen": "open again, the scenario carried out was annulled", "filing": "filing with the level above",
        "carrying-out": "change completed", "codes": "codes published", "waiting": "not counted yet",
        "open": "open", "late": "overdue", "met": "met", "met-late": "met late",
    },
}  # fmt: skip
LIFE_WORDS["zh"]["announcement_duty"] = "向社会公告"
LIFE_WORDS["en"]["announcement_duty"] = "public announcement"
DECIDED = (State.APPROVED, State.SCHEDULED, State.HELD, State.COMMITTED)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step, ready to print."""

    step: str
    who: str
    moment: str
    """In Shanghai."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One deadline, ready to print."""

    rule: str
    duty: str
    due_on: date | None
    done_on: date | None
    standing: str
    late: bool


@dataclass(frozen=True, slots=True)
class SiblingLine:
    """Another act or scenario of the case."""

    restructuring_id: UUID
    place: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class LifeView:
    """Everything the part of the page shows."""

    words: dict[str, str]
    held_because: str | None
    """Why the scheduler put it aside; None: it did not."""
    may_be_announced: bool
    steps: tuple[StepLine, ...]
    deadlines: tuple[DeadlineLine, ...]
    siblings: tuple[SiblingLine, ...]


def life_view(
    filed: Restructuring,
    *,
    steps: Sequence[Step],
    deadlines: Sequence[Deadline],
    case: Sequence[Restructuring],
    language: Language,
) -> LifeView:
    """A restructuring's life in a language."""
    words = LIFE_WORDS[language]
    held = [_reason(step, language) for step in steps if step.step == "hold"]
    return LifeView(
        words=words,
        held_because=held[-1] if filed.state is State.HELD and held else None,
        may_be_announced=filed.state in DECIDED,
        steps=tuple(_step(step, language) for step in steps),
        deadlines=tuple(_deadline(one, words) for one in deadlines),
        siblings=tuple(
            SiblingLine(one.restructuring_id, _place(one, words), one.title, one.state.value)
            for one in case
            if one.restructuring_id != filed.restructuring_id
        ),
    )


def _step(step: Step, language: Language) -> StepLine:
    words = LIFE_WORDS[language]
    moment = f"{step.happened_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return StepLine(
        words.get(step.step, step.step),
        words.get(step.who, step.who),
        moment,
        _reason(step, language),
    )


def _reason(step: Step, language: Language) -> str | None:
    facts = step.facts or {}
    if step.step == "milestone":
        return f"{facts['milestone']} {facts['on']}"
    if "undoing" in facts:
        words = LIFE_WORDS[language]
        return words["undone"].format(step.reason, facts["asked_by"], facts["change"])
    if step.step == "hold" and language == "zh" and facts.get("code") in EXPLANATIONS:
        return in_chinese(facts["code"], facts)
    return step.reason


def _deadline(one: Deadline, words: dict[str, str]) -> DeadlineLine:
    duty = words.get(f"{one.duty}_duty") or words.get(one.duty, one.duty)
    standing = one.standing.value
    return DeadlineLine(
        one.rule, duty, one.due_on, one.done_on, words[standing], standing == "late"
    )


def _place(one: Restructuring, words: dict[str, str]) -> str:
    act = words["act_number"].format(one.act_number)
    return f"{act} · {words['scenario'].format(one.scenario)}"
