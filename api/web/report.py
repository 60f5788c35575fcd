"""The report of a plan for a submission for approval (请示附件): printable HTML, and the same as PDF.

In Chinese, because the authorities it goes to read Chinese. What the law calls abolish and
establish is called so here, although the registry keeps one identity through a conversion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from markupsafe import Markup

from api.web.page import render_template
from api.web.plan_map import plan_map, plan_picture
from api.web.plan_words import PLAN_WORDS
from api.web.plans import findings_of
from registry.restructuring.impact import (
    Judgement,
    LineStatus,
    Measure,
    NameConflictKind,
    Need,
    Verdict,
)
from registry.restructuring.model import ChangedUnit, Preview
from registry.restructuring.paper import Paper
from registry.restructuring.preview import Study
from registry.restructuring.statement import Statement

SQUARE_KM = 1e6
LEVELS = {1: "省级", 2: "市级", 3: "县级", 4: "乡级", 5: "村级"}
NEEDS = {Need.MISLEADING: "旧牌文字将指向另一门户", Need.OUTDATED: "牌面名称已变"}
LINES = {
    LineStatus.CREATED: "新设",
    LineStatus.ENDED: "撤销",
    LineStatus.OTHER_SIDES: "线位不变，毗邻双方变更",
}
CONFLICTS = {
    NameConflictKind.DIVISION: "行政区划重名",
    NameConflictKind.THOROUGHFARE: "街路巷重名",
    NameConflictKind.ADDRESS: "门牌地址相同",
}
VERDICTS = {
    Verdict.MET: "符合",
    Verdict.NOT_MET: "不符合",
    Verdict.CANNOT_BE_JUDGED: "无法判定",
}
REASONS = {
    "not_verified": "标准数值未经核实",
    "not_known": "登记库无此数据",
    "not_in_the_registry": "登记库不掌握，须另行说明",
    "": "",
}
CRITERIA = {
    "min_population": "常住人口不少于（人）",
    "max_population": "常住人口不超过（人）",
    "min_area_km2": "面积不少于（平方公里）",
    "min_growth_boundary_share": "城镇开发边界内面积占比不低于",
    "min_community_share": "居委会（社区）占比不低于",
    "min_urbanisation": "城镇化率不低于",
}
BASES = {
    "census": "普查",
    "published": "公布",
    "estimated": "估算",
    "illustrative": "示意",
}
CODE_SCHEMES = {
    "statistical": "统计用区划代码",
    "civil_affairs": "民政部门区划代码",
    "own": "自编代码",
}
PAPERS = (
    ("situation", "历史、地理、民族、经济、人口、资源环境、行政区域面积和隶属关系等基本情况"),
    ("reasons", "调整理由"),
    ("risk", "社会稳定风险评估报告"),
    ("experts", "专家论证报告"),
    ("opinions", "征求社会公众等意见的情况"),
    ("consultation", "征求有关部门意见的情况"),
)
"""What a submission must hold. Source: 行政区划管理条例 (Order 704) arts 13, 14."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the report is made from."""

    paper: Paper
    preview: Preview
    study: Study
    committed_as: int | None
    """Number of the change, when it has been carried out."""


def render_report(report: Report) -> str:
    """The whole document, with nothing to fetch."""
    drawn = plan_map(report.study.before, report.study.after)
    maps = [] if drawn.empty else [
        Markup(plan_picture(drawn, side, "zh"))  # noqa: S704 -- plan_picture escapes every text
        for side in ("before", "after")
    ]  # fmt: skip
    statement = report.paper.statement or Statement()
    return render_template(
        "report.html",
        "zh",
        paper=report.paper,
        preview=report.preview,
        statement=statement,
        missing=[text for name, text in PAPERS if not getattr(statement, name)],
        sentences=list(_sentences(report)),
        committed_as=report.committed_as,
        maps=maps,
        illustrative=any(one.territory_basis == "illustrative" for one in report.preview.divisions),
        scheme=CODE_SCHEMES[report.paper.code_scheme],
        levels=LEVELS,
        needs=NEEDS,
        plan=PLAN_WORDS["zh"],
        name_of=lambda unit: _name_of(report.study, unit),
        found_of=lambda severity: findings_of(report.preview, severity, "zh"),
        lines=LINES,
        conflicts=CONFLICTS,
        verdicts=VERDICTS,
        judgement=_judgement,
        km2=_square_km,
        measure=_measure,
        paragraphs=_paragraphs,
        sources=_sources(report.preview),
        totals=_line_totals(report.preview),
    )


