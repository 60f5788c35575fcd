"""`place-registry doctor`: whether this machine and this registry are fit for service."""

import json
import shutil

import click
from sqlalchemy import text

from api.cli.session import private_cluster
from api.settings import Settings, read_settings
from qr.claim import PlateKind
from qr.plate_code import SHORT_CHARACTERS
from qr.sizes import coarsest_version
from qr.symbol import plate_payload, version
from registry.database import make_engine

LEAST_FREE_MB = 2048
"""Below this a load of the demo city may fill the disk."""


@click.command()
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def doctor(json_out: bool) -> int:
    """Look at disk and database without changing anything; exit 1 when something is wrong."""
    settings = read_settings()
    findings = [_disk(settings), _plates(settings), *_database(settings)]
    if json_out:
        click.echo(json.dumps(findings, ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{'ok  ' if one['ok'] else 'BAD '} {one['what']}: {one['found']}")
    return 0 if all(one["ok"] for one in findings) else 1


def _disk(settings: Settings) -> dict[str, object]:
    settings.home.mkdir(parents=True, exist_ok=True)
    free_mb = shutil.disk_usage(settings.home).free // 2**20
    return _finding("disk", f"{free_mb} MB free at {settings.home}", ok=free_mb >= LEAST_FREE_MB)


def _plates(settings: Settings) -> dict[str, object]:
    """Whether the code of the small door plate keeps modules that last under PUBLIC_URL."""
    text = plate_payload(settings.public_url, "X" * SHORT_CHARACTERS)
    found, most = version(text), coarsest_version(PlateKind.SMALL)
    said = f"version {found} for {settings.public_url}, {most} at most on the small plate"
    return _finding("plate code", said, ok=found <= most)


def _database(settings: Settings) -> list[dict[str, object]]:
    cluster = private_cluster(settings)
    if cluster is not None and not cluster.running():
        return [_finding("database", "is down: place-registry db start", ok=False)]
    url = settings.database_url if cluster is None else cluster.url()
    assert url is not None
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            fsync = connection.execute(text("SHOW fsync")).scalar_one()
            extensions = set(connection.execute(text("SELECT extname FROM pg_extension")).scalars())
            letters = (
                "pg_trgm" in extensions
                and connection.execute(
                    text("SELECT cardinality(show_trgm('厦门路')) > 0")
                ).scalar_one()
            )
    finally:
        engine.dispose()
    missing = sorted({"postgis", "pg_trgm", "btree_gist"} - extensions)
    return [
        _finding("database", f"PostgreSQL {version}", ok=True),
        _finding("fsync", fsync, ok=fsync == "on"),
        _finding(
            "extensions", f"missing: {', '.join(missing)}" if missing else "all", ok=not missing
        ),
        _finding("search in Chinese", "works" if letters else "finds nothing", ok=bool(letters)),
    ]


def _finding(what: str, found: object, *, ok: bool) -> dict[str, object]:
    return {"what": what, "ok": ok, "found": str(found)}
