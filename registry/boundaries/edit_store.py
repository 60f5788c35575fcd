"""All SQL of feature edits: what a draft holds, the facts they rewrite, rivals on one feature."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, Table, any_, delete, func, insert, or_, select, update

from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.boundaries.edits import (
    ADDRESSES,
    LINES,
    MARKERS,
    NAMES,
    THOROUGHFARES,
    Action,
    FeatureEdit,
    Side,
)
from registry.boundaries.model import OPEN, BoundaryUpdate
from registry.boundaries.store import CRS, BoundaryStore
from registry.boundaries.tables import boundary_update, boundary_update_edit
from registry.changes.period import AsOf
from registry.changes.rows import key_array, lines_of, plain, seen_at
from registry.changes.timeline import Timeline
from registry.changes.timeline import at as version_at
from registry.lines.commands import line_id_of
from registry.lines.tables import boundary_line_version, boundary_marker_version
from registry.names.tables import place_extent_version, place_name_version

JOINT = "_"
"""Between the two sides that name a line."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Which versions an edit of a collection rewrites, and what of them it can speak of."""

    table: Table
    geometry: str
    attributes: tuple[str, ...]


_PLACE = Fact(place_extent_version, "extent", ("basis",))
FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        LINES: Fact(
            boundary_line_version,
            "course",
            (
                "number",
                "legal_status",
                "technical_status",
                "accuracy_m",
                "agreement_number",
                "agreement_on",
                "inspected_on",
            ),
        ),
        MARKERS: Fact(
            boundary_marker_version,
            "spot",
            ("number", "kind", "material", "face_texts", "keeper", "state", "accuracy_m"),
        ),
        NAMES: _PLACE,
        THOROUGHFARES: _PLACE,
        ADDRESSES: Fact(position_version, "position", ("method", "accuracy_m")),
    }
)


@dataclass(frozen=True, slots=True)
class DoorHere:
    """An address on an object, and the division it belongs to."""

    address_id: UUID
    code: str
    division_id: UUID


