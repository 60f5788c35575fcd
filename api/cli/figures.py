"""`place-registry import statistics`: population, households and areas of divisions."""

import json
from collections import Counter
from pathlib import Path

import click

from api.cli.session import open_database
from api.work import works_on
from data.editions.loading import registered_codes
from data.figure_files import read_figure_file
from registry.changes.model import Decree, Intent, Verb
from registry.divisions.figures import record_figures


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--decree", default=None, help="Number of the document that published them.")
@click.option("--authority", default="未注明", help="Who published them.")
@click.option("--dry-run", is_flag=True, help="Read, check and count; write nothing.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def statistics(
    *, file: Path, decree: str | None, authority: str, dry_run: bool, json_out: bool
) -> None:
    """Take figures of divisions in: CSV, UTF-8 or GB18030, with division_code, counted_on, basis,
    source, and any of resident_population, registered_population, households, urban_population,
    published_area_m2, built_up_area_m2, growth_boundary_area_m2, revenue_yuan."""
    engine = open_database()
    try:
        with engine.connect() as connection:
            found = read_figure_file(file, registered_codes(connection))
        if not dry_run:
            intent = Intent(
                author="import",
                verb=Verb.IMPORT,
                title=f"Figures of divisions from {file.name}",
                decree=None if decree is None else Decree(authority=authority, number=decree),
            )
            with works_on(engine)(intent) as work:
                record_figures(work, found)
    finally:
        engine.dispose()
    bases = Counter(one.basis for one in found.values())
    if json_out:
        click.echo(json.dumps({"divisions": len(found), "bases": bases, "written": not dry_run}))
        return
    said = ", ".join(f"{count} {basis}" for basis, count in sorted(bases.items()))
    click.echo(
        f"figures of {len(found):,} divisions {'could be' if dry_run else 'were'} imported ({said})"
    )
