"""How the `plan` commands are told which restructuring is meant: by id, or by the file of its paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import yaml
from sqlalchemy import Connection

from registry.errors import PlanIsMalformed, RestructuringIsUnknown, SourceIsUnreadable
from registry.restructuring.cases import split_place
from registry.restructuring.docket import Docket
from registry.restructuring.filing import as_json as paper_as_json
from registry.restructuring.model import CLOSED

as_json = click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")


def as_id(text: str) -> UUID | None:
    """The id a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read_file(file: Path) -> Mapping[str, Any]:
    """A paper from a file, YAML or JSON.

    Raises:
        SourceIsUnreadable: there is no such file, or it is no text.
        PlanIsMalformed: it is no YAML, or no mapping.
    """
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceIsUnreadable(str(file), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise SourceIsUnreadable(str(file), "not UTF-8 text") from error
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a date such as 2021-02-30, which YAML reads by itself.
        raise PlanIsMalformed("text", " ".join(str(error).split())) from error
    if not isinstance(raw, Mapping):
        raise PlanIsMalformed("top", "expected fields such as title, effective_on, operations")
    return raw


def filed_as(connection: Connection, file_or_id: str) -> UUID:
    """The restructuring that is meant; see `find_filed`.

    Raises:
        RestructuringIsUnknown: none was filed with that paper.
    """
    found = find_filed(connection, file_or_id)
    if found is None:
        raise RestructuringIsUnknown(f"{file_or_id} (submit it first)")
    return found


def find_filed(connection: Connection, file_or_id: str) -> UUID | None:
    """By id, or the latest filed with the file's paper, open ones first; None: never filed."""
    known = as_id(file_or_id)
    if known is not None:
        return known
    _wanted, paper = split_place(read_file(Path(file_or_id)))
    found = Docket(connection).with_paper(paper_as_json(paper))
    return min(found, key=lambda one: one.state in CLOSED).restructuring_id if found else None
