"""`/v1/plates`: the life of plates (门楼牌) from issue to revocation, for those who have a key."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import clock, plate_keys
from api.encoding import JSON, encode
from api.examples import shows
from api.plate_examples import DEFECTS, ORDER, PLATE, PLATES
from api.plate_photos import LARGEST_BYTES, keep_photo, photo_file
from api.plate_reprints import reprints
from api.plate_sheets import faced
from api.plate_views import order_of, plate_of
from api.problems import Refusal
from api.security import Holder, Staff, require
from api.settings import Settings
from api.time_travel import asked_day
from api.work import works_on
from qr import printing
from qr.fonts import find_typeface
from registry.addresses.address_code import AddressCode
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.plates import commands
from registry.plates.model import (
    CONDITIONS,
    Inspection,
    Plate,
    PlateKind,
    RevocationReason,
    Spot,
)
from registry.plates.need import Need
from registry.plates.office import PlateOffice
from registry.plates.store import PlateStore

router = APIRouter(prefix="/v1/plates", tags=["plates"])

Issuer = Annotated[Holder, Depends(require("reviewer", "approver"))]
MOST_CODES = 10_000
MOST_ITEMS = 1000
PICTURE_DPI = 150.0
TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


class OnDay(BaseModel):
    """When something happened to a plate."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = Field(default=None, description="Day it happened; default today")

    @property
    def day(self) -> date:
        """The day it happened."""
        return self.on or clock.today()


class Issue(OnDay):
    """Doors that shall have plates."""

    codes: list[str] = Field(min_length=1, max_length=MOST_CODES)
    kind: PlateKind = PlateKind.SMALL


class Revoke(OnDay):
    """Why a plate is called back."""

    reason: RevocationReason


class Renumbered(OnDay):
    """Doors whose plates shall show what the doors are called now."""

    codes: list[str] = Field(min_length=1, max_length=MOST_CODES)


class NewOrder(BaseModel):
    """Which community, and what is to be done there."""

    model_config = ConfigDict(extra="forbid")

    within: str = Field(description="Id or code of the community")
    purpose: Literal["install", "reprint", "inspect"] = "reprint"


@router.post("", status_code=HTTPStatus.CREATED, operation_id="issuePlates")
def issue(asked: Issue, request: Request, staff: Issuer) -> Response:
    """Issue a plate for each of these doors, all or none."""
    codes = [str(AddressCode.parse(code)) for code in asked.codes]
    with request.app.state.engine.connect() as connection:
        plate_keys.ensure_keys(connection, _settings(request).home)
        connection.commit()
    with works_on(request.app.state.engine)(_intent(staff, "核发门牌", asked.day)) as work:
        commands.issue_plates(work, codes, kind=asked.kind, on=asked.day)
        at = AsOf(asked.day, work.number)
        store = PlateStore(work.connection)
        made = [store.in_use(code, at) for code in dict.fromkeys(codes)]
    return _answer({"plates": list(map(plate_of, made))}, HTTPStatus.CREATED)


@router.post("/replacements", operation_id="replaceRenumberedPlates", responses=shows(PLATES))
def replace(asked: Renumbered, request: Request, staff: Issuer) -> Response:
    """After a renumbering: call back and reissue those of these doors' plates that show another text."""
    codes = list(dict.fromkeys(str(AddressCode.parse(code)) for code in asked.codes))
    intent = _intent(staff, "换发门牌", asked.day)
    with works_on(request.app.state.engine)(intent) as work:
        work.start()
        made = commands.replace_renumbered(work, codes, on=asked.day)
        office, store = PlateOffice(work.connection), PlateStore(work.connection)
        at = AsOf(asked.day, work.number)
        for one in made:
            old = store.by_serial(one.address_code, one.serial - 1, at)
            office.tick(old.plate_id, "reprint", asked.day)
    return _answer({"plates": list(map(plate_of, made)), "next": None})


