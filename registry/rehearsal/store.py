"""All SQL of rehearsals: which are kept, which plans are published."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    RowMapping,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.schema import DropSchema

from registry.rehearsal.model import Publication, Rehearsal
from registry.rehearsal.tables import plan_publication, rehearsal

ONE_AT_A_TIME = 72115
"""First half of the advisory lock under which a plan's rehearsal is made; the plan is the other."""


class RehearsalStore:
    """Rehearsals inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, restructuring_id: UUID, paper_digest: str) -> Rehearsal | None:
        """The newest one made from these papers."""
        age = func.extract("epoch", func.clock_timestamp() - rehearsal.c.made_at)
        row = (
            self._connection.execute(
                select(
                    *(rehearsal.c[name] for name in Rehearsal.__slots__ if name in rehearsal.c),
                    age.label("age_s"),
                )
                .where(
                    rehearsal.c.restructuring_id == restructuring_id,
                    rehearsal.c.paper_digest == paper_digest,
                )
                .order_by(rehearsal.c.drawn_at.desc(), rehearsal.c.made_at.desc())
                .limit(1)
            )
            .mappings()
            .first()
        )
        return None if row is None else _to_rehearsal(row)

    def keep(self, values: Mapping[str, Any]) -> None:
        """Remember one that has been made."""
        self._connection.execute(insert(rehearsal).values(**values))

    def try_to_make(self, restructuring_id: UUID, *, wait: bool) -> bool:
        """Become the only one who makes the rehearsal of a plan, until the transaction ends."""
        keys = (literal(ONE_AT_A_TIME), func.hashtext(str(restructuring_id)))
        if wait:
            self._connection.execute(select(func.pg_advisory_xact_lock(*keys)))
            return True
        return bool(self._connection.scalar(select(func.pg_try_advisory_xact_lock(*keys))))

    def note_use(self, schema_name: str) -> None:
        """It was read just now."""
        self._connection.execute(
            update(rehearsal)
            .where(rehearsal.c.schema_name == schema_name)
            .values(used_at=func.clock_timestamp())
        )

    def idle(self, *, idle_s: float, superseded_s: float) -> list[str]:
        """Schemas nobody has read for a while; sooner, when a newer one of the plan is at hand."""
        newer = rehearsal.alias("newer")
        unused = func.extract("epoch", func.clock_timestamp() - rehearsal.c.used_at)
        superseded = exists().where(
            newer.c.restructuring_id == rehearsal.c.restructuring_id,
            newer.c.made_at > rehearsal.c.made_at,
        )
        return list(
            self._connection.scalars(
                select(rehearsal.c.schema_name)
                .where(or_(unused >= idle_s, (unused >= superseded_s) & superseded))
                .order_by(rehearsal.c.used_at)
            )
        )

    def drop(self, schema_name: str) -> None:
        """Forget one, unless somebody is reading it: then the lock is not waited for.

        Raises:
            OperationalError: it is being read.
        """
        self._connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
        self._connection.execute(delete(rehearsal).where(rehearsal.c.schema_name == schema_name))
        self._connection.execute(DropSchema(schema_name, cascade=True, if_exists=True))

    def publish(self, values: Mapping[str, Any]) -> None:
        """Let everybody rehearse a plan; a second time, as it is now."""
        written = upsert(plan_publication).values(**values)
        fresh = {name: written.excluded[name] for name in values if name != "restructuring_id"}
        self._connection.execute(
            written.on_conflict_do_update(
                index_elements=["restructuring_id"],
                set_={**fresh, "published_at": func.now()},
            )
        )

    def unpublish(self, restructuring_id: UUID) -> bool:
        """Leave a plan to its authors again; whether it was published."""
        done = self._connection.execute(
            delete(plan_publication).where(plan_publication.c.restructuring_id == restructuring_id)
        )
        return bool(done.rowcount)

    def publications(self, ids: Collection[UUID] | None = None) -> dict[UUID, Publication]:
        """Published plans, all of them or those of a list."""
        wanted = select(plan_publication)
        if ids is not None:
            wanted = wanted.where(plan_publication.c.restructuring_id.in_(list(ids)))
        rows = self._connection.execute(wanted).mappings()
        return {row["restructuring_id"]: Publication(**row) for row in rows}

    def publication(self, restructuring_id: UUID) -> Publication | None:
        """Who published a plan, and when."""
        return self.publications([restructuring_id]).get(restructuring_id)


def _to_rehearsal(row: RowMapping) -> Rehearsal:
    return Rehearsal(**{**row, "age_s": float(row["age_s"])})
