"""The grammar of a paper: every verb, and the fields it takes.

Divisions are named by reference: an id, a code in force the day before the act, the new code, name
or alias of a unit this act makes, or `name:` and a path of names
(`name:福建省/厦门市/湖里区/禾山镇`). Geometries are GeoJSON, longitude and latitude, EPSG:4490.
"""

from datetime import date
from typing import Any, Literal

import msgspec

from registry.divisions.model import DivisionKind

Reference = str
AUTO: Literal["auto"] = "auto"
"""In place of a code: the next number above every one ever used in the block."""

Codes = dict[Reference, str] | Literal["auto"]
"""New codes of members, one by one (`auto` too), or `auto` for all of them."""
GeoJson = dict[str, Any]
Seat = tuple[float, float]
"""Longitude and latitude in degrees."""

EDGE_M = 5.0
"""Doors nearer to a dividing line than this, in metres, are settled by a person."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Retype(_Part, frozen=True, tag="retype"):
    """Another kind for the same unit (撤镇设街); its identity lives on."""

    division: Reference
    kind: DivisionKind
    name: str | None = None
    published_name: str | None = None
    romanisation: str | None = None
    code: str | None = None
    codes: Codes = msgspec.field(default_factory=dict)
    """Of the members that stay: `auto` keeps their last three digits under the new code."""
    seat: Seat | None = None


class NewUnit(_Part, frozen=True, kw_only=True):
    """A unit that an act sets up."""

    name: str
    kind: DivisionKind
    parent: Reference | None = None
    code: str | None = None
    published_name: str | None = None
    romanisation: str | None = None
    alias: str | None = msgspec.field(name="as", default=None)
    layer: str | None = None
    seat: Seat | None = None


class Establish(NewUnit, frozen=True, tag="establish", kw_only=True):
    """Set a unit up (设立)."""

    origins: tuple[Reference, ...] = msgspec.field(name="from", default=())
    territory: GeoJson | None = None


class Transfer(_Part, frozen=True, tag="transfer", kw_only=True):
    """Move members to another unit, or a part of a unit that is picked out on the ground."""

    divisions: tuple[Reference, ...] = ()
    to: Reference
    codes: Codes = msgspec.field(default_factory=dict)
    part_of: Reference | None = None
    """The unit that gives a part; what is not picked out stays with it."""
    places: tuple[str, ...] = ()
    line: GeoJson | None = None
    side: Literal["left", "right"] | None = None
    territory: GeoJson | None = None
    doors: dict[str, Reference] = msgspec.field(default_factory=dict)
    edge_m: float = EDGE_M

    def __post_init__(self) -> None:
        """Refuse what picks nothing out."""
        picked = bool(self.places or self.doors) or self.territory is not None or self.side
        if self.part_of is None:
            if not self.divisions:
                raise ValueError("name `divisions` to move, or `part_of` and what part of it")
            if picked or self.line is not None:
                raise ValueError("`part_of` must say whose part is meant")
        elif not picked and not self.divisions:
            raise ValueError(
                "say which part: `line` and `side`, `territory`, `places`, `doors` or `divisions`"
            )
        _check_line(self.line, [self.side])
        _check_edge(self.edge_m)


class Recode(_Part, frozen=True, tag="recode"):
    """Give other codes."""

    codes: dict[Reference, str]
    reuse: str | None = None
    """Why a published list gives a code again; without it that is refused."""


class Rename(_Part, frozen=True, tag="rename"):
    """Another name (更名) for a division, or for a street or area whose name the act makes double.

    A street may instead keep its name and be `written_with` its township or village from the day
    on: addresses on it then carry the division also in their legal text.
    """

    division: Reference | None = None
    place: str | None = None
    """Id of a named place."""
    name: str | None = None
    generic: str | None = None
    """通名 of the new name of a place; without it the old one's, if the new name ends with it."""
    published_name: str | None = None
    romanisation: str | None = None
    written_with: Literal["township", "village"] | None = None

    def __post_init__(self) -> None:
        """Refuse a rename of nothing, of two things, or to nothing."""
        if (self.division is None) == (self.place is None):
            raise ValueError("name either a `division` or a `place`")
        if self.division is not None and (self.name is None or self.written_with):
            raise ValueError("a division is renamed to a `name`; `written_with` is for places")
        if (self.name is None) == (self.written_with is None) and self.place is not None:
            raise ValueError("give the place either a new `name` or `written_with`")


class Reparent(_Part, frozen=True, tag="reparent"):
    """A whole unit under another parent (隶属关系变更)."""

    division: Reference
    to: Reference
    code: str | None = None
    codes: Codes = msgspec.field(default_factory=dict)
    """Of its members."""


