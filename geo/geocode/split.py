"""Several addresses in one line."""

import re
from itertools import pairwise

from geo.geocode.gazetteer import Hit, outermost
from geo.geocode.parts import read_tail

MOST_ADDRESSES = 8
"""In one line; what follows belongs to the last."""
_APART = re.compile(r"\s*[/;|]\s*|\s+(?=\D)")


def addresses_in(text: str, hits: tuple[Hit, ...]) -> tuple[str, ...]:
    """Cut a plain text before each further name that bears a number of its own.

    Args:
        hits: the registry's names in the text.
    """
    doors: list[tuple[Hit, int]] = []
    for hit in outermost(hits):
        if not hit.carriers or len(doors) >= MOST_ADDRESSES:
            continue
        tail = read_tail(text, hit.end)
        if tail is not None and (not doors or hit.start >= doors[-1][1]):
            doors.append((hit, tail.end))
    if len(doors) < 2:
        return (text,)
    cuts = [_begin(text, hits, before[1], after[0]) for before, after in pairwise(doors)]
    edges = [0, *cuts, len(text)]
    pieces = [text[a:b].strip(" /;|,、") for a, b in pairwise(edges)]
    return tuple(dict.fromkeys(piece for piece in pieces if piece)) or (text,)


def _begin(text: str, hits: tuple[Hit, ...], after: int, hit: Hit) -> int:
    """Where the address of a carrier begins: at the first division before it."""
    starts = [h.start for h in hits if h.divisions and after <= h.start < hit.start]
    begin = min(starts, default=hit.start)
    apart = _APART.search(text, after, begin)
    return apart.end() if apart else begin