@router.get("/defects", operation_id="listPlateDefects", responses=shows(DEFECTS))
def list_defects(request: Request, _staff: Staff) -> Response:
    """Plates that were met although called back, or at another door, the most often met first."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        found = PlateOffice(connection).defects(limit=MOST_ITEMS)
    return _answer({"defects": found})


@router.post("/defects/{defect_id}/close", operation_id="closePlateDefect", status_code=204)
def close_defect(defect_id: UUID, request: Request, _staff: Staff) -> Response:
    """What was wrong has been seen to; closing twice is no error."""
    with request.app.state.engine.connect() as connection:
        PlateOffice(connection).close_defect(defect_id, on=clock.today())
        connection.commit()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/work-orders", status_code=HTTPStatus.CREATED, operation_id="openWorkOrder")
def open_order(asked: NewOrder, request: Request, _staff: Staff) -> Response:
    """Open a work order for a community: its plates that need it, the most needed first."""
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        division = DivisionStore(connection).resolve(asked.within, at)
        DivisionStore(connection).get(division, at)
        wanted = [
            one
            for one in reprints(connection, division, at)
            if _wanted(asked.purpose, one.need, one.plate)
        ]
        made = PlateOffice(connection).order(division, asked.purpose, wanted)
        connection.commit()
    return _answer(order_of(made), HTTPStatus.CREATED)


@router.get(
    "/work-orders", operation_id="listWorkOrders", responses=shows({"work_orders": [ORDER]})
)
def list_orders(
    request: Request,
    _staff: Staff,
    within: Annotated[str | None, Query(description="Id or code of the community.")] = None,
) -> Response:
    """Open work orders, oldest first."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        division = None if within is None else DivisionStore(connection).resolve(within, at)
        found = PlateOffice(connection).orders(division, limit=MOST_ITEMS)
    return _answer({"work_orders": list(map(order_of, found))})


@router.get("/work-orders/{work_order_id}", operation_id="getWorkOrder", responses=shows(ORDER))
def get_order(work_order_id: UUID, request: Request, _staff: Staff) -> Response:
    """One work order and how far it has come."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        return _answer(order_of(PlateOffice(connection).get_order(work_order_id)))


@router.get(
    "/{plate_id}/artwork",
    operation_id="getPlateArtwork",
    response_class=Response,
    responses={200: {"content": {media: {} for media in TYPES.values()}}},
)
def artwork(
    plate_id: UUID,
    request: Request,
    _staff: Staff,
    format_: Annotated[Literal["pdf", "svg", "png"], Query(alias="format")] = "pdf",
    code_form: Annotated[Literal["short", "signed"], Query()] = "short",
) -> Response:
    """The artwork of one plate for the printer; for staff, as it holds a genuine code."""
    asked_day(request, None)
    settings = _settings(request)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        one = PlateStore(connection).get(plate_id, at)
        die = plate_keys.die(connection, settings.home)
        struck = faced(
            connection, [one], at, die=die, public_url=settings.public_url, code_form=code_form
        )
        face = next(struck)[1].face
    typeface = find_typeface()
    if format_ == "pdf":
        drawn = printing.pdf([face], typeface)
    elif format_ == "svg":
        drawn = printing.svg(face, typeface)
    else:
        drawn = printing.png(face, typeface, dpi=PICTURE_DPI)
    return Response(drawn, media_type=TYPES[format_], headers={"Cache-Control": "no-store"})


@router.get(
    "/{plate_id}/photo",
    operation_id="getPlatePhoto",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def photo(plate_id: UUID, request: Request, _staff: Staff) -> Response:
    """The photo taken when the plate was put up; for staff, as it may show more than a plate."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        one = PlateStore(connection).get(plate_id, at)
    file = photo_file(_settings(request).home, one.photo_sha256 or "none")
    if not file.exists():
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, "there is no photo of this plate here")
    return Response(
        file.read_bytes(), media_type="image/jpeg", headers={"Cache-Control": "private, no-store"}
    )


@router.post("/{plate_id}/print", operation_id="printPlate", responses=shows(PLATE))
def print_plate(plate_id: UUID, asked: OnDay, request: Request, staff: Issuer) -> Response:
    """The plate was made."""

    def step(work: Work) -> None:
        commands.mark_printed(work, [plate_id], on=asked.day)

    return _done(request, plate_id, _intent(staff, "印制门牌", asked.day), step)


@router.post("/{plate_id}/install", operation_id="installPlate", responses=shows(PLATE))
def install(
    plate_id: UUID,
    request: Request,
    staff: Staff,
    lon: Annotated[float, Form(ge=-180, le=180, description="EPSG:4490, degrees")],
    lat: Annotated[float, Form(ge=-90, le=90)],
    photo: Annotated[UploadFile | None, File(description="JPEG or PNG of the plate")] = None,
    on: Annotated[date | None, Form()] = None,
) -> Response:
    """The plate hangs at its door: where, and a photo of it."""
    day = on or clock.today()
    digest = None
    if photo is not None:
        digest = keep_photo(_settings(request).home, photo.file.read(LARGEST_BYTES + 1))

    def step(work: Work) -> None:
        commands.install_plate(work, plate_id, on=day, spot=Spot(lon, lat), photo_sha256=digest)
        office = PlateOffice(work.connection)
        office.tick(plate_id, "install", day)
        office.tick(plate_id, "reprint", day)

    return _done(request, plate_id, _intent(staff, "安装门牌", day), step)


