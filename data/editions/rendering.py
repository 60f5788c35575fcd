"""Proposed operations as a paper writes them: every unit by what it is called on that day.

Papers of one draft are carried out one after the other, so a later one calls a unit by the code,
or the path of names, that an earlier one gave it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from data.editions.proposal import Proposed, Ref
from data.editions.roles import Roles, Uid
from data.editions.units import PATH

Operation = dict[str, dict[str, Any]]
NEW = "new:"
"""Begins the alias of a new unit that no code of its own can stand for."""
ABOLISHED = "后一期名录没有，去向不明"
REUSE = "后一期名录再次使用该代码"


class AsDrafted:
    """The units as they are when a paper of the draft is reached."""

    def __init__(self, roles: Roles, ever_used: Iterable[str] = ()) -> None:
        units = roles.before.units
        self._codes: dict[Uid, str] = {
            f"-{key}": one.code for key, one in units.items() if one.code
        }
        self._names: dict[Uid, str] = {f"-{key}": one.name for key, one in units.items()}
        self._above: dict[Uid, Uid] = {
            f"-{key}": f"-{one.parent}" for key, one in units.items() if one.parent
        }
        self._fixed: dict[Uid, str] = {
            f"-{key}": one.reference for key, one in units.items() if _is_id(one.reference)
        }
        self._bearers = Counter(self._codes.values())
        self._ever = {*ever_used, *self._codes.values()}
        self._aliases: dict[Uid, str] = {}

    def is_used(self, code: str) -> bool:
        """Whether anybody ever bore a code, as far as is known."""
        return code in self._ever

    def call(self, uid: Uid) -> str:
        """What the paper in hand calls a unit."""
        if uid in self._aliases:
            return self._aliases[uid]
        code = self._codes.get(uid)
        if code is not None and self._bearers[code] == 1:
            return code
        return self._fixed.get(uid) or f"{PATH}{self._path(uid)}"

    def coin(self, uid: Uid, alias: str) -> None:
        """A unit the paper in hand sets up."""
        self._aliases[uid] = alias

    def carry_out(self, proposed: Sequence[Proposed], ended: Iterable[Uid] = ()) -> None:
        """The paper in hand is done: what follows finds its units so."""
        self._aliases = {}
        for one in proposed:
            for uid, name in one.renames.items():
                self._names[uid] = name
            self._above.update(one.moves)
            for uid, code in one.codes.items():
                self._give(uid, code)
            for uid in one.ends:
                self._take_away(uid)
        for uid in ended:
            self._take_away(uid)

    def _give(self, uid: Uid, code: str) -> None:
        self._take_away(uid)
        self._codes[uid] = code
        self._bearers[code] += 1
        self._ever.add(code)

    def _take_away(self, uid: Uid) -> None:
        was = self._codes.pop(uid, None)
        if was is not None:
            self._bearers[was] -= 1

    def _path(self, uid: Uid | None) -> str:
        names: list[str] = []
        while uid is not None and uid in self._names:
            names.append(self._names[uid])
            uid = self._above.get(uid)
        return "/".join(reversed(names))


class Rendering:
    """The operations of one paper."""

    def __init__(self, state: AsDrafted, *, assume: bool) -> None:
        """`assume`: give the reason for a code that comes again, instead of leaving it open."""
        self._state = state
        self._assume = assume
        self._fresh: set[str] = set()

    def operations(self, proposed: Sequence[Proposed]) -> list[tuple[Operation, Proposed]]:
        """Every operation with what it came from; a code that comes again makes one more."""
        for one in proposed:
            if one.coins is not None:
                self._state.coin(one.coins, self._alias(one))
        found: list[tuple[Operation, Proposed]] = []
        for one in proposed:
            fresh = {uid: code for uid, code in one.codes.items() if self._is_fresh(one, code)}
            again = {uid: code for uid, code in one.codes.items() if uid not in fresh}
            fields = self._with_codes(one, self._filled(one.fields), fresh)
            if one.verb != "recode" or fresh:
                found.append(({one.verb: fields}, one))
            if again:
                found.append((self._again(again), one))
        return found

    def _alias(self, one: Proposed) -> str:
        assert one.coins is not None  # asked for units that are set up only
        code = one.codes.get(one.coins)
        return f"{NEW}{one.coins[1:]}" if code is None or self._state.is_used(code) else code

    def _is_fresh(self, one: Proposed, code: str) -> bool:
        if self._state.is_used(code) or code in self._fresh:
            return False
        self._fresh.add(code)
        return True

    def _filled(self, value: Any) -> Any:
        match value:
            case Ref():
                return self._state.call(value.uid)
            case Mapping():
                return {key: self._filled(one) for key, one in value.items()}
            case list():
                return [self._filled(one) for one in value]
            case _:
                return value

    def _with_codes(
        self, one: Proposed, fields: dict[str, Any], fresh: Mapping[Uid, str]
    ) -> dict[str, Any]:
        by_name = {self._state.call(uid): code for uid, code in fresh.items()}
        if one.verb in ("transfer", "recode"):
            return {**fields, "codes": by_name} if by_name else fields
        target = fields["into"] if one.verb == "merge" else fields
        if by_name:
            (target["code"],) = fresh.values()
        if one.coins is not None:
            alias = self._state.call(one.coins)
            if alias != target.get("code"):
                target["as"] = alias
        return fields

    def _again(self, codes: Mapping[Uid, str]) -> Operation:
        fields: dict[str, Any] = {
            "codes": {self._state.call(uid): code for uid, code in codes.items()}
        }
        if self._assume:
            fields["reuse"] = REUSE
        return {"recode": fields}


def abolition(state: AsDrafted, uid: Uid) -> Operation:
    """The end of a unit of which nothing is known but that the later edition has it not."""
    return {"abolish": {"division": state.call(uid), "no_successor": ABOLISHED}}


def _is_id(reference: str) -> bool:
    try:
        UUID(reference)
    except ValueError:
        return False
    return True
