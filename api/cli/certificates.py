"""`place-registry certificate`: certificates of address (地址证明), issued here, verified anywhere."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from api import clock, plate_keys
from api.certificates.document import certify, prepare_keys
from api.certificates.paper import paper
from api.cli.session import open_connection
from api.language import Language
from api.plate_photos import codes_on
from api.settings import read_settings
from api.verifying import read_document
from qr.certificate import CertificateVerdict, judge
from qr.verification import Finding, SigningKey
from registry.addresses.address_code import AddressCode
from registry.changes.store import ChangeStore
from registry.plates.errors import PhotoIsUnreadable

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def certificate() -> None:
    """Certificates of address: issue, verify."""


@certificate.command()
@click.argument("code")
@click.option("--at", type=DAY, default=None, help="The address as of this day; default today.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="FILE.pdf or FILE.json; default JSON on screen.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="Of the PDF.")
def issue(code: str, at: datetime | None, output: Path | None, lang: str | None) -> None:
    """Issue the certificate of the address CODE."""
    settings = read_settings()
    day = at.date() if at else clock.today()
    with open_connection() as connection:
        prepare_keys(connection, settings.home)
        made = certify(
            connection,
            ChangeStore(connection).as_of(day),
            settings.home,
            str(AddressCode.parse(code)),
            issued_on=clock.today(),
            issuer=settings.public_url,
        )
    if output is not None and output.suffix.lower() == ".pdf":
        language: Language = "zh" if (lang or settings.language) == "zh" else "en"
        output.write_bytes(paper(made, public_url=settings.public_url, language=language))
    else:
        text = json.dumps(made.as_file(), ensure_ascii=False, indent=1)
        if output is None:
            click.echo(text)
        else:
            output.write_text(text + "\n", "utf-8")


@certificate.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--keys",
    "keys_file",
    type=FILE,
    help="What /v1/plates/keys answered, saved: nothing else is then needed. Default: the keys of this registry.",
)
@click.option("--json", "json_out", is_flag=True, help="One JSON object a line.")
def verify(files: tuple[Path, ...], keys_file: Path | None, *, json_out: bool) -> int:
    """Verify certificates: their JSON files, or pictures of their symbol; exit 1 unless all are genuine."""
    keys = _published(keys_file) if keys_file else _own_keys()
    bad = 0
    for file in files:
        for verdict, whole in _verdicts(file, keys):
            bad += verdict.finding is not Finding.GENUINE
            body = _told(file, verdict, whole=whole)
            click.echo(json.dumps(body, ensure_ascii=False) if json_out else _said(body))
    return 1 if bad else 0


def _verdicts(
    file: Path, keys: Mapping[bytes, SigningKey]
) -> list[tuple[CertificateVerdict, bool]]:
    """Of each seal in a file, and whether the document was there to be held against it."""
    body = file.read_bytes()
    document = read_document(body)
    if document is not None:
        return [(judge(document["seal"], keys, document["certificate"]), True)]
    try:
        texts = codes_on(body)
    except PhotoIsUnreadable:
        texts = []
    return [(judge(text, keys), False) for text in texts or [""]]


def _published(file: Path) -> dict[bytes, SigningKey]:
    try:
        listed = json.loads(file.read_text("utf-8"))["keys"]
        return {
            bytes.fromhex(one["key_id"]): SigningKey(
                bytes.fromhex(one["public"]), revoked=one["revoked_at"] is not None
            )
            for one in listed
            if one["purpose"] == "signature"
        }
    except (ValueError, KeyError, TypeError) as error:
        raise click.BadParameter(f"{file} is not what /v1/plates/keys answers") from error


def _own_keys() -> Mapping[bytes, SigningKey]:
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        return plate_keys.trust(connection, read_settings().home, at).signing


def _told(file: Path, verdict: CertificateVerdict, *, whole: bool) -> dict[str, Any]:
    claim = None if verdict.seal is None else verdict.seal.claim
    return {
        "file": str(file),
        "finding": verdict.finding.value,
        "whole": whole,
        "address_code": None if claim is None else str(AddressCode.of(claim.number)),
        "address": None if claim is None else claim.text,
        "at": None if claim is None else claim.at.isoformat(),
        "issued_on": None if claim is None else claim.issued_on.isoformat(),
    }


def _said(body: Mapping[str, Any]) -> str:
    told = f"  {body['at']}  {body['address']}" if body["address"] else ""
    return f"{body['finding']:<12} {body['file']}{told}"