class EditStore:
    """Feature edits inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def edits(self, update_id: UUID) -> dict[UUID, FeatureEdit]:
        """What an update says of features, by subject."""
        table = boundary_update_edit
        rows = self._connection.execute(
            select(*(c for c in table.c if c.name != "update_id"))
            .where(table.c.update_id == update_id)
            .order_by(table.c.collection, table.c.feature_id)
        ).mappings()
        return {
            row["subject"]: FeatureEdit(
                **{
                    **row,
                    "action": Action(row["action"]),
                    "geometry": plain(row["geometry"]),
                }
            )
            for row in rows
        }

    def drop(self, update_id: UUID, subject: UUID) -> None:
        """Take an edit out of an update."""
        table = boundary_update_edit
        self._connection.execute(
            delete(table).where(table.c.update_id == update_id, table.c.subject == subject)
        )

    def put(self, update_id: UUID, edit: FeatureEdit) -> None:
        """Write an edit in place of what the update said of the same subject."""
        self.drop(update_id, edit.subject)
        geometry = edit.geometry
        self._connection.execute(
            insert(boundary_update_edit).values(
                update_id=update_id,
                subject=edit.subject,
                collection=edit.collection,
                feature_id=edit.feature_id,
                action=edit.action.value,
                geometry=None
                if geometry is None
                else from_shape(geometry, srid=CRS, extended=True),
                said=dict(edit.said),
                based_on=edit.based_on,
            )
        )

    def base_on(self, update_id: UUID, number: int) -> None:
        """All edits of an update are known to stand on what holds after a change."""
        table = boundary_update_edit
        self._connection.execute(
            update(table).where(table.c.update_id == update_id).values(based_on=number)
        )

    def rivals(self, author: str, subject: UUID) -> list[BoundaryUpdate]:
        """Open updates of others that say something of the same subject."""
        ids = self._connection.scalars(
            select(boundary_update.c.update_id)
            .join(
                boundary_update_edit,
                boundary_update_edit.c.update_id == boundary_update.c.update_id,
            )
            .where(
                boundary_update_edit.c.subject == subject,
                boundary_update.c.author != author,
                boundary_update.c.state.in_([state.value for state in OPEN]),
            )
            .order_by(boundary_update.c.created_at, boundary_update.c.update_id)
        ).all()
        store = BoundaryStore(self._connection)
        return [store.get(one) for one in ids]

    def subject_of(self, collection: str, feature_id: str) -> UUID | None:
        """The fact that a feature's geometry and attributes are; None: there is no such feature."""
        found: UUID | None
        if collection == LINES:
            left, _, right = feature_id.partition(JOINT)
            return line_id_of(UUID(left), UUID(right))
        if collection in (MARKERS, THOROUGHFARES):
            return UUID(feature_id)
        if collection == NAMES:
            named = place_name_version.c
            found = self._connection.scalar(
                select(named.named_place_id)
                .where(named.place_name_id == UUID(feature_id))
                .order_by(named.recorded_from.desc())
                .limit(1)
            )
        else:
            found = self._connection.scalar(
                select(address.c.object_id).where(address.c.code == feature_id)
            )
        return found

    def side(self, collection: str, subject: UUID, at: AsOf) -> Side | None:
        """What holds of a subject; None: nothing does."""
        timelines = lines_of(self._connection, FACTS[collection].table, [subject], at.known)
        return _side(FACTS[collection], timelines.get(subject, ()), at.valid_on)

    def sides(
        self, edits: Iterable[FeatureEdit], on: date, known: int | None = None
    ) -> dict[UUID, Side]:
        """What holds of the subjects of edits; those of which nothing does are left out.

        Args:
            known: the change after which; None: what each edit was made on.
        """
        groups: dict[tuple[str, int], list[UUID]] = defaultdict(list)
        for edit in edits:
            number = edit.based_on if known is None else known
            groups[edit.collection, number].append(edit.subject)
        found = {}
        for (collection, number), subjects in groups.items():
            fact = FACTS[collection]
            timelines = lines_of(self._connection, fact.table, subjects, number)
            for subject, timeline in timelines.items():
                side = _side(fact, timeline, on)
                if side is not None:
                    found[subject] = side
        return found

    def changed_since(self, edits: Iterable[FeatureEdit]) -> dict[UUID, int]:
        """Subjects that were written after the change an edit was made on: the last change."""
        based_on: dict[str, dict[UUID, int]] = defaultdict(dict)
        for edit in edits:
            based_on[edit.collection][edit.subject] = edit.based_on
        found: dict[UUID, int] = {}
        for collection, subjects in based_on.items():
            table = FACTS[collection].table
            key = table.c[table.info["key"]]
            last = func.max(func.greatest(table.c.recorded_from, table.c.recorded_to))
            rows = self._connection.execute(
                select(key, last).where(key == any_(key_array(subjects))).group_by(key)
            )
            found |= {one: number for one, number in rows if number > subjects[one]}
        return found

    def doors_on(self, object_ids: Collection[UUID], at: AsOf) -> dict[UUID, list[DoorHere]]:
        """Addresses of objects, and of those that share their positions, by code."""
        mine = addressable_object.c
        own = position_version.alias("own")
        rows = self._connection.execute(
            select(
                mine.object_id,
                mine.parent_id,
                address.c.address_id,
                address.c.code,
                address_version.c.division_id,
            )
            .join(address, address.c.object_id == mine.object_id)
            .join(address_version, address_version.c.address_id == address.c.address_id)
            .outerjoin(own, (own.c.object_id == mine.object_id) & seen_at(own, at))
            .where(
                or_(
                    mine.object_id == any_(key_array(object_ids)),
                    (mine.parent_id == any_(key_array(object_ids))) & own.c.version_id.is_(None),
                ),
                seen_at(address_version, at),
            )
            .order_by(address.c.code)
        )
        found: dict[UUID, list[DoorHere]] = defaultdict(list)
        for object_id, parent_id, *door in rows:
            found[object_id if object_id in object_ids else parent_id].append(DoorHere(*door))
        return found

    def names_of(self, subjects: Collection[UUID], at: AsOf) -> dict[UUID, str]:
        """Standard names of places."""
        named = place_name_version
        rows = self._connection.execute(
            select(named.c.named_place_id, named.c.text).where(
                named.c.named_place_id.in_(list(subjects)),
                named.c.status == "standard",
                seen_at(named, at),
            )
        )
        return {row.named_place_id: row.text for row in rows}


def _side(fact: Fact, timeline: Timeline, on: date) -> Side | None:
    held = version_at(timeline, on)
    if held is None:
        return None
    attributes = {name: held.value(name) for name in fact.attributes}
    return Side(held.value(fact.geometry), attributes)
