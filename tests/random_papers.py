"""Random papers on the city on a grid, and doors for them to move."""

import random
from typing import Any

from registry.restructuring.paper import Paper
from tests.builder import RegistryBuilder
from tests.grid_city import COUNTY, TOWNS, VILLAGES, paper, town, village


class RandomPlans:
    """Papers that nobody thought of; every one is readable, not every one may be carried out."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        divide = (self._cut, self._carve, self._claim, self._write)
        self._sure = divide[seed % len(divide)]
        """In every paper, so that some seed tries each way in which doors part from others."""

    def paper(self) -> Paper:
        return paper(*self.operations(), title=f"调整{self._chance.random()}")

    def operations(self) -> list[dict[str, Any]]:
        """Of one paper."""
        chance = self._chance
        used: set[str] = set()
        operations: list[dict[str, Any]] = []
        kinds = [
            self._retype,
            self._split,
            self._transfer,
            self._rename,
            self._absorb,
            self._merge,
            self._cut,
            self._carve,
            self._claim,
            self._write,
        ]
        for make in (self._sure, *chance.sample(kinds, chance.randint(0, 3))):
            operations += make(used)
        return operations or self._rename(set())

    def _town(self, used: set[str]) -> int | None:
        free = [place for place in range(TOWNS) if town(place) not in used]
        if not free:
            return None
        place = self._chance.choice(free)
        used.add(town(place))
        return place

    def _villages(self, place: int, used: set[str]) -> list[str]:
        free = [v for n in range(VILLAGES) if (v := village(place, n)) not in used]
        some = self._chance.sample(free, min(len(free), self._chance.randint(1, 2)))
        used.update(some)
        return some

    def _retype(self, used: set[str]) -> list[dict[str, Any]]:
        place = self._town(used)
        if place is None:
            return []
        name = "甲乙丙"[place] + "街道"
        return [{"retype": {"division": town(place), "kind": "subdistrict", "name": name}}]

    def _split(self, used: set[str]) -> list[dict[str, Any]]:
        moved = [v for place in range(TOWNS) for v in self._villages(place, used)]
        code = f"{COUNTY}0{self._chance.randint(20, 40)}"
        unit = {"name": "新街道", "kind": "subdistrict", "parent": COUNTY, "code": code}
        return [{"establish": unit}, {"transfer": {"divisions": moved, "to": code}}]

    def _transfer(self, used: set[str]) -> list[dict[str, Any]]:
        source, target = self._chance.sample(range(TOWNS), 2)
        moved = self._villages(source, used)
        if not moved or town(target) in used:
            return []
        return [{"transfer": {"divisions": moved, "to": town(target)}}]

    def _rename(self, used: set[str]) -> list[dict[str, Any]]:
        place = self._chance.randrange(TOWNS)
        free = self._villages(place, used)
        # A name that another village may bear already.
        name = self._chance.choice(["甲东村", "乙南村", "新南村"])
        return [{"rename": {"division": one, "name": name}} for one in free]

    def _absorb(self, used: set[str]) -> list[dict[str, Any]]:
        place = self._chance.randrange(TOWNS)
        free = self._villages(place, used)
        if len(free) < 2:
            return []
        return [{"absorb": {"divisions": free[1:], "into": free[0]}}]

    def _merge(self, used: set[str]) -> list[dict[str, Any]]:
        place = self._chance.randrange(TOWNS)
        free = self._villages(place, used)
        if len(free) < 2:
            return []
        into = {"name": "合并社区", "kind": "community", "parent": town(place)}
        return [{"merge": {"divisions": free, "into": into}}]

    def _cut(self, used: set[str]) -> list[dict[str, Any]]:
        """A slanted line through a village: one side becomes another, or goes to a neighbour."""
        cell = self._cell(used)
        if cell is None:
            return []
        code, west, south = cell
        x, y = (self._chance.uniform(0.002, 0.008) for _ in range(2))
        ends = [[west + x, south - 0.001], [west + y, south + 0.011]]
        line = {"type": "LineString", "coordinates": ends}
        side = self._chance.choice(["left", "right"])
        to = self._cell(used) if self._chance.random() < 0.5 else None
        if to is not None:
            taken = {"part_of": code, "to": to[0], "line": line, "side": side, "edge_m": 0}
            return [{"transfer": taken}]
        part = {"name": "分线社区", "kind": "community", "side": side}
        split = {"division": code, "keeps": True, "line": line, "into": [part], "edge_m": 0}
        return [{"split": split}]

    def _carve(self, used: set[str]) -> list[dict[str, Any]]:
        """A corner of a village, uploaded as the territory of another."""
        cell = self._cell(used)
        if cell is None:
            return []
        code, west, south = cell
        x, y = (self._chance.uniform(0.002, 0.008) for _ in range(2))
        corners = [(0, 0), (x, 0), (x, y), (0, y), (0, 0)]
        ring = [[west + right, south + up] for right, up in corners]
        land = {"type": "Polygon", "coordinates": [ring]}
        part = {"name": "分块社区", "kind": "community", "territory": land}
        return [{"split": {"division": code, "keeps": True, "into": [part], "edge_m": 0}}]

    def _claim(self, used: set[str]) -> list[dict[str, Any]]:
        """A street of a village goes to another one, with its doors there."""
        cell = self._cell(used)
        if cell is None:
            return []
        place = self._chance.choice(["跨里", "短里"])
        part = {"name": "分街社区", "kind": "community", "places": [place]}
        return [{"split": {"division": cell[0], "keeps": True, "into": [part]}}]

    def _write(self, _used: set[str]) -> list[dict[str, Any]]:
        """A street is written with its division, or gets another name."""
        level = self._chance.choice(["township", "village"])
        new = {"name": "新跨里"} if self._chance.random() < 0.3 else {"written_with": level}
        return [{"rename": {"place": self._chance.choice(["跨里", "短里"]), **new}}]

    def _cell(self, used: set[str]) -> tuple[str, float, float] | None:
        """A village nothing else happens to, with the corner of its square."""
        place = self._chance.randrange(TOWNS)
        free = [n for n in range(VILLAGES) if village(place, n) not in used]
        if not free:
            return None
        number = self._chance.choice(free)
        used.add(village(place, number))
        return village(place, number), 118.0 + 0.01 * number, 24.0 + 0.01 * place


def populate(builder: RegistryBuilder, seed: int) -> list[str]:
    """Doors with and without carriers, some carriers across villages and of one name."""
    chance = random.Random(seed)
    carriers = [
        builder.carrier(name, village(index % TOWNS, index % VILLAGES))
        for index, name in enumerate(["长里", "长里", "跨里", "短里"])
    ]
    codes = []
    with builder.work("doors") as work:
        for _ in range(60):
            carrier = chance.choice([None, None, *carriers])
            row, column = chance.randrange(TOWNS), chance.randrange(VILLAGES)
            spot = (
                118.0 + 0.01 * (column + chance.uniform(0.01, 0.99)),
                24.0 + 0.01 * (row + chance.uniform(0.01, 0.99)),
            )
            codes.append(
                builder.door(work, village(row, column), chance.randint(1, 9), carrier, spot=spot)
            )
    return codes
