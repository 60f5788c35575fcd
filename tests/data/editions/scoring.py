"""How much of what is known to have happened a draft proposes, and how much of it is right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.editions.draft import DraftPaper


@dataclass(frozen=True, slots=True)
class Score:
    """Known and proposed events of one kind."""

    kind: str
    known: frozenset[Any]
    found: frozenset[Any]

    @classmethod
    def of(cls, kind: str, known: Iterable[Any], found: Iterable[Any]) -> "Score":
        return cls(kind, frozenset(known), frozenset(found))

    def __or__(self, other: "Score") -> "Score":
        return Score(self.kind, self.known | other.known, self.found | other.found)

    @property
    def precision(self) -> float:
        return len(self.known & self.found) / len(self.found) if self.found else 1.0

    @property
    def recall(self) -> float:
        return len(self.known & self.found) / len(self.known) if self.known else 1.0

    def __str__(self) -> str:
        return (
            f"{self.kind:<28} known {len(self.known):>5}  proposed {len(self.found):>5}  "
            f"precision {self.precision:.3f}  recall {self.recall:.3f}"
        )


@dataclass
class Said:
    """What the papers of one draft say, verb by verb, in codes of the later edition."""

    ended: set[tuple[str, str]] = field(default_factory=set)
    """Unit that ended, and the one it is in now."""
    made: dict[str, frozenset[str]] = field(default_factory=dict)
    """New unit, and the ones it was merged from."""
    renamed: dict[str, str] = field(default_factory=dict)
    recoded: dict[str, str] = field(default_factory=dict)
    established: set[str] = field(default_factory=set)
    unplaced: set[str] = field(default_factory=set)


def said_by(papers: Sequence[DraftPaper]) -> Said:
    """Read the operations of a draft."""
    said, absorbed = Said(), []
    for paper in papers:
        said.unplaced |= {one["code"] for one in paper["unplaced"]}
        for operation in paper["operations"]:
            ((verb, fields),) = operation.items()
            if verb == "absorb":
                absorbed += [(one, fields["into"]) for one in fields["divisions"]]
            else:
                _read(said, verb, fields)
    said.ended |= {(one, said.recoded.get(into, into)) for one, into in absorbed}
    return said


def _read(said: Said, verb: str, fields: Mapping[str, Any]) -> None:
    match verb:
        case "merge":
            code = fields["into"]["code"]
            said.made[code] = frozenset(fields["divisions"])
            said.ended |= {(one, code) for one in fields["divisions"]}
        case "abolish":
            said.ended |= {(fields["division"], heir) for heir in fields.get("successors", ())}
        case "rename":
            said.renamed[fields["division"]] = fields["name"]
        case "recode":
            said.recoded |= fields["codes"]
        case "reparent" if fields.get("code"):
            said.recoded[fields["division"]] = fields["code"]
        case "establish":
            said.established.add(fields.get("code", ""))
        case _:
            pass


def table(title: str, scores: Iterable[Score]) -> str:
    """The scores under one another."""
    return "\n".join([f"\n{title}", *map(str, scores)])
