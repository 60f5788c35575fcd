"""The QR symbol (二维码) of a door plate: its text, and its picture as SVG or PNG.

The same text always gives the same bytes: error level Q, quiet zone of 4 modules (ISO/IEC
18004), and the mask the standard's own scoring chooses. Sheets of many plates take one mask for
all, `PLATE_MASK`: scoring eight of them takes nearly ten times as long, and decoders undo any.
"""

import zlib
from struct import pack
from urllib.parse import urlsplit

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode
from qrcode.util import ALPHA_NUM

QUIET_ZONE_MODULES = 4
LARGEST_MODULE_PX = 64
PLATE_MASK = 3
"""(row + column) mod 3: the mask without stripes or blocks of its own."""

Matrix = list[list[bool]]


def payload(public_url: str, address_code: str) -> str:
    """What the symbol of an address says: the address of its page.

    Scheme and host do not mind case, so an upper-case URL fits QR's alphanumeric mode, which
    takes 5.5 bits a character instead of 8. A public URL with a lower-case path is kept as it
    is: the path may mind. The page's own path `/A/…` is served in either case.

    Args:
        public_url: where the registry is served, with or without a final slash.
        address_code: canonical, twelve characters.

    Raises:
        ValueError: the public URL is not an http(s) URL with a host, or has a query or fragment.
    """
    return _under(public_url, "/A/", address_code)


def plate_payload(public_url: str, plate_code: str) -> str:
    """What the symbol of a plate says: the address that opens the door's page, with the code.

    Raises:
        ValueError: see `payload`.
    """
    return _under(public_url, "/P/", plate_code)


def certificate_payload(public_url: str, seal: str) -> str:
    """What the symbol of a certificate of address says: the page that verifies its seal.

    Raises:
        ValueError: see `payload`.
    """
    return _under(public_url, "/C/", seal)


def alphanumeric(text: str) -> bool:
    """Whether a text fits QR's alphanumeric mode."""
    return set(text.encode()) <= set(ALPHA_NUM)


def version(text: str) -> int:
    """The symbol's version, 1 (21 modules a side) to 40 (177)."""
    return int(_symbol(text).version)


def matrix(text: str, mask: int | None = None) -> Matrix:
    """The modules with the quiet zone, row by row; True is dark.

    Args:
        mask: 0 to 7; None: the one the standard's scoring chooses.
    """
    return [[bool(module) for module in row] for row in _symbol(text, mask).get_matrix()]


def svg(text: str) -> bytes:
    """The symbol as SVG in units of modules: one path of horizontal runs, black on white."""
    modules = matrix(text)
    side = len(modules)
    path = "".join(
        f"M{x} {y}h{length}v1h-{length}z"
        for y, row in enumerate(modules)
        for x, length in dark_runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'width="{side * 8}" height="{side * 8}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>\n'
    ).encode("ascii")


def png(text: str, *, module_px: int) -> bytes:
    """The symbol as a PNG of one bit a pixel.

    Args:
        text: what it says.
        module_px: side of a module in pixels, 1 to 64.

    Raises:
        ValueError: `module_px` is outside its range.
    """
    if not 1 <= module_px <= LARGEST_MODULE_PX:
        raise ValueError(f"a module is 1 to {LARGEST_MODULE_PX} pixels wide, not {module_px}")
    modules = matrix(text)
    side = len(modules) * module_px
    lines = b"".join(_scan_line(row, module_px) * module_px for row in modules)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _under(public_url: str, prefix: str, code: str) -> str:
    parts = urlsplit(public_url)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{public_url!r} is not the URL of a site")
    if parts.query or parts.fragment:
        raise ValueError(f"{public_url!r} must end with its path")
    path = parts.path.rstrip("/")
    upper = f"{parts.scheme}://{parts.netloc}".upper() + f"{path}{prefix}{code}"
    if path == path.upper() and alphanumeric(upper):
        return upper
    return f"{parts.scheme.lower()}://{parts.netloc}{path}{prefix.lower()}{code}"


def _symbol(text: str, mask: int | None = None) -> QRCode:
    symbol = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE_MODULES, mask_pattern=mask)
    symbol.add_data(text, optimize=0)
    symbol.make(fit=True)
    return symbol


def dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules stand in a row: (first, how many)."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs


def _scan_line(row: list[bool], module_px: int) -> bytes:
    """A PNG scan line without filter; a set bit is white."""
    bits = "".join(("0" if dark else "1") * module_px for dark in row)
    padded = bits + "0" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))
