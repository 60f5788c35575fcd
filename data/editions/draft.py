"""From the difference of two editions to draft papers (调整方案草稿) that a person finishes.

An edition shows a state, never an act: it knows neither the day nor the decree, it shows two acts
as one difference, and it leaves open who is who. So a draft has no date, says `draft: true`, and
lists what a person must decide; read as a paper it is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from data.editions.matching import Edition, match
from data.editions.proposal import CountyDifference, Difference, Operation
from data.editions.reader import EditionRow
from registry.divisions.model import STATISTICAL

DraftPaper = dict[str, Any]
TO_DECIDE = "to_decide"
"""Key of the open questions; they are written as comments."""
ALWAYS_OPEN = (
    "生效日 effective_on：由文件确定；查不到时用后一期的截止日，写 effective_precision: by_edition",
    "批复 decree：文号、机关、日期；没有查到就不写",
    "谁是谁：名录没有身份，下列对应是按名称和代码推定的",
)
TWO_ACTS = "两期之间既有撤镇设街又有拆分：法律上是两件事，先实施本方案，再实施管辖范围的调整"
SECOND_ACT = "须在撤镇设街之后实施：引用了街道的新代码"
CLOSING = "定稿后删去 draft 和 unplaced 两项"
NOTHING_PLACED = "没有可以推定的操作，只有去向不明的单位"


def draft_papers(
    rows_before: Iterable[EditionRow],
    rows_after: Iterable[EditionRow],
    *,
    from_edition: date,
    to_edition: date,
    within: str | None = None,
) -> list[DraftPaper]:
    """One draft per county that changed, or two where a conversion and a split fell together.

    Args:
        rows_before: the earlier edition; lines of townships and villages are needed, of counties
            wanted.
        rows_after: the later edition, likewise.
        from_edition: cut-off date of the earlier edition.
        to_edition: cut-off date of the later edition.
        within: take only codes that begin so, in both editions.

    Returns:
        Papers in the form `plan check` reads, but refused by it: `draft: true`, no date; with
        `to_decide` (questions) and `unplaced` (units the draft says nothing about).
    """
    before, after = Edition.of(rows_before, within), Edition.of(rows_after, within)
    difference = Difference.between(before, after, match(before, after))
    evidence = f"截止日 {from_edition} 与 {to_edition} 的两期名录之差"
    return [
        draft
        for county in difference.counties()
        for draft in _drafts(CountyDifference(difference, county), evidence)
    ]


def to_yaml(paper: Mapping[str, Any]) -> str:
    """The draft as a file a person goes on with: its open questions as comments on top."""
    questions = "".join(f"# 待定：{one}\n" for one in paper.get(TO_DECIDE, ()))
    body = {key: value for key, value in paper.items() if key != TO_DECIDE}
    return questions + yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)


def _drafts(county: CountyDifference, evidence: str) -> Iterator[DraftPaper]:
    """The drafts of one county, in the order the acts came."""
    conversions = county.conversions_before_a_split()
    rest = county.operations()
    unplaced = list(county.unplaced())
    if conversions:
        first = [county.township_change(old) for old in conversions]
        yield _draft(f"{county.name}：撤镇设街（草稿）", first, [TWO_ACTS], evidence=evidence)
    if rest or unplaced:
        questions = [
            *([SECOND_ACT] if conversions else []),
            *([] if rest else [NOTHING_PLACED]),
            *county.questions(),
        ]
        yield _draft(
            f"{county.name}：区划与村居变动（草稿）", rest, questions, unplaced, evidence=evidence
        )


def _draft(
    title: str,
    operations: list[Operation],
    questions: list[str],
    unplaced: Sequence[Mapping[str, str]] = (),
    *,
    evidence: str,
) -> DraftPaper:
    return {
        TO_DECIDE: [*ALWAYS_OPEN, *questions, CLOSING],
        "title": title,
        "draft": True,
        "effective_on": None,
        "code_scheme": STATISTICAL,
        "evidence": evidence,
        "operations": operations,
        "unplaced": list(unplaced),
    }
