"""What can be said of the features of each collection, and in which form."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.line_requests import Words
from api.ogc.refusals import invalid
from registry.boundaries.edits import ADDRESSES, LINES, MARKERS, NAMES, THOROUGHFARES
from registry.lines.model import LegalStatus, MarkerKind, MarkerState, TechnicalStatus

DIVISIONS = "divisions"
NEEDED = frozenset({"legal_status", "technical_status", "number", "kind", "state", "basis"})


class _Said(BaseModel):
    """Properties by their names in the collection; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _takes_nothing_needed_away(self) -> Self:
        empty = {name for name in self.model_fields_set if getattr(self, name) is None}
        taken = sorted(empty & self.needed())
        if taken:
            raise ValueError(f"{', '.join(taken)} cannot be taken away")
        return self

    @classmethod
    def needed(cls) -> frozenset[str]:
        """What a feature always has."""
        return NEEDED


class NothingSaid(_Said):
    """Only where it lies can be proposed."""


class LineSaid(_Said):
    """What is said of a boundary line; the names of `describe` are the fields."""

    number: str | None = Field(default=None, pattern=r"^[0-9]{4}$")
    legal_status: LegalStatus | None = None
    technical_status: TechnicalStatus | None = None
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)
    agreement_number: Words | None = Field(default=None, max_length=200, alias="agreement")
    agreement_on: date | None = Field(default=None, alias="agreed_on")
    inspected_on: date | None = None

    @classmethod
    def needed(cls) -> frozenset[str]:
        """A line need not have a number; an inspection is never undone."""
        return (NEEDED - {"number"}) | {"inspected_on"}


class MarkerSaid(_Said):
    """What is said of a marker."""

    number: Words | None = Field(default=None, max_length=20)
    kind: MarkerKind | None = None
    material: Words | None = Field(default=None, max_length=100)
    face_texts: Words | None = Field(default=None, max_length=500)
    keeper: Words | None = Field(default=None, max_length=200)
    state: MarkerState | None = None
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)
    line_id: UUID | None = None


class PlaceSaid(_Said):
    """What is said of where a named place lies."""

    basis: Literal["published", "digitised", "surveyed"] | None = None


class PositionSaid(_Said):
    """What is said of where a door is."""

    method: Literal["surveyed", "digitised", "published"] | None = None
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)

    @classmethod
    def needed(cls) -> frozenset[str]:
        """A position was found somehow."""
        return frozenset({"method", "accuracy_m"})


SAYABLE: Mapping[str, type[_Said]] = MappingProxyType(
    {
        DIVISIONS: NothingSaid,
        LINES: LineSaid,
        MARKERS: MarkerSaid,
        NAMES: PlaceSaid,
        THOROUGHFARES: PlaceSaid,
        ADDRESSES: PositionSaid,
    }
)


def sayable(collection: str) -> tuple[str, ...]:
    """The properties that can be proposed otherwise, by their names in the collection."""
    fields = SAYABLE[collection].model_fields
    return tuple(field.alias or name for name, field in fields.items())


def columns(collection: str, names: Collection[str]) -> frozenset[str]:
    """Those of some properties that can be proposed, by column."""
    fields = SAYABLE[collection].model_fields
    return frozenset(name for name, field in fields.items() if (field.alias or name) in names)


def read_said(collection: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Properties that were sent as the registry takes them, by column; JSON values.

    Raises:
        Refusal: one of them has no such value, or cannot be said of the collection's features.
    """
    can = sayable(collection)
    foreign = sorted(given.keys() - set(can))
    if foreign:
        more = f" and {', '.join(can)}" if can else ""
        raise invalid(f"only the geometry{more} can be proposed here, not {', '.join(foreign)}")
    try:
        read = SAYABLE[collection].model_validate(dict(given))
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise invalid(said) from error
    return read.model_dump(mode="json", exclude_unset=True)
