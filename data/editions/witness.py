"""Villages of a list that stops at the townships, read off a later list that does not.

Early editions list townships only. Where their villages were can be seen from the next edition
that has villages: it names the township each one lies in, and that township is known in both.
"""

from dataclasses import replace

from data.editions.comparison import uncovered
from data.editions.units import TOWNSHIP, VILLAGE, Edition
from data.editions.who_is_who import match


def with_villages(before: Edition, after: Edition, witness: Edition) -> Edition:
    """The later edition with the villages of the earlier one, each where the witness shows it.

    Names and codes of the villages stay those of the earlier edition: the witness is heard on
    where they lie, not on what they were called later.

    Args:
        before: has villages.
        after: has none.
        witness: a later edition that has.
    """
    seen, _flows = match(before, witness)
    townships, _flows = match(after, witness)
    onward, _flows = match(before, after)
    at_home = {new: old for old, new in townships.townships.pairs().items()}
    left_out = uncovered(before, after)
    units = dict(after.units)
    for key, unit in before.level(VILLAGE).items():
        if unit.parent is None or unit.parent in left_out:
            continue
        shown = seen.villages.new_of(key)
        above = witness.units[shown].parent if shown else None
        town = at_home.get(above or "") or onward.townships.new_of(unit.parent)
        if town is None:
            town = _where_its_neighbours_are(
                before, unit.parent, seen.villages.pairs(), at_home, witness
            )
        if town is not None and after.units[town].level == TOWNSHIP:
            units[key] = replace(unit, parent=town)
    return Edition(units, after.parts, after.territories, after.scheme)


def _where_its_neighbours_are(
    before: Edition,
    town: str,
    villages: dict[str, str],
    at_home: dict[str, str],
    witness: Edition,
) -> str | None:
    """The township most villages of one ended up in."""
    found: dict[str, int] = {}
    for member in before.members(town):
        shown = villages.get(member)
        above = at_home.get((witness.units[shown].parent or "") if shown else "")
        if above is not None:
            found[above] = found.get(above, 0) + 1
    return max(sorted(found), key=lambda one: found[one]) if found else None
