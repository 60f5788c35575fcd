"""From two editions to draft papers (调整方案草稿) that a person finishes.

An edition shows a state, never an act: it knows neither the day nor the decree, it shows two acts
as one difference, and it leaves open who is who. So a draft has no date, says `draft: true`, and
lists what a person must decide; read as a paper it is refused. Only a replay of history that says
so (`assume_edition_date`) takes the cut-off date for the day, and closes what is open the plainest
way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from data.editions.acts import LikelyAct, Unplaced, acts_of
from data.editions.comparison import Comparison
from data.editions.proposal import Proposed, Theme
from data.editions.reader import EditionRow
from data.editions.rendering import AsDrafted, Operation, Rendering, abolition
from data.editions.roles import Roles
from data.editions.units import Edition

DraftPaper = dict[str, Any]
TO_DECIDE = "to_decide"
"""Key of the open questions; they are written as comments."""
ONLY_IN_DRAFTS = ("draft", "review", "unplaced")
ALWAYS_OPEN = (
    "生效日 effective_on：由文件确定；查不到时用后一期的截止日，写 effective_precision: by_edition",
    "批复 decree：文号、机关、日期；没有查到就不写",
    "谁是谁：名录没有身份，下列对应是按名称、代码和成员推定的，依据和把握见 review",
)
FIRST_ACT = "两期之间既有撤镇设街又有拆分：法律上是两件事，先实施本方案，再实施管辖范围的调整"
SECOND_ACT = "须在撤镇设街之后实施：引用了街道的新代码"
CLOSING = "定稿后删去 draft、review 和 unplaced 三项"
NOTHING_PLACED = "没有可以推定的操作，只有去向不明的单位"
AGAIN = "{code} 前一期属{name}：须写 reuse 的理由，或改读为更名"
LOST = "后一期名录没有，去向不明：写 abolish（successors 或 no_successor），或指明更名"
SHOWN_PLACES = 3
TITLES = {
    Theme.COUNTY: "县级以上区划变更",
    Theme.CONVERSION: "撤乡镇设镇街",
    Theme.TOWNSHIP: "乡级区划与村居变动",
    Theme.VILLAGE: "村居变动",
    Theme.FORM: "代码与书写形式",
}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a replay takes for granted."""

    effective_on: date
    ever_used: frozenset[str] = frozenset()
    """Codes that were borne before the earlier edition."""


def draft_papers(
    rows_before: Iterable[EditionRow],
    rows_after: Iterable[EditionRow],
    *,
    from_edition: date,
    to_edition: date,
    within: str | None = None,
) -> list[DraftPaper]:
    """The drafts of two editions of the division lists, see `draft_from_editions`.

    Args:
        rows_before: the earlier edition; lines of townships and villages are needed, of counties
            wanted.
        rows_after: the later edition, likewise.
        from_edition: cut-off date of the earlier edition.
        to_edition: cut-off date of the later edition.
        within: take only codes that begin so, in both editions.
    """
    return draft_from_editions(
        Edition.of(rows_before, within),
        Edition.of(rows_after, within),
        evidence=f"截止日 {from_edition} 与 {to_edition} 的两期名录之差",
    )


def draft_from_editions(
    before: Edition, after: Edition, *, evidence: str, assumed: Assumed | None = None
) -> list[DraftPaper]:
    """One paper per likely act, in the order they are to be carried out.

    Returns:
        Papers in the form `plan check` reads, but refused by it: `draft: true`, no date; with
        `to_decide` (questions), `review` (case, confidence and evidence of each operation) and
        `unplaced` (units the draft says nothing about, with what they might be). With `assumed`:
        papers that can be committed as they are, dated by the edition, `review` left in for the
        reader; `as_paper` takes it off.
    """
    roles = Roles(Comparison.between(before, after))
    state = AsDrafted(roles, () if assumed is None else assumed.ever_used)
    writer = _Writer(roles, state, evidence, assumed)
    return [writer.paper(act) for act in acts_of(roles)]


def as_paper(draft: Mapping[str, Any]) -> DraftPaper:
    """What is left for the registry to read once a person is done with a draft."""
    return {key: value for key, value in draft.items() if key not in (*ONLY_IN_DRAFTS, TO_DECIDE)}


