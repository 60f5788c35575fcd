"""How the office works: inspections, work orders, defects. None of it is public record."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, RowMapping, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.addresses.tables import address
from registry.plates.errors import WorkOrderIsUnknown
from registry.plates.model import Defect, Inspection, WorkItem, WorkOrder
from registry.plates.reprint import Reprint
from registry.plates.tables import (
    defect,
    plate,
    plate_inspection,
    plate_version,
    work_order,
    work_order_item,
)


class PlateOffice:
    """Inspections, work orders and defects inside the caller's transaction; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def inspect(self, seen: Inspection) -> None:
        """Write down what was seen at a plate, and tick it off open orders to inspect."""
        self._connection.execute(
            insert(plate_inspection).values(
                inspection_id=seen.inspection_id,
                plate_id=seen.plate_id,
                inspected_on=seen.inspected_on,
                condition=seen.condition,
                note=seen.note,
                photo_sha256=seen.photo_sha256,
            )
        )
        self.tick(seen.plate_id, "inspect", seen.inspected_on)

    def inspections(self, plate_id: UUID) -> list[Inspection]:
        """What was seen at a plate, latest first."""
        rows = self._connection.execute(
            select(plate_inspection)
            .where(plate_inspection.c.plate_id == plate_id)
            .order_by(plate_inspection.c.inspected_on.desc(), plate_inspection.c.inspection_id)
        ).mappings()
        return [Inspection(**row) for row in rows]

    def order(self, division_id: UUID, purpose: str, wanted: Sequence[Reprint]) -> WorkOrder:
        """A new work order for a community, its plates in the order given."""
        work_order_id = uuid4()
        self._connection.execute(
            insert(work_order).values(
                work_order_id=work_order_id, division_id=division_id, purpose=purpose
            )
        )
        if wanted:
            self._connection.execute(
                insert(work_order_item),
                [
                    {
                        "work_order_id": work_order_id,
                        "plate_id": one.plate.plate_id,
                        "rank": rank,
                        "need": one.need.name.lower(),
                    }
                    for rank, one in enumerate(wanted, start=1)
                ],
            )
        return self.get_order(work_order_id)

    def get_order(self, work_order_id: UUID) -> WorkOrder:
        """One work order with its plates.

        Raises:
            WorkOrderIsUnknown: none has that id.
        """
        row = (
            self._connection.execute(
                select(work_order).where(work_order.c.work_order_id == work_order_id)
            )
            .mappings()
            .first()
        )
        if row is None:
            raise WorkOrderIsUnknown(str(work_order_id))
        return WorkOrder(**row, items=self._items(work_order_id))

    def orders(self, division_id: UUID | None, *, limit: int) -> list[WorkOrder]:
        """Open work orders, oldest first."""
        statement = select(work_order).where(work_order.c.closed_at.is_(None))
        if division_id is not None:
            statement = statement.where(work_order.c.division_id == division_id)
        rows = self._connection.execute(
            statement.order_by(work_order.c.opened_at, work_order.c.work_order_id).limit(limit)
        ).mappings()
        return [WorkOrder(**row, items=self._items(row["work_order_id"])) for row in rows]

    def tick(self, plate_id: UUID, purpose: str, on: date) -> None:
        """A plate was seen to: tick it off the open orders, and close those that are done."""
        orders = self._connection.scalars(
            update(work_order_item)
            .where(
                work_order_item.c.plate_id == plate_id,
                work_order_item.c.done_on.is_(None),
                work_order_item.c.work_order_id.in_(
                    select(work_order.c.work_order_id).where(
                        work_order.c.purpose == purpose, work_order.c.closed_at.is_(None)
                    )
                ),
            )
            .values(done_on=on)
            .returning(work_order_item.c.work_order_id)
        ).all()
        left = exists().where(
            work_order_item.c.work_order_id == work_order.c.work_order_id,
            work_order_item.c.done_on.is_(None),
        )
        self._connection.execute(
            update(work_order)
            .where(work_order.c.work_order_id.in_(orders), ~left)
            .values(closed_at=func.now())
        )

    def raise_defect(
        self, rule: str, *, plate_id: UUID | None, address_id: UUID | None, on: date
    ) -> None:
        """A rule found something wrong; a second time it is counted, not written again."""
        self._connection.execute(
            upsert(defect)
            .values(
                defect_id=uuid4(),
                rule=rule,
                plate_id=plate_id,
                address_id=address_id,
                first_found_on=on,
                last_found_on=on,
                times=1,
            )
            .on_conflict_do_update(
                index_elements=[defect.c.rule, defect.c.plate_id, defect.c.address_id],
                index_where=defect.c.closed_on.is_(None),
                set_={"times": defect.c.times + 1, "last_found_on": on},
            )
        )

    def defects(self, *, limit: int) -> list[Defect]:
        """Open defects, the most often met first."""
        rows = self._connection.execute(
            select(defect, address.c.code)
            .outerjoin(address, address.c.address_id == defect.c.address_id)
            .where(defect.c.closed_on.is_(None))
            .order_by(defect.c.times.desc(), defect.c.defect_id)
            .limit(limit)
        ).mappings()
        return [_to_defect(row) for row in rows]

    def close_defect(self, defect_id: UUID, *, on: date) -> bool:
        """What was wrong has been seen to; whether there was such an open defect."""
        done = self._connection.execute(
            update(defect)
            .where(defect.c.defect_id == defect_id, defect.c.closed_on.is_(None))
            .values(closed_on=on)
        )
        return done.rowcount > 0

    def _items(self, work_order_id: UUID) -> tuple[WorkItem, ...]:
        # Plate by plate, by its index: not of all there are.
        shown = (
            select(plate_version.c.shown_text)
            .where(
                plate_version.c.plate_id == work_order_item.c.plate_id,
                plate_version.c.recorded_to.is_(None),
            )
            .order_by(plate_version.c.version_id.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = self._connection.execute(
            select(
                work_order_item.c.rank,
                work_order_item.c.plate_id,
                address.c.code.label("address_code"),
                shown.label("shown_text"),
                work_order_item.c.need,
                work_order_item.c.done_on,
            )
            .join(plate, plate.c.plate_id == work_order_item.c.plate_id)
            .join(address, address.c.address_id == plate.c.address_id)
            .where(work_order_item.c.work_order_id == work_order_id)
            .order_by(work_order_item.c.rank)
        ).mappings()
        return tuple(WorkItem(**row) for row in rows)


def _to_defect(row: RowMapping) -> Defect:
    values: dict[str, Any] = {c.name: row[c.name] for c in defect.c if c.name != "address_id"}
    return Defect(**values, address_code=row["code"])
