"""A paper as a record: how it is filed, edited and duplicated. None of it takes effect."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from registry.changes.store import ChangeStore
from registry.errors import StateForbids
from registry.restructuring.cases import Place, Wanted, find_place, split_place
from registry.restructuring.docket import Docket
from registry.restructuring.errors import PaperWasEdited
from registry.restructuring.model import Restructuring, State
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.store import RestructuringStore

EDITABLE = (State.DRAFT, State.REJECTED)


def create(connection: Connection, raw: Mapping[str, Any], *, author: str) -> Restructuring:
    """File a draft; its paper is read strictly, its effects are not yet checked.

    Args:
        raw: the paper; `case`, `act` and `scenario` in it say where it belongs.

    Raises:
        PlanIsMalformed: the paper cannot be read.
        CaseIsUnknown, ScenarioIsTaken, ActIsSettled: its place is not to be had.
    """
    wanted, rest = split_place(raw)
    return _file(connection, rest, wanted, author=author)


def duplicate(
    connection: Connection,
    restructuring_id: UUID,
    *,
    who: str,
    scenario: str | None = None,
    edits: Mapping[str, Any] | None = None,
) -> Restructuring:
    """File another scenario of the same act, with edits.

    Args:
        edits: a JSON merge patch (RFC 7396) of the paper.

    Raises:
        PlanIsMalformed: the edited paper cannot be read.
        ScenarioIsTaken, ActIsSettled: there is no room for it.
    """
    filed = RestructuringStore(connection).get(restructuring_id)
    wanted = Wanted(filed.case_id, filed.act_number, scenario)
    paper = merged(filed.paper, edits or {})
    return _file(connection, paper, wanted, author=who, facts={"of": str(restructuring_id)})


def edit(
    connection: Connection,
    restructuring_id: UUID,
    raw: Mapping[str, Any],
    *,
    who: str,
    revision: int | None = None,
) -> Restructuring:
    """Replace the paper of a draft; one that was rejected becomes a draft again.

    Args:
        revision: the one the edit was made on; None: whichever it is.

    Raises:
        StateForbids: it has been submitted, or is closed.
        PaperWasEdited: somebody changed it since.
        PlanIsMalformed: the paper cannot be read.
    """
    store = RestructuringStore(connection)
    filed = store.lock(restructuring_id)
    if revision is not None and filed.revision != revision:
        raise PaperWasEdited(given=f"revision {revision}", revision=filed.revision)
    if filed.state not in EDITABLE:
        raise StateForbids(step="edit", state=filed.state.value)
    _wanted, rest = split_place(raw)
    paper = read_paper(rest)
    store.amend(
        restructuring_id,
        title=paper.title,
        effective_on=paper.effective_on,
        paper=as_json(rest),
        state=State.DRAFT.value,
        drawn_at=ChangeStore(connection).head(),
        substance=None,
        effects_digest=None,
    )
    Docket(connection).log(
        restructuring_id, "edit", State.DRAFT, who=who, digest=paper_digest(rest)
    )
    return store.get(restructuring_id)


def record(
    restructuring_id: UUID,
    paper: Paper,
    raw: Mapping[str, Any],
    author: str,
    place: Place | None = None,
) -> dict[str, Any]:
    """The row of a draft; without a place it is a case of its own."""
    where = place or Place(restructuring_id, 1, "A")
    return {
        "restructuring_id": restructuring_id,
        "title": paper.title,
        "state": State.DRAFT.value,
        "effective_on": paper.effective_on,
        "paper": as_json(raw),
        "author": author,
        "case_id": where.case_id,
        "act_number": where.act_number,
        "scenario": where.scenario,
    }


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396) applied: null removes, objects merge, the rest replaces."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def paper_digest(raw: Mapping[str, Any]) -> str:
    """SHA-256 of a paper."""
    text = json.dumps(as_json(raw), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A paper as JSON keeps it: YAML reads dates by itself, the paper reads their text as well."""
    return {key: _plain(value) for key, value in raw.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _file(
    connection: Connection,
    raw: Mapping[str, Any],
    wanted: Wanted,
    *,
    author: str,
    facts: dict[str, Any] | None = None,
) -> Restructuring:
    paper = read_paper(raw)
    restructuring_id = uuid4()
    place = find_place(connection, wanted, restructuring_id)
    store = RestructuringStore(connection)
    drawn_at = ChangeStore(connection).head()
    store.add({**record(restructuring_id, paper, raw, author, place), "drawn_at": drawn_at})
    Docket(connection).log(
        restructuring_id,
        "create" if facts is None else "duplicate",
        State.DRAFT,
        who=author,
        digest=paper_digest(raw),
        facts=facts,
    )
    return store.get(restructuring_id)
