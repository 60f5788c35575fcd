"""`place-registry plan draft-from-editions`: two editions turned into a reviewable draft."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from api.cli.session import open_connection
from api.clock import today
from data.editions.difference import codes_ever_used
from data.editions.draft import Assumed, DraftPaper, as_paper, draft_from_editions, to_yaml
from data.editions.held import held_edition
from data.editions.opening import ListFormat, Spec, open_edition, read_spec
from data.editions.units import VILLAGE, Edition
from data.editions.witness import with_villages
from registry.changes.store import ChangeStore
from registry.errors import SourceIsUnreadable

REVIEW = "review.json"
"""Confidence and evidence of every operation, and what was not placed, of all papers in a folder."""
SHOWN = 12
"""Papers named on screen when they go to a folder."""
existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("draft-from-editions")
@click.argument("before")
@click.argument("after")
@click.option("--list", "lists", multiple=True, type=existing, help="A file of several editions.")
@click.option(
    "--format",
    "sort",
    type=click.Choice([one.value for one in ListFormat]),
    default=ListFormat.AUTO.value,
    show_default=True,
    help="What sort of lists they are.",
)
@click.option("--within", default=None, help="Take only codes that begin so.")
@click.option("--witness", default=None, help="A later edition that shows where villages lay.")
@click.option("--assume-edition-date", is_flag=True, help="Date the papers by AFTER: for replays.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="One file per paper.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def draft_from_editions_command(
    *,
    before: str,
    after: str,
    lists: Sequence[Path],
    sort: str,
    within: str | None,
    witness: str | None,
    assume_edition_date: bool,
    out: Path | None,
    json_out: bool,
) -> None:
    """Draft the acts that lead from the edition BEFORE to the edition AFTER.

    An edition is FILE[,FILE…][@DATE], or a DATE in the files given with --list, or registry[@DATE].
    Each paper is one likely act, with the confidence and the evidence of every operation, and the
    units it cannot place. It cannot be committed until a person dates it.
    """
    earlier, later = read_spec(before, lists), read_spec(after, lists)
    if later.is_registry:
        raise click.UsageError("AFTER must be a published edition, not the registry")
    old, ever_used = _earlier(earlier, ListFormat(sort), within)
    new = open_edition(later, ListFormat(sort), within)
    if witness is not None and old.level(VILLAGE) and not new.level(VILLAGE):
        shown = open_edition(read_spec(witness, lists), ListFormat(sort), within)
        new = with_villages(old, new, shown)
    papers = draft_from_editions(
        old,
        new,
        evidence=f"{earlier.text} 与 {later.text} 两期名录之差",
        assumed=_assumed(later, ever_used) if assume_edition_date else None,
    )
    if out is not None:
        _write(papers, out)
    if json_out:
        click.echo(json.dumps({"summary": _summary(papers), "papers": papers}, default=str))
    elif out is None:
        click.echo("---\n".join(map(_as_file, papers)))
    else:
        _print(papers, out)


def _earlier(spec: Spec, sort: ListFormat, within: str | None) -> tuple[Edition, frozenset[str]]:
    """The earlier edition, and every code borne before it as far as the registry knows."""
    if not spec.is_registry:
        return open_edition(spec, sort, within), frozenset()
    with open_connection(one_snapshot=True) as connection:
        at = ChangeStore(connection).as_of(spec.day or today())
        held = held_edition(connection, at, within)
        return held, frozenset(codes_ever_used(connection))


def _assumed(later: Spec, ever_used: frozenset[str]) -> Assumed:
    day: date | None = later.day
    if day is None:
        raise SourceIsUnreadable(later.text, "its date is not known; write FILE@YYYY-MM-DD")
    return Assumed(day, ever_used)


def _summary(papers: Sequence[DraftPaper]) -> Mapping[str, Any]:
    verbs = Counter(verb for paper in papers for one in paper["operations"] for verb in one)
    return {
        "papers": len(papers),
        "operations": dict(sorted(verbs.items())),
        "unplaced": sum(len(paper["unplaced"]) for paper in papers),
    }


def _write(papers: Sequence[DraftPaper], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, paper in enumerate(papers, start=1):
        (folder / _file_name(number)).write_text(_as_file(paper), encoding="utf-8")
    kept = [
        {"file": _file_name(number), **{key: paper[key] for key in ("title", "review", "unplaced")}}
        for number, paper in enumerate(papers, start=1)
    ]
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    (folder / REVIEW).write_text(f"{text}\n", encoding="utf-8")


def _as_file(paper: DraftPaper) -> str:
    """A draft keeps its review for the person who goes on with it; a dated paper is a plain plan."""
    return to_yaml(paper if paper.get("draft") else as_paper(paper))


def _file_name(number: int) -> str:
    # Papers are carried out in this order.
    return f"{number:04d}.yaml"


def _print(papers: Sequence[DraftPaper], folder: Path) -> None:
    for number, paper in enumerate(papers[:SHOWN], start=1):
        confidence = paper["review"]["confidence"]
        click.echo(f"{_file_name(number)} {paper['title']}：把握 {confidence:.2f}")
    if len(papers) > SHOWN:
        click.echo(f"… 其余 {len(papers) - SHOWN} 件")
    said = _summary(papers)
    verbs = "，".join(f"{verb} {count}" for verb, count in said["operations"].items())
    click.echo(f"{folder}：{said['papers']} 件，{verbs}；去向不明 {said['unplaced']}")