@router.post("/{plate_id}/inspections", status_code=HTTPStatus.CREATED, operation_id="inspectPlate")
def inspect(
    plate_id: UUID,
    request: Request,
    staff: Staff,
    condition: Annotated[
        Literal["good", "dirty", "damaged", "covered", "missing", "cloned"], Form()
    ],
    note: Annotated[str | None, Form(max_length=500)] = None,
    photo: Annotated[UploadFile | None, File()] = None,
    on: Annotated[date | None, Form()] = None,
) -> Response:
    """What was seen at a plate; one that is damaged enters that state."""
    day = on or clock.today()
    digest = None
    if photo is not None:
        digest = keep_photo(_settings(request).home, photo.file.read(LARGEST_BYTES + 1))
    assert condition in CONDITIONS
    seen = Inspection(uuid4(), plate_id, day, condition, note, digest)
    engine = request.app.state.engine
    with engine.connect() as connection:
        at = ChangeStore(connection).as_of(day)
        held = PlateStore(connection).get(plate_id, at)
        PlateOffice(connection).inspect(seen)
        connection.commit()
    if condition == "damaged" and held.state == "installed":
        with works_on(engine)(_intent(staff, "门牌损坏", day)) as work:
            commands.report_damaged(work, plate_id, on=day)
    return _answer({"inspection": seen}, HTTPStatus.CREATED)


@router.post("/{plate_id}/damaged", operation_id="reportPlateDamaged", responses=shows(PLATE))
def damaged(plate_id: UUID, asked: OnDay, request: Request, staff: Staff) -> Response:
    """The plate is to be remade; it stays genuine until it is replaced."""

    def step(work: Work) -> None:
        commands.report_damaged(work, plate_id, on=asked.day)

    return _done(request, plate_id, _intent(staff, "门牌损坏", asked.day), step)


@router.post("/{plate_id}/revoke", operation_id="revokePlate", responses=shows(PLATE))
def revoke(plate_id: UUID, asked: Revoke, request: Request, staff: Issuer) -> Response:
    """Call a plate back: from that day on it is not good any more."""

    def step(work: Work) -> None:
        commands.revoke_plate(work, plate_id, on=asked.day, reason=asked.reason)

    return _done(request, plate_id, _intent(staff, "作废门牌", asked.day), step)


@router.post("/{plate_id}/reissue", operation_id="reissuePlate", responses=shows(PLATE))
def reissue(plate_id: UUID, asked: Revoke, request: Request, staff: Issuer) -> Response:
    """Call a plate back and issue the next of its door, with what the door is called now."""
    with works_on(request.app.state.engine)(_intent(staff, "换发门牌", asked.day)) as work:
        at = AsOf(asked.day, work.number)
        held = PlateStore(work.connection).get(plate_id, at)
        made = commands.reissue_plate(work, held, on=asked.day, reason=asked.reason)
        PlateOffice(work.connection).tick(plate_id, "reprint", asked.day)
    return _answer(plate_of(made))


def _done(
    request: Request, plate_id: UUID, intent: Intent, step: Callable[[Work], None]
) -> Response:
    with works_on(request.app.state.engine)(intent) as work:
        step(work)
        found = _plate(work.connection, plate_id, intent, work.number)
    return _answer(plate_of(found))


def _plate(connection: Connection, plate_id: UUID, intent: Intent, known: int) -> Plate:
    assert intent.effective_on is not None
    return PlateStore(connection).get(plate_id, AsOf(intent.effective_on, known))


def _wanted(purpose: str, need: Need, one: Plate) -> bool:
    if purpose == "install":
        return one.state in ("issued", "printed")
    return purpose == "inspect" or need is not Need.NONE


def _intent(staff: Holder, title: str, day: date) -> Intent:
    return Intent(author=staff.name, verb=Verb.CHANGE, title=title, effective_on=day)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _answer(body: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(
        encode(body), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store"}
    )
