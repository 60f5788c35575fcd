"""The QR symbol (二维码) of an address's plate: what it says is the address of its page."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.settings import Settings
from api.time_travel import Recorded
from qr import symbol
from registry.addresses.address_code import AddressCode
from registry.addresses.store import AddressStore

router = APIRouter(tags=["plates"])

CODE = Path(description="Address code (地址代码).", examples=["7K3M9QXA2FDT"])
A_DAY = "public, max-age=86400"


@router.get(
    "/qr/{code}.svg",
    operation_id="plateSvg",
    responses={200: {"content": {"image/svg+xml": {}}}},
)
def plate_svg(request: Request, reading: Recorded, code: Annotated[str, CODE]) -> Response:
    """The symbol as SVG."""
    drawn = symbol.svg(_payload(request, reading, code))
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": A_DAY})


@router.get(
    "/qr/{code}.png",
    operation_id="platePng",
    responses={200: {"content": {"image/png": {}}}},
)
def plate_png(
    request: Request,
    reading: Recorded,
    code: Annotated[str, CODE],
    module: Annotated[
        int, Query(ge=1, le=symbol.LARGEST_MODULE_PX, description="Pixels per module.")
    ] = 8,
) -> Response:
    """The symbol as PNG."""
    drawn = symbol.png(_payload(request, reading, code), module_px=module)
    return Response(drawn, media_type="image/png", headers={"Cache-Control": A_DAY})


def _payload(request: Request, reading: Recorded, code: str) -> str:
    canonical = str(AddressCode.parse(code))
    found = AddressStore(reading.connection).get(canonical, reading.at)
    settings: Settings = request.app.state.settings
    return symbol.payload(settings.public_url, found.code)
