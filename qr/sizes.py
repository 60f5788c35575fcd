"""How big symbols get, and how far away they can be read, on the plates of the sign standard.

Plate and code sizes: GB 17733 and Tianjin 2021 (docs/plates.md). Capacities: ISO/IEC 18004, as
`qrcode` tables them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import radians, tan
from types import MappingProxyType

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import BIT_LIMIT_TABLE

from qr.base32 import length_of
from qr.claim import PlateKind
from qr.plate_code import PATH, SHORT_CHARACTERS, SIGNATURE_BYTES
from qr.symbol import QUIET_ZONE_MODULES

VERSIONS = 40
FINEST_MODULE_MM = 1.0
"""Smaller modules are lost when a plate is screen-printed, dirty or scratched."""
PIXELS_ACROSS = 1920
"""A phone's preview picture."""
FIELD_DEG = 65.0
"""What a phone's main camera sees from side to side."""
PIXELS_PER_MODULE = 3.0
"""What decoders need under ordinary blur."""
PREFIX = {"https": "HTTPS://", "http": "HTTP://"}


@dataclass(frozen=True, slots=True)
class PlateSize:
    """A plate of the standard, in millimetres."""

    width_mm: float
    height_mm: float
    code_mm: float
    """Side of the code with its quiet zone."""


SIZES: Mapping[PlateKind, PlateSize] = MappingProxyType(
    {
        PlateKind.SMALL: PlateSize(150, 90, 40),
        PlateKind.MEDIUM: PlateSize(270, 170, 75),
        PlateKind.LARGE: PlateSize(570, 370, 120),
    }
)
# Version byte to text length without the text, and the position.
_CLAIM_BYTES = 19 + 6


@dataclass(frozen=True, slots=True)
class Fit:
    """A symbol on a plate."""

    kind: PlateKind
    form: str
    characters: int
    version: int
    modules: int
    """A side, without the quiet zone."""
    module_mm: float
    ratio_distance_m: float
    """Ten times the side of the code: the printer's rule of thumb."""
    camera_distance_m: float
    """Where a phone's preview still has three pixels for a module."""

    @property
    def printable(self) -> bool:
        """Whether the modules are coarse enough to print and to last."""
        return self.module_mm >= FINEST_MODULE_MM


def capacity(version: int) -> int:
    """Characters of the alphanumeric mode that fit a version at level Q."""
    count_bits = 9 if version < 10 else 11 if version < 27 else 13
    bits: int = BIT_LIMIT_TABLE[ERROR_CORRECT_Q][version] - 4 - count_bits
    return bits // 11 * 2 + (bits % 11 >= 6)


def version_for(characters: int) -> int:
    """The smallest version that holds so many alphanumeric characters at level Q.

    Raises:
        ValueError: none does.
    """
    for version in range(1, VERSIONS + 1):
        if characters <= capacity(version):
            return version
    raise ValueError(f"no symbol holds {characters} characters")


def modules_of(version: int) -> int:
    """Modules a side, without the quiet zone."""
    return 17 + 4 * version


def coarsest_version(kind: PlateKind) -> int:
    """The largest version whose modules are coarse enough on a plate."""
    side = SIZES[kind].code_mm
    return max(
        version
        for version in range(1, VERSIONS + 1)
        if side / (modules_of(version) + 2 * QUIET_ZONE_MODULES) >= FINEST_MODULE_MM
    )


def longest_host(kind: PlateKind, *, scheme: str = "https") -> int:
    """Characters that host, port and path of the site may have for the short form on a plate."""
    fixed = len(PREFIX[scheme]) + len(PATH) + SHORT_CHARACTERS
    return capacity(coarsest_version(kind)) - fixed


def signed_characters(text_bytes: int) -> int:
    """Characters of a signed code with a position and a text of so many bytes."""
    return length_of(_CLAIM_BYTES + text_bytes + SIGNATURE_BYTES)


def fit(kind: PlateKind, form: str, characters: int) -> Fit:
    """A symbol of so many alphanumeric characters on a plate."""
    version = version_for(characters)
    modules = modules_of(version)
    code_mm = SIZES[kind].code_mm
    module_mm = code_mm / (modules + 2 * QUIET_ZONE_MODULES)
    widest_mm = PIXELS_ACROSS / PIXELS_PER_MODULE * module_mm
    return Fit(
        kind=kind,
        form=form,
        characters=characters,
        version=version,
        modules=modules,
        module_mm=module_mm,
        ratio_distance_m=code_mm * 10 / 1000,
        camera_distance_m=widest_mm / (2 * tan(radians(FIELD_DEG / 2))) / 1000,
    )


def fits(host_characters: int, text_bytes: int) -> Iterator[Fit]:
    """Both forms on every plate, for an https site with a host of so many characters."""
    prefix = len(PREFIX["https"]) + host_characters + len(PATH)
    for kind in PlateKind:
        yield fit(kind, "short", prefix + SHORT_CHARACTERS)
        yield fit(kind, "signed", prefix + signed_characters(text_bytes))


def table(host_characters: int = 17, text_bytes: int = 30) -> str:
    """The table of docs/qr.md."""
    lines = [
        "| plate | code mm | form | characters | version | modules | module mm | 10 : 1, m | camera, m | print |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.kind.name.lower()} | {SIZES[one.kind].code_mm:g} | {one.form} | {one.characters} "
        f"| {one.version} | {one.modules} × {one.modules} | {one.module_mm:.2f} "
        f"| {one.ratio_distance_m:.2f} | {one.camera_distance_m:.2f} "
        f"| {'yes' if one.printable else 'no'} |"
        for one in fits(host_characters, text_bytes)
    ]
    return "\n".join(lines) + "\n"
