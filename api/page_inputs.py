"""What the pages show, gathered from the registry."""

from collections.abc import Sequence

from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from api import clock
from api.language import Language
from api.restructuring_view import deadlines
from api.settings import Settings
from api.time_travel import Reader
from api.web import page as web
from api.web.latin import english, proposed, romanised
from api.web.life import life_view
from api.web.picture import CityPicture, MapPicture
from api.whereabouts import whereabouts
from registry.addresses.model import Address, AddressFilter, AddressHistory, LifecycleStage
from registry.addresses.store import AddressStore
from registry.addresses.text import TOWNSHIP, Profile
from registry.changes.model import Decree
from registry.divisions.store import DivisionStore
from registry.divisions.values import Division, DivisionFilter, Territory
from registry.names.model import PlaceExtent
from registry.names.store import NameStore
from registry.restructuring.docket import Docket
from registry.restructuring.model import Preview, Restructuring
from registry.restructuring.store import RestructuringStore
from registry.search.census import Census
from registry.search.finder import Found

DOORS_DEG, MOST_DOORS = 0.003, 150
"""How far around a door, about 300 m, and how many doors are drawn."""
AROUND_DEG = 0.02
"""About 2 km: how far around a door thoroughfares are drawn."""
ILLUSTRATIVE = "illustrative"
COUNTY, CITY = 3, 2
MOST_DISTRICTS = 20
NAMELESS = {"zh": "地名地址登记库", "en": "Place Registry"}


def address_page(
    reading: Reader, code: str, settings: Settings, language: Language
) -> web.AddressPage:
    """The page of one address.

    Raises:
        AddressIsUnknown: no address bears the code.
    """
    store = AddressStore(reading.connection)
    one = store.get(code, reading.at)
    known = store.history(code, reading.at.known)
    where = one.position
    divisions = _division_lines(reading, one)
    units = [(line.name, line.kind, line.romanisation or proposed(line.name)) for line in divisions]
    carrier = None if one.carrier is None else one.carrier.romanisation or one.carrier.text
    roads = _roads_around(reading, one)
    return web.AddressPage(
        code=one.code,
        text=one.text(),
        plate_line=one.text(Profile.PLATE),
        romanisation=None if one.carrier is None else one.carrier.romanisation,
        stage=str(one.stage),
        generated=one.generated,
        former=tuple(_former(known, one.text())),
        divisions=divisions,
        lon=None if where is None else where.longitude_deg,
        lat=None if where is None else where.latitude_deg,
        accuracy_m=None if where is None else where.accuracy_m,
        method=None if where is None else where.method,
        at=reading.at.valid_on,
        is_today=reading.at.valid_on == clock.today(),
        picture=_picture(reading, one, roads),
        public_url=settings.public_url,
        change=reading.change,
        language=language,
        in_force=one.in_force,
        plan=_plan_line(reading),
        dual=one.dual,
        romanised=romanised(units, carrier, one.parts),
        english=english(units, carrier, one.parts),
        spelling_proposed=any(line.romanisation is None for line in divisions),
        whereabouts=whereabouts(reading, one, roads),
    )


def home_page(
    reading: Reader,
    settings: Settings,
    language: Language,
    *,
    query: str | None,
    found: Sequence[Found],
    census: Census,
) -> web.HomePage:
    """The front page."""
    districts = _districts(reading)
    return web.HomePage(
        city=_city(reading, districts) or NAMELESS[language],
        query=query,
        results=tuple(_result(one) for one in found),
        picture=_city_picture(reading, districts) if query is None and districts else None,
        acts=act_lines(reading),
        divisions=census.divisions,
        addresses=census.addresses,
        public_url=settings.public_url,
        change=reading.change,
        language=language,
        plan=_plan_line(reading),
    )


def restructuring_page(
    reading: Reader,
    settings: Settings,
    language: Language,
    *,
    filed: Restructuring,
    preview: Preview,
    maps: tuple[str, str] | None,
) -> web.RestructuringPage:
    """One act."""
    decree = {**(filed.paper.get("decree") or {}), **(filed.decree or {})}
    steps = Docket(reading.connection).steps(filed.restructuring_id)
    return web.RestructuringPage(
        restructuring_id=str(filed.restructuring_id),
        preview=preview,
        state=str(filed.state),
        decree_number=decree.get("number"),
        decree_authority=decree.get("authority"),
        public_url=settings.public_url,
        change=reading.at.known,
        language=language,
        maps=maps,
        life=life_view(
            filed,
            steps=steps,
            deadlines=deadlines(reading.connection, filed, steps),
            case=Docket(reading.connection).case(filed.case_id),
            language=language,
        ),
    )


def _plan_line(reading: Reader) -> web.PlanLine | None:
    found = reading.proposal
    if found is None:
        return None
    return web.PlanLine(str(found.restructuring_id), found.title, found.effective_on)


def _former(known: AddressHistory, shown: str) -> list[web.FormerText]:
    """Texts other than the one shown, latest first, each with the act that ended it."""
    lines = []
    for text, following in zip(known.texts, [*known.texts[1:], None], strict=True):
        if text.text == shown:
            continue
        decree: Decree | None = None if following is None else following.decree
        lines.append(
            web.FormerText(
                text=text.text,
                valid_from=text.valid_from,
                valid_to=text.valid_to,
                reason="" if following is None else following.title,
                decree_number=None if decree is None else decree.number,
                decree_authority=None if decree is None else decree.authority,
            )
        )
    return lines[::-1]


