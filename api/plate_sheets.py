"""Sheets of plates: from the registry to files for the printer, with a manifest of all of them."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from api.plate_codes import strike
from api.plate_keys import Die
from qr import sizes, symbol
from qr.artwork import Face
from qr.batch import Item, Part, make_parts
from qr.claim import PlateKind as ClaimKind
from qr.fonts import find_typeface
from qr.plate_code import SignedCode
from registry.addresses.address_code import grouped
from registry.addresses.store import AddressStore
from registry.changes.period import AsOf
from registry.plates.errors import SymbolIsTooFine
from registry.plates.model import Plate, PlateState
from registry.plates.store import PlateStore

CHUNK = 1000
MANIFEST, LIST = "manifest.json", "manifest.csv"
COLUMNS = (
    *("part", "page", "address_code", "serial", "kind", "text", "romanisation"),
    *("payload", "plate_id"),
)
CODE_FORMS = ("short", "signed")


@dataclass(frozen=True, slots=True)
class Order:
    """Which plates a sheet shall hold, and in what form."""

    folder: Path
    format: str
    """One of `qr.batch.FORMATS`."""
    code_form: str = "short"
    workers: int | None = None


def wanted_plates(
    connection: Connection,
    at: AsOf,
    *,
    codes: Iterable[str] = (),
    within: UUID | None = None,
    state: PlateState | None = None,
) -> Iterator[Plate]:
    """The plates in force of these addresses, or of a division."""
    store = PlateStore(connection)
    named = list(codes)
    if named:
        for code in named:
            yield from (one for one in store.of_address(code, at) if one.live)
        return
    yield from (one for one in store.all(at, within=within, state=state) if one.live)


def faced(
    connection: Connection,
    plates: Iterable[Plate],
    at: AsOf,
    *,
    die: Die,
    public_url: str,
    code_form: str,
) -> Iterator[tuple[Plate, Item]]:
    """What each plate shows, its code struck.

    Raises:
        SymbolIsTooFine: the modules of one would be finer than lasts.
    """
    fine: set[tuple[ClaimKind, int]] = set()
    source = iter(plates)
    while chunk := list(islice(source, CHUNK)):
        where = _positions(connection, chunk, at) if code_form == "signed" else {}
        for plate in chunk:
            code = strike(die, plate, form=code_form, position=where.get(plate.address_id))
            payload = symbol.plate_payload(public_url, str(code))
            kind = ClaimKind[plate.kind.name]
            if (kind, len(payload)) not in fine:
                refuse_too_fine(kind, payload)
                fine.add((kind, len(payload)))
            face = Face(
                kind=kind,
                text=plate.shown_text,
                romanisation=plate.shown_romanisation,
                payload=payload,
                caption=f"{grouped(plate.address_code)} · {plate.serial}",
            )
            claim = code.claim.canonical.hex() if isinstance(code, SignedCode) else None
            yield plate, Item(f"{plate.address_code}-{plate.serial}", face, claim)


def refuse_too_fine(kind: ClaimKind, payload: str) -> None:
    """Refuse a symbol whose modules would be lost on the plate.

    Raises:
        SymbolIsTooFine: they would be finer than `qr.sizes.FINEST_MODULE_MM`.
    """
    version = symbol.version(payload)
    side = sizes.modules_of(version) + 2 * symbol.QUIET_ZONE_MODULES
    module_mm = sizes.SIZES[kind].code_mm / side
    if module_mm < sizes.FINEST_MODULE_MM:
        raise SymbolIsTooFine(kind=kind.name.lower(), version=version, module_mm=module_mm)


def make_sheet(order: Order, struck: Iterable[tuple[Plate, Item]]) -> Iterator[tuple[Part, int]]:
    """Write a sheet's parts and manifest; yields each finished part and the plates done so far.

    A second run into the same folder keeps the parts that would be the same.
    """
    order.folder.mkdir(parents=True, exist_ok=True)
    finished = read_manifest(order.folder)
    plates: list[Plate] = []

    def remembered() -> Iterator[Item]:
        for plate, item in struck:
            plates.append(plate)
            yield item

    parts: list[Part] = []
    done = 0
    with (order.folder / LIST).open("w", newline="", encoding="utf-8-sig") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        made = make_parts(
            remembered(),
            order.folder,
            form=order.format,
            typeface=find_typeface(),
            finished=finished,
            workers=order.workers,
        )
        for part, items in made:
            own, plates[: len(items)] = plates[: len(items)], []
            rows.writerows(
                _row(part, page, *one) for page, one in enumerate(zip(own, items, strict=True), 1)
            )
            parts.append(part)
            done += part.plates
            later = [one for one in finished.values() if one.file > part.file]
            _write_manifest(order, [*parts, *later])
            yield part, done
    _write_manifest(order, parts)


def read_manifest(folder: Path) -> dict[str, Part]:
    """The parts an earlier run finished, by file name; nothing where there is no manifest."""
    file = folder / MANIFEST
    if not file.exists():
        return {}
    listed = json.loads(file.read_text("utf-8"))["parts"]
    return {one["file"]: Part(**one) for one in listed}


def _write_manifest(order: Order, parts: list[Part]) -> None:
    body = {
        "format": order.format,
        "code_form": order.code_form,
        "plates": sum(part.plates for part in parts),
        "list": LIST,
        "parts": [asdict(part) for part in parts],
    }
    beside = order.folder / f"{MANIFEST}.unfinished"
    beside.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(order.folder / MANIFEST)


def _row(part: Part, page: int, plate: Plate, item: Item) -> tuple[object, ...]:
    return (
        *(part.file, page, plate.address_code, plate.serial, plate.kind.value),
        *(plate.shown_text, plate.shown_romanisation, item.face.payload, plate.plate_id),
    )


def _positions(
    connection: Connection, plates: list[Plate], at: AsOf
) -> dict[UUID, tuple[float, float]]:
    found = AddressStore(connection).by_ids([one.address_id for one in plates], at)
    return {
        address_id: (one.position.longitude_deg, one.position.latitude_deg)
        for address_id, one in found.items()
        if one.position is not None
    }
