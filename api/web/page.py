"""What the pages for people show; every value is ready to print.

Dates are days in Asia/Shanghai; coordinates are degrees, WGS 84 for the purpose of a map app.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.clock import SHANGHAI
from api.language import Language
from api.web import scripts
from api.web.door import links, offices, standing, to_read_out
from api.web.life import LifeView
from api.web.picture import CityPicture, MapPicture, city_picture, map_picture
from api.web.spoken import Whereabouts
from api.web.standing import Standing
from api.web.style import STYLE
from api.web.words import KINDS, METHODS, MONTHS, WORDS
from registry.addresses.address_code import grouped
from registry.addresses.model import DualText
from registry.restructuring.model import Preview

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PLATE_NUMBER = re.compile(r"(?P<carrier>.+?)(?P<number>[0-9][0-9-]*号(?:之[0-9A-Z]+)?)")


@dataclass(frozen=True, slots=True)
class FormerText:
    """What an address was called before (曾用地址), and the act that ended it."""

    text: str
    valid_from: date | None
    """None: since before the sources."""
    valid_to: date | None
    reason: str
    decree_number: str | None = None
    """文号; None: no source gives it."""
    decree_authority: str | None = None


@dataclass(frozen=True, slots=True)
class DivisionLine:
    """One division (行政区划) of the chain, province first."""

    name: str
    kind: str
    """A value of DivisionKind."""
    romanisation: str | None
    valid_from: date | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Successor:
    """The address that took over from a retired one."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanLine:
    """The plan (调整方案) under which a page shows things as they would be."""

    restructuring_id: str
    title: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class ScannedPlate:
    """What is to be said of the plate whose code opened the page."""

    standing: Standing
    shows: str | None
    """What it must look like."""
    romanisation: str | None
    kind: str | None
    serial: int | None
    issued_on: date | None
    issued_as: str | None = None
    """The whole address when it was issued; None: as it is now."""


@dataclass(frozen=True, slots=True)
class AddressPage:
    """The page a plate's code opens."""

    code: str
    """Canonical, twelve characters."""
    text: str
    plate_line: str
    """Carrier and number, as on the plate: 琼头中里9号."""
    romanisation: str | None
    stage: str
    """A value of LifecycleStage."""
    generated: bool
    former: tuple[FormerText, ...]
    divisions: tuple[DivisionLine, ...]
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    method: str | None
    at: date
    is_today: bool
    picture: MapPicture | None
    public_url: str
    change: int
    language: Language
    successors: tuple[Successor, ...] = ()
    in_force: bool = True
    """False: it did not exist at `at`; the nearest version is shown."""
    plan: PlanLine | None = None
    """None: what is recorded."""
    dual: DualText | None = None
    """Both texts, while a dual-name window (新旧地名并用期) holds."""
    plate: ScannedPlate | None = None
    """None: the page was not opened by a plate's code."""
    romanised: str = ""
    """The whole address in pinyin."""
    english: str = ""
    spelling_proposed: bool = False
    """Whether a division's spelling there is a machine's, not reviewed."""
    whereabouts: Whereabouts | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One address that answers a search."""

    text: str
    code: str
    grade: str
    """A certain, B safe repair, C candidate."""
    via_lines: tuple[str, ...] = ()
    """Why it answers: former names and the acts in between."""


@dataclass(frozen=True, slots=True)
class ActLine:
    """One restructuring (区划调整) in a list."""

    restructuring_id: str
    title: str
    effective_on: date | None
    decree_number: str | None
    state: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """The front page; `query` None: nothing was asked."""

    city: str
    query: str | None
    results: tuple[SearchResult, ...]
    picture: CityPicture | None
    acts: tuple[ActLine, ...]
    divisions: int
    addresses: int
    public_url: str
    change: int
    language: Language
    plan: PlanLine | None = None


@dataclass(frozen=True, slots=True)
class RestructuringPage:
    """One act: planned, or done."""

    restructuring_id: str
    preview: Preview
    state: str
    decree_number: str | None
    decree_authority: str | None
    public_url: str
    change: int
    language: Language
    maps: tuple[str, str] | None = None
    """Before and after, as SVG whose texts are escaped; None: no territory is known."""
    life: LifeView | None = None
    """Its steps, deadlines and siblings."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What a person reads who scanned or typed something the registry cannot answer."""

    title: str
    detail: str
    status: int
    language: Language
    suggestion: str | None = None
    """The address code that was probably meant."""


def render_address_page(page: AddressPage) -> str:
    """The page a plate's code opens, `/a/{code}`: whole HTML, whole without its scripts."""
    picture = page.picture
    drawn = picture and map_picture(
        picture.door,
        territory=picture.territory,
        township=picture.township,
        thoroughfares=picture.thoroughfares,
        illustrative=picture.illustrative,
        language=page.language,
        doors=picture.doors,
    )
    carrier, number = split_plate_line(page.plate_line)
    return render_template(
        "address.html",
        page.language,
        page=page,
        carrier=carrier,
        number=number,
        grouped=grouped(page.code),
        picture=Markup(drawn) if drawn else None,  # noqa: S704 -- map_picture escapes every text
        links=links(page),
        spoken=to_read_out(page),
        offices=offices(page),
        standing=standing(page),
        here=f"/a/{page.code}",
        at=None if page.is_today else page.at,
    )


def render_home(page: HomePage) -> str:
    """The front page `/`: search, the city, what the registry holds, its restructurings."""
    drawn = page.picture and city_picture(page.picture, page.language)
    return render_template(
        "home.html",
        page.language,
        page=page,
        picture=Markup(drawn) if drawn else None,  # noqa: S704 -- city_picture escapes every text
        grouped=grouped,
        here="/",
        query=page.query,
    )


def render_error_page(
    title: str, detail: str, status: int, language: Language, suggestion: str | None = None
) -> str:
    """What a person reads whose code is mistyped or unknown, with the code probably meant."""
    return render_template(
        "error.html",
        language,
        page=ErrorPage(title, detail, status, language, suggestion),
        grouped=grouped,
        here=None,
    )


def split_plate_line(line: str) -> tuple[str, str]:
    """Carrier and number of a plate; the number is empty where the line ends otherwise."""
    found = _PLATE_NUMBER.fullmatch(line)
    return (found["carrier"], found["number"]) if found else (line, "")


def render_template(template: str, language: Language, **values: object) -> str:
    """One template with the words of a language; `values` are ready to print."""
    return _TEMPLATES.get_template(template).render(
        language=language,
        words=WORDS[language],
        other="en" if language == "zh" else "zh",
        day=lambda when: _day(when, language),
        moment=lambda when: _moment(when, language),
        kinds=KINDS[language],
        methods=METHODS[language],
        style=Markup(STYLE),  # noqa: S704 -- the style sheet of this package
        version=scripts.VERSION,
        **values,
    )


def _day(day: date | None, language: Language) -> str:
    if day is None:
        return ""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _moment(when: datetime, language: Language) -> str:
    local = when.astimezone(SHANGHAI)
    return f"{_day(local.date(), language)} {local:%H:%M}"
