"""A second, independent reading of the papers: divisions in a dictionary, one verb at a time.

It shares nothing with the registry, so that an error would have to be made twice to go unseen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from data.history import BaselineRow


@dataclass(frozen=True, slots=True)
class Unit:
    """A division as the simulator sees it."""

    kind: str
    name: str
    published: str
    parent: int | None
    code: str | None


class Simulator:
    """Divisions by running number; a number is an identity."""

    def __init__(self, baseline: Iterable[BaselineRow]) -> None:
        self.units: dict[int, Unit] = {}
        self.ever: dict[str, int] = {}
        self._coined: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._paths: dict[str, int] = {}
        self._last = 0
        keys: dict[str, int] = {}
        for row in baseline:
            parent = keys[row.parent_key] if row.parent_key else None
            keys[row.key] = self._add(row.kind, row.name, row.published_name, parent, row.code)

    def enact_file(self, path: Path) -> None:
        """Carry one paper out."""
        self.enact(yaml.safe_load(path.read_text(encoding="utf-8"))["operations"])

    def enact(self, operations: list[dict[str, Any]]) -> None:
        """Carry one act out, refusing what no act may do."""
        self._before = self.by_code()
        self._paths = {"name:" + self._path(number): number for number in self.units}
        self._coined = {}
        moved: set[int] = set()
        for operation in operations:
            ((verb, fields),) = operation.items()
            self._announce(verb, fields)
        for operation in operations:
            ((verb, fields),) = operation.items()
            for number in getattr(self, f"_{verb}")(fields) or ():
                assert number not in moved, f"{self.units[number].name} moves twice"
                moved.add(number)
        for unit in self.units.values():
            assert unit.parent is None or unit.parent in self.units, f"{unit} is orphaned"

    def by_code(self) -> dict[str, int]:
        """Divisions in force by code; a code held twice is an error."""
        found: dict[str, int] = {}
        for number, unit in self.units.items():
            if unit.code:
                assert unit.code not in found, f"{unit.code} is held twice"
                found[unit.code] = number
        return found

    def members_at(self, length: int) -> dict[str, tuple[str, str]]:
        """Code -> (published name, code of the parent) of the units with codes of that length."""
        return {
            code: (self.units[number].published, self._code_of_parent(number))
            for code, number in self.by_code().items()
            if len(code) == length
        }

    def _code_of_parent(self, number: int) -> str:
        parent = self.units[number].parent
        return "" if parent is None else self.units[parent].code or ""

    def _path(self, number: int) -> str:
        unit = self.units[number]
        return unit.name if unit.parent is None else f"{self._path(unit.parent)}/{unit.name}"

    def _find(self, reference: str) -> int:
        for known in (self._before, self._coined, self._paths):
            if reference in known:
                return known[reference]
        raise AssertionError(f"nothing answers to {reference}")

    def _add(self, kind: str, name: str, published: str, parent: int | None, code: str) -> int:
        self._last += 1
        self.units[self._last] = Unit(kind, name, published, parent, None)
        self._code(self._last, code or None)
        return self._last

    def _code(self, number: int, code: str | None, reuse: str | None = None) -> None:
        if code is None or self.units[number].code == code:
            return
        assert code not in self.ever or reuse, f"{code} was used before"
        self.ever[code] = number
        self.units[number] = replace(self.units[number], code=code)

    def _announce(self, verb: str, fields: dict[str, Any]) -> None:
        """Make new units and new codes known to every operation of the act."""
        if verb == "retype" and fields.get("code"):
            self._coined[fields["code"]] = self._find(fields["division"])
        elif verb == "establish":
            self._coin(fields, self._find(fields["parent"]))
        elif verb == "split":
            for part in fields["into"]:
                self._coin(part, self.units[self._find(fields["division"])].parent)
        elif verb == "merge":
            self._coin(fields["into"], self.units[self._find(fields["divisions"][0])].parent)

    def _coin(self, part: dict[str, Any], parent: int | None) -> None:
        published = part.get("published_name", part["name"])
        number = self._add(part["kind"], part["name"], published, parent, part.get("code", ""))
        for word in (part.get("code"), part.get("as"), part["name"]):
            if word:
                self._coined.setdefault(word, number)

    def _merge(self, fields: dict[str, Any]) -> Iterator[int]:
        yield from self._absorb({**fields, "into": fields["into"]["name"]})

    def _establish(self, fields: dict[str, Any]) -> None:
        """Done when it was coined."""

    def _retype(self, fields: dict[str, Any]) -> None:
        number = self._find(fields["division"])
        self.units[number] = replace(self.units[number], kind=fields["kind"])
        if "name" in fields:
            self._rename(fields)
        self._code(number, fields.get("code"))

    def _rename(self, fields: dict[str, Any]) -> None:
        number = self._find(fields["division"])
        published = fields.get("published_name", fields["name"])
        self.units[number] = replace(self.units[number], name=fields["name"], published=published)

    def _recode(self, fields: dict[str, Any]) -> None:
        for reference, code in fields["codes"].items():
            self._code(self._find(reference), code, fields.get("reuse"))

    def _transfer(self, fields: dict[str, Any]) -> Iterator[int]:
        to = self._find(fields["to"])
        for reference in fields["divisions"]:
            number = self._find(reference)
            self.units[number] = replace(self.units[number], parent=to)
            yield number
        self._recode({"codes": fields.get("codes", {})})

    def _reparent(self, fields: dict[str, Any]) -> Iterator[int]:
        yield from self._transfer({"divisions": [fields["division"]], "to": fields["to"]})
        self._code(self._find(fields["division"]), fields.get("code"))

    def _split(self, fields: dict[str, Any]) -> Iterator[int]:
        for part in fields["into"]:
            yield from self._transfer(
                {
                    "divisions": part["members"],
                    "to": part["name"],
                    "codes": part.get("codes", {}),
                }
            )
        if not fields["keeps"]:
            del self.units[self._find(fields["division"])]

    def _absorb(self, fields: dict[str, Any]) -> Iterator[int]:
        into = self._find(fields["into"])
        for reference in fields["divisions"]:
            number = self._find(reference)
            for member, unit in list(self.units.items()):
                if unit.parent == number:
                    self.units[member] = replace(unit, parent=into)
                    yield member
            del self.units[number]

    def _abolish(self, fields: dict[str, Any]) -> None:
        number = self._find(fields["division"])
        successors = fields.get("successors", [])
        assert successors or fields.get("no_successor"), f"{fields} says nothing of what follows"
        for successor in successors:
            assert self._find(successor) != number
        del self.units[number]