def _division_lines(reading: Reader, one: Address) -> tuple[web.DivisionLine, ...]:
    ids = [link.division_id for link in one.chain]
    units = DivisionStore(reading.connection).many(ids, reading.at)
    return tuple(
        web.DivisionLine(
            name=link.name,
            kind=str(link.kind),
            romanisation=units[link.division_id].romanisation
            if link.division_id in units
            else None,
            valid_from=link.valid_from,
            code=link.code,
        )
        for link in reversed(one.chain)
    )


def _roads_around(reading: Reader, one: Address) -> list[PlaceExtent]:
    """Thoroughfares about a door, its own first, then the nearest."""
    if one.position is None:
        return []
    door = Point(one.position.longitude_deg, one.position.latitude_deg)
    around = box(door.x - AROUND_DEG, door.y - AROUND_DEG, door.x + AROUND_DEG, door.y + AROUND_DEG)
    own = None if one.carrier is None else one.carrier.named_place_id
    return sorted(
        NameStore(reading.connection).extents_in(around, reading.at),
        key=lambda road: (road.named_place_id != own, road.extent.distance(door)),
    )


def _picture(reading: Reader, one: Address, roads: Sequence[PlaceExtent]) -> MapPicture | None:
    if one.position is None:
        return None
    door = Point(one.position.longitude_deg, one.position.latitude_deg)
    village = one.chain[0].division_id if one.chain else None
    township = next((link.division_id for link in one.chain if link.level == TOWNSHIP), None)
    wanted = [unit for unit in (village, township) if unit is not None]
    territories = DivisionStore(reading.connection).territories(wanted, reading.at)
    return MapPicture(
        door=door,
        territory=_shape(territories.get(village) if village else None),
        township=_shape(territories.get(township) if township else None),
        thoroughfares=tuple((road.text, road.extent) for road in roads),
        illustrative=any(t.basis == ILLUSTRATIVE for t in territories.values()),
        doors=tuple(_doors_around(reading, door, one.code)),
    )


def _doors_around(reading: Reader, door: Point, code: str) -> list[tuple[str, Point]]:
    """Numbers of the doors about a door, the nearest first."""
    west, south, east, north = door.buffer(DOORS_DEG).bounds
    wanted = AddressFilter(bbox=(west, south, east, north), stage=LifecycleStage.CURRENT)
    found = [
        (str(one.parts.number), Point(one.position.longitude_deg, one.position.latitude_deg))
        for one in AddressStore(reading.connection).page(wanted, reading.at, limit=MOST_DOORS)
        if one.position is not None and one.parts.number is not None and one.code != code
    ]
    return sorted(found, key=lambda each: each[1].distance(door))


def _shape(territory: Territory | None) -> BaseGeometry | None:
    return None if territory is None else territory.territory


def _result(one: Found) -> web.SearchResult:
    lines = []
    for via in one.match.via:
        act = None if via.change is None else one.acts.get(via.change)
        decree = None if act is None or act.decree is None else act.decree.number
        said = [via.text, "→", via.now or "—"]
        if via.ended_on is not None:
            said.append(f"{via.ended_on}")
        if act is not None:
            said.append(act.title)
        if decree:
            said.append(decree)
        lines.append(" ".join(said))
    return web.SearchResult(one.address.text(), one.address.code, one.match.grade, tuple(lines))


def act_lines(reading: Reader) -> tuple[web.ActLine, ...]:
    """Every restructuring, latest effect first."""
    return tuple(map(_act, RestructuringStore(reading.connection).all()))


def _act(filed: Restructuring) -> web.ActLine:
    decree = filed.paper.get("decree") or {}
    return web.ActLine(
        str(filed.restructuring_id),
        filed.title,
        filed.effective_on,
        decree.get("number"),
        str(filed.state),
    )


def _districts(reading: Reader) -> list[Division]:
    """The counties and districts, when they are few enough for one picture."""
    store = DivisionStore(reading.connection)
    asked = DivisionFilter(level=COUNTY)
    found = store.page(asked, reading.at, limit=MOST_DISTRICTS, cursor=None)
    return [] if found.cursor else found.divisions


def _city(reading: Reader, districts: Sequence[Division]) -> str | None:
    """The city all districts belong to."""
    above = {one.parent_id for one in districts if one.parent_id is not None}
    cities = DivisionStore(reading.connection).many(above, reading.at).values()
    names = [one.name for one in cities if one.level == CITY]
    return names[0] if len(names) == 1 else None


def _city_picture(reading: Reader, districts: Sequence[Division]) -> CityPicture | None:
    names = {one.division_id: one.name for one in districts}
    found = DivisionStore(reading.connection).territories(names, reading.at)
    if not found:
        return None
    return CityPicture(
        tuple((names[unit], territory.territory) for unit, territory in found.items()),
        illustrative=any(one.basis == ILLUSTRATIVE for one in found.values()),
    )