class Abolish(_Part, frozen=True, tag="abolish"):
    """End a unit (撤销); say who succeeds it, or why nobody does."""

    division: Reference
    successors: tuple[Reference, ...] = ()
    no_successor: str | None = None


class Merge(_Part, frozen=True, tag="merge"):
    """Several units become a new one; their members move to it."""

    divisions: tuple[Reference, ...]
    into: NewUnit
    codes: Codes = msgspec.field(default_factory=dict)


class Absorb(_Part, frozen=True, tag="absorb"):
    """An existing unit takes others over; their members move to it."""

    divisions: tuple[Reference, ...]
    into: Reference
    codes: Codes = msgspec.field(default_factory=dict)


class SplitPart(NewUnit, frozen=True, kw_only=True):
    """One new unit of a split, with what goes to it: members, named places, a side of the line,
    or a territory."""

    members: tuple[Reference, ...] = ()
    codes: Codes = msgspec.field(default_factory=dict)
    places: tuple[str, ...] = ()
    side: Literal["left", "right"] | None = None
    territory: GeoJson | None = None


class Split(_Part, frozen=True, tag="split"):
    """Parts of a unit become new units; it goes on with the rest, or ends."""

    division: Reference
    into: tuple[SplitPart, ...]
    keeps: bool
    line: GeoJson | None = None
    """LineString that cuts the territory; `left` and `right` as one walks along it."""
    doors: dict[str, Reference] = msgspec.field(default_factory=dict)
    """Address codes and the part each belongs to: settles doors on the edge."""
    edge_m: float = EDGE_M

    def __post_init__(self) -> None:
        """Refuse sides without a line and a line without sides."""
        if not self.into:
            raise ValueError("`into` names no part")
        _check_line(self.line, [part.side for part in self.into])
        sides = [part.side for part in self.into if part.side]
        if len(set(sides)) < len(sides):
            raise ValueError("two parts lie on one `side`: give them a `territory` each")
        _check_edge(self.edge_m)


class AdjustTerritory(_Part, frozen=True, tag="adjust_territory"):
    """Another territory (界线变更)."""

    division: Reference
    territory: GeoJson


class SetSeat(_Part, frozen=True, tag="set_seat"):
    """The seat moves (驻地迁移)."""

    division: Reference
    seat: Seat


class Span(_Part, frozen=True):
    """Days during which the registry had it wrong, `[from, to)`; open where nothing is said."""

    since: date | None = msgspec.field(name="from", default=None)
    until: date | None = msgspec.field(name="to", default=None)

    def __post_init__(self) -> None:
        """Refuse a span that holds no day."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("`to` must lie after `from`")


class Correct(_Part, frozen=True, tag="correct"):
    """What the registry says of a division during a period is wrong (更正); the world stays."""

    division: Reference
    during: Span | None = None
    """Without it: the whole time of the version in force on the paper's day."""
    name: str | None = None
    published_name: str | None = None
    romanisation: str | None = None
    kind: DivisionKind | None = None
    parent: Reference | None = None
    code: str | None = None
    territory: GeoJson | None = None
    seat: Seat | None = None

    def __post_init__(self) -> None:
        """Refuse a correction of nothing."""
        facts = (self.name, self.published_name, self.romanisation, self.kind, self.parent)
        if all(one is None for one in (*facts, self.code, self.territory, self.seat)):
            raise ValueError("say what is corrected: name, kind, parent, code, territory or seat")


Operation = (
    Retype
    | Establish
    | Transfer
    | Recode
    | Rename
    | Reparent
    | Abolish
    | Merge
    | Absorb
    | Split
    | AdjustTerritory
    | SetSeat
    | Correct
)
OPERATIONS: dict[str, type[Operation]] = {
    "retype": Retype,
    "establish": Establish,
    "transfer": Transfer,
    "recode": Recode,
    "rename": Rename,
    "reparent": Reparent,
    "abolish": Abolish,
    "merge": Merge,
    "absorb": Absorb,
    "split": Split,
    "adjust_territory": AdjustTerritory,
    "set_seat": SetSeat,
    "correct": Correct,
}


def codes_in(codes: Codes) -> dict[Reference, str]:
    """Codes given one by one."""
    return codes if isinstance(codes, dict) else {}


def _check_line(line: GeoJson | None, sides: list[Literal["left", "right"] | None]) -> None:
    named = any(side is not None for side in sides)
    if named and line is None:
        raise ValueError("`side` needs the `line` it is a side of")
    if line is not None and not named:
        raise ValueError("`line` divides nothing: say whose `side` is `left` or `right`")


def _check_edge(edge_m: float) -> None:
    if not 0 <= edge_m <= 1000:
        raise ValueError("`edge_m` lies between 0 and 1000 metres")