def _name_of(study: Study, unit: UUID) -> str:
    side = study.before if unit in study.before.census.units else study.after
    return side.name(unit)


def report_pdf(html: str) -> bytes:
    """The document as PDF, A4, fonts embedded."""
    from PIL import ImageFile
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    # It has Pillow take half a picture for a whole one, everywhere; photographs are judged here too.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # What is served is whole: nothing is fetched, photographs are inside.
    inside = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    written: bytes = HTML(string=html, url_fetcher=inside).write_pdf()
    return written


def _sentences(report: Report) -> Iterator[str]:
    """The plan as a decree would say it."""
    preview, after = report.preview, report.study.after
    conversions = [one for one in preview.changed if one.before.kind != one.after.kind]
    for one in conversions:
        yield _conversion(one)
    for one in preview.changed:
        if one not in conversions:
            yield f"将{one.before.name}更名为{one.after.name}。"
    for unit in preview.begun:
        members = [
            after.name(member)
            for member in sorted(
                after.census.members().get(unit.division_id, []),
                key=lambda each: (after.code(each) or "~", each.bytes),
            )
        ]
        where = f"隶属{unit.parent}" if unit.parent else ""
        range_ = f"，辖{'、'.join(members)}等{len(members)}个单位" if members else ""
        yield f"设立{unit.name}，{where}{range_}。"
    for unit in preview.ended:
        yield f"撤销{unit.name}。"
    yield from _transfers(report)


def _conversion(one: ChangedUnit) -> str:
    same = "，以原辖行政区域为其管辖范围" if one.before.members == one.after.members else ""
    return f"撤销{one.before.name}，设立{one.after.name}{same}。"


def _transfers(report: Report) -> Iterator[str]:
    begun = {unit.name for unit in report.preview.begun}
    groups: dict[tuple[str, str], list[str]] = {}
    for one in report.preview.moved:
        if one.to_name not in begun:
            groups.setdefault((one.from_name, one.to_name), []).append(one.name)
    for (old, new), names in groups.items():
        yield f"将{old}的{'、'.join(names)}划归{new}管辖。"


def _judgement(one: Judgement) -> tuple[str, str, str, str]:
    """Criterion, required, actual and verdict in words."""
    share = one.criterion.endswith(("share", "urbanisation"))
    required, actual = (
        "—" if value is None else f"{value:.1%}" if share else f"{value:,.10g}"
        for value in (one.required, None if one.actual is None else round(one.actual, 4))
    )
    reason = REASONS[one.reason]
    verdict = VERDICTS[one.verdict] + (f"（{reason}）" if reason else "")
    return CRITERIA.get(one.criterion, one.criterion), required, actual, verdict


def _square_km(area_m2: float | None) -> str:
    return "—" if area_m2 is None else f"{area_m2 / SQUARE_KM:,.2f}"


def _measure(one: Measure) -> str:
    if one.value is None:
        known = f"（{one.known_members}/{one.members}个单位有数据）" if one.known_members else ""
        return f"—{known}"
    return f"{one.value:,.0f}" + ("*" if one.basis == "illustrative" else "")


def _sources(preview: Preview) -> list[str]:
    found: dict[str, str] = {}
    for unit in preview.divisions:
        for one in (unit.resident_population, unit.registered_population, unit.households):
            for source in one.sources:
                basis = BASES.get(one.basis or "", one.basis or "")
                found.setdefault(source, f"{source}（{basis}，{one.counted_on}）")
    return sorted(found.values())


def _line_totals(preview: Preview) -> dict[LineStatus, float]:
    return {
        status: sum(one.length_m for one in preview.lines if one.status is status)
        for status in LineStatus
    }


def _paragraphs(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
