"""Pages of plans: the list of all, one with its preview and maps, several side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup

from api.language import Language
from api.web.page import ActLine, RestructuringPage, render_template
from api.web.plan_map import plan_map, plan_picture
from api.web.plan_words import PLAN_WORDS
from registry.addresses.address_code import grouped
from registry.restructuring.compare import Comparison
from registry.restructuring.findings import Severity
from registry.restructuring.impact import Judgement, Measure
from registry.restructuring.model import Preview
from registry.restructuring.preview import Study

SQUARE_KM = 1e6
KM = 1000.0


@dataclass(frozen=True, slots=True)
class PlansPage:
    """What the list shows."""

    acts: tuple[ActLine, ...]
    change: int
    language: Language


def render_plans(page: PlansPage) -> str:
    """The page `/restructurings`: every plan, with a form to compare some."""
    return render_template(
        "restructurings.html",
        page.language,
        page=page,
        plan=PLAN_WORDS[page.language],
        here="/restructurings",
    )


def render_restructuring(page: RestructuringPage) -> str:
    """One act, `/restructurings/{id}`: what ends, begins, changes and moves, and all it brings."""
    return render_template(
        "restructuring.html",
        page.language,
        page=page,
        preview=page.preview,
        maps=page.maps and [Markup(one) for one in page.maps],  # noqa: S704 -- see the field
        grouped=grouped,
        found_of=lambda severity: findings_of(page.preview, severity, page.language),
        here=f"/restructurings/{page.restructuring_id}",
        **_writing(page.language),
    )


def findings_of(preview: Preview, severity: str, language: Language) -> list[str]:
    """What was found of a severity, in the reader's language.

    Of an undoing the sentences of its breaches and warnings alone are known.
    """
    found = [one for one in preview.findings if one.severity == severity]
    plain = {Severity.ERROR: preview.breaches, Severity.WARNING: preview.warnings}
    lines = [f"{one.rule}: {one.zh if language == 'zh' else one.en}" for one in found]
    return lines or list(plain.get(Severity(severity), ()))


def render_comparison(
    found: Comparison, studies: Sequence[Study], first: UUID | None, language: Language
) -> str:
    """Several plans side by side: figures, divisions, maps; whole HTML, no script."""
    others = "".join(f"&with={one.id}" for one in found.scenarios[1:])
    return render_template(
        "compare.html",
        language,
        found=found,
        maps=[
            maps and [Markup(one) for one in maps]  # noqa: S704 -- plan_picture escapes every text
            for maps in (plan_maps(one, language) for one in studies)
        ],
        query=others.removeprefix("&"),
        value=_value,
        here=None if first is None else f"/v1/restructurings/{first}/compare",
        **_writing(language),
    )


def plan_maps(done: Study, language: Language) -> tuple[str, str] | None:
    """Before and after; None: no territory is known of what changes."""
    drawn = plan_map(done.before, done.after)
    if drawn.empty:
        return None
    return plan_picture(drawn, "before", language), plan_picture(drawn, "after", language)


def _writing(language: Language) -> dict[str, Any]:
    words = PLAN_WORDS[language]
    return {
        "plan": words,
        "km2": lambda m2: "–" if m2 is None else f"{m2 / SQUARE_KM:,.2f}",
        "km": lambda m: "–" if m is None else f"{m / KM:,.1f}",
        "measure": _measure,
        "required": lambda one: _figure(one, one.required),
        "actual": lambda one: _figure(one, one.actual),
    }


def _measure(one: Measure) -> str:
    if one.value is None:
        return "–"
    return f"{one.value:,.0f}" + ("*" if one.basis == "illustrative" else "")


def _figure(one: Judgement, value: float | None) -> str:
    if value is None:
        return "–"
    share = one.criterion.endswith(("share", "urbanisation"))
    return f"{value:.1%}" if share else f"{round(value, 2):,.10g}"


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:,.10g}"
