"""Certificates of address (地址证明): issued for any day, verified by anybody."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response

from api import clock
from api.certificates.document import certify, prepare_keys
from api.certificates.examples import CERTIFICATE, CHECKED
from api.certificates.paper import paper
from api.encoding import answer
from api.examples import shows
from api.language import preferred
from api.problems import Refusal
from api.settings import Settings
from api.throttle import Throttle
from api.time_travel import Recorded
from api.verifying import judge_seal
from qr.verification import Finding
from registry.addresses.address_code import AddressCode

router = APIRouter(tags=["certificates"])

CODE = Path(description="Address code (地址代码).", examples=["6A0DNQ03K1AR"])
PDF = "application/pdf"


@router.get(
    "/v1/addresses/{code}/certificate",
    operation_id="getAddressCertificate",
    responses=shows(CERTIFICATE),
)
def get_certificate(
    request: Request,
    reading: Recorded,
    code: Annotated[str, CODE],
    format_: Annotated[
        Literal["json", "pdf"], Query(alias="format", description="For machines, or to print.")
    ] = "json",
) -> Response:
    """The certificate of an address as it read on the day (`at`), sealed with the plates' key."""
    settings: Settings = request.app.state.settings
    canonical = str(AddressCode.parse(code))
    prepare_keys(reading.connection, settings.home)
    made = certify(
        reading.connection,
        reading.at,
        settings.home,
        canonical,
        issued_on=clock.today(),
        issuer=settings.public_url,
    )
    name = f"certificate-{canonical}-{reading.at.valid_on}.{format_}"
    if format_ == "json":
        answered = answer(reading, made.as_file())
    else:
        papers: Throttle = request.app.state.papers
        papers.admit(request)
        drawn = paper(made, public_url=settings.public_url, language=preferred(request))
        answered = Response(drawn, media_type=PDF, headers=reading.headers())
    answered.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answered.headers["Cache-Control"] = "no-cache"
    return answered


@router.post("/v1/certificates/verify", operation_id="verifyCertificate", responses=shows(CHECKED))
def verify_certificate(
    request: Request,
    reading: Recorded,
    file: Annotated[dict[str, Any], Body(description="The file as it was handed out.")],
) -> Response:
    """Whether a certificate is genuine and unaltered: the seal, and the document under it."""
    document, seal = file.get("certificate"), file.get("seal")
    if not isinstance(document, dict) or not isinstance(seal, str):
        what = "a certificate's file has the members certificate and seal"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
    settings: Settings = request.app.state.settings
    found = judge_seal(reading, settings.home, seal, document)
    claim = None if found.seal is None else found.seal.claim
    body = {
        "finding": found.finding.value,
        "genuine": found.finding is Finding.GENUINE,
        "key_id": None if claim is None else claim.key_id.hex(),
        "address_code": None if claim is None else str(AddressCode.of(claim.number)),
        "address": None if claim is None else claim.text,
        "at": None if claim is None else claim.at,
        "issued_on": None if claim is None else claim.issued_on,
        "change": None if claim is None else claim.change,
    }
    answered = answer(reading, body)
    answered.headers["Cache-Control"] = "no-store"
    return answered
