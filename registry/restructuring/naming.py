"""Streets and areas that a paper renames, or has written with their division; see `homonyms`."""

from uuid import UUID, uuid5

from registry.changes.period import Period
from registry.changes.timeline import at, begin, change_from
from registry.names.model import LANGUAGE, WRITTEN_WITH
from registry.names.romanisation import romanise
from registry.restructuring.drawing import Drawing
from registry.restructuring.grammar import Rename
from registry.restructuring.ledger import Place
from registry.restructuring.refusals import PlaceIsUnknown

NEW_NAMES = UUID("6b7a1d0e-4a57-5f0b-8a55-5a0f0cfb9a42")
"""Namespace of names a plan gives: the same paper always gives the same ids."""
LEVEL_OF = {"township": 4, "village": 5}


def rename_place(drawing: Drawing, operation: Rename) -> None:
    """Give a street or area another standard name, or have it written with its division.

    Raises:
        PlaceIsUnknown: no such street or area lies around what the paper touches.
        NotInForce, LaterActExists: see `change_from`.
    """
    assert operation.place is not None
    place = _find(drawing, operation.place)
    former = drawing.names.get(place.place_name_id, place.name)
    current = at(former, drawing.on)
    assert current is not None
    if operation.written_with is not None:
        patch = {"language": WRITTEN_WITH[LEVEL_OF[operation.written_with]]}
        after = change_from(former, drawing.on, patch, "written_with")
        drawing.names[place.place_name_id] = after
        drawing.standard[place.named_place_id] = after
        return
    assert operation.name is not None
    drawing.names[place.place_name_id] = change_from(
        former, drawing.on, {"status": "former"}, "rename"
    )
    generic = _generic(operation, str(current.value("generic")))
    specific = operation.name.removesuffix(generic)
    values = {
        "named_place_id": place.named_place_id,
        "text": operation.name,
        "specific": specific,
        "generic": generic,
        "status": "standard",
        "romanisation": operation.romanisation or romanise(specific, generic),
        "language": LANGUAGE,
        "origin": None,
    }
    name_id = uuid5(
        NEW_NAMES, f"{drawing.paper.title}|{drawing.on}|{place.named_place_id}|{operation.name}"
    )
    drawing.names[name_id] = begin((), Period.since(drawing.on), values, "rename")
    drawing.standard[place.named_place_id] = drawing.names[name_id]


def _find(drawing: Drawing, reference: str) -> Place:
    known = [
        place
        for place in drawing.ledger.places.values()
        if reference == str(place.named_place_id)
        or any(reference == version.value("text") for version in place.name)
    ]
    if len(known) != 1:
        raise PlaceIsUnknown(reference, found=len(known))
    return known[0]


def _generic(operation: Rename, old: str) -> str:
    assert operation.name is not None
    if operation.generic is not None:
        return operation.generic if operation.name.endswith(operation.generic) else ""
    return old if old and operation.name.endswith(old) else operation.name[-1]