def to_yaml(paper: Mapping[str, Any]) -> str:
    """The draft as a file a person goes on with: its open questions as comments on top."""
    questions = "".join(f"# 待定：{one}\n" for one in paper.get(TO_DECIDE, ()))
    body = {key: value for key, value in paper.items() if key != TO_DECIDE}
    return questions + yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)


class _Writer:
    """Writes the acts of one draft down, one after the other."""

    def __init__(
        self, roles: Roles, state: AsDrafted, evidence: str, assumed: Assumed | None
    ) -> None:
        self._roles = roles
        self._state = state
        self._evidence = evidence
        self._assumed = assumed
        self._bearers = {unit.code: unit.name for unit in roles.before.units.values() if unit.code}

    def paper(self, act: LikelyAct) -> DraftPaper:
        """One act as a paper."""
        rendering = Rendering(self._state, assume=self._assumed is not None)
        # What the earlier codes are, is asked before they are given away.
        questions = list(self._questions(act))
        written = rendering.operations(act.proposed)
        operations = [operation for operation, _one in written]
        if self._assumed is not None:
            operations += [abolition(self._state, f"-{one.old}") for one in act.unplaced]
        unplaced = [self._lost(one) for one in act.unplaced]
        review = {
            "case": act.case,
            "step": f"{act.step}/{act.steps}",
            "confidence": min((one.confidence for one in act.proposed), default=0.0),
            "operations": [_reviewed(operation, one) for operation, one in written],
        }
        self._state.carry_out(act.proposed, (f"-{one.old}" for one in act.unplaced))
        return self._paper(act, questions, operations, review, unplaced)

    def _paper(
        self,
        act: LikelyAct,
        questions: list[str],
        operations: list[Operation],
        review: dict[str, Any],
        unplaced: list[dict[str, Any]],
    ) -> DraftPaper:
        title = f"{self._places(act)}：{TITLES[act.theme]}"
        body = {
            "code_scheme": self._roles.after.scheme,
            "evidence": self._evidence,
            "operations": operations,
            "review": review,
        }
        if self._assumed is not None:
            dated = {
                "effective_on": self._assumed.effective_on,
                "effective_precision": "by_edition",
            }
            return {
                "title": f"{title}（{act.county}，推定）",
                **dated,
                **body,
                "unplaced": unplaced,
            }
        return {
            TO_DECIDE: [*ALWAYS_OPEN, *questions, CLOSING],
            "title": f"{title}（草稿）",
            "draft": True,
            "effective_on": None,
            **body,
            "unplaced": unplaced,
        }

    def _places(self, act: LikelyAct) -> str:
        counties = sorted({act.county, *(one.county for one in act.proposed)})
        named = "、".join(map(self._roles.after.name, counties[:SHOWN_PLACES]))
        return f"{named}等" if len(counties) > SHOWN_PLACES else named

    def _questions(self, act: LikelyAct) -> Iterator[str]:
        if act.steps > 1:
            yield FIRST_ACT if act.step == 1 else SECOND_ACT
        if not act.proposed:
            yield NOTHING_PLACED
        for one in act.proposed:
            yield from one.questions
            for uid, code in sorted(one.codes.items()):
                if self._state.is_used(code):
                    bearer = self._bearers.get(code, "更早的单位")
                    yield f"{self._name(uid)}改用 {AGAIN.format(code=code, name=bearer)}"

    def _name(self, uid: str) -> str:
        edition = self._roles.before if uid[0] == "-" else self._roles.after
        return edition.name(uid[1:])

    def _lost(self, one: Unplaced) -> dict[str, Any]:
        found: dict[str, Any] = {
            "code": one.unit.code or one.unit.reference,
            "name": one.unit.published_name,
            "why": LOST,
        }
        if one.candidates:
            found["candidates"] = [
                {"code": code, "name": name, "score": round(score, 2)}
                for code, name, score in one.candidates
            ]
        return found


def _reviewed(operation: Operation, one: Proposed) -> dict[str, Any]:
    ((verb, fields),) = operation.items()
    subject: Sequence[str] | str = (
        fields.get("division") or fields.get("divisions") or list(fields.get("codes", ()))
    ) or fields.get("name", "")
    named = subject if isinstance(subject, str) else f"{subject[0]} +{len(subject) - 1}"
    return {
        "verb": verb,
        "of": named.removesuffix(" +0"),
        "confidence": one.confidence,
        "why": list(one.evidence),
    }
