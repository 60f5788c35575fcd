"""Annulling an act on very many doors: previewed and carried out, and the CPU it takes."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, insert, literal, select, update

from registry.addresses.tables import address_version
from registry.changes.model import Intent, Verb
from registry.changes.work import Work
from registry.log.audit import audit
from registry.log.sealing import seal
from registry.quality.run import run
from registry.restructuring.annulment import ask_annulment, preview_annulment
from registry.restructuring.deciding import approve_undoing
from tests.drills.crowd import CONVERSION, build, merging
from tests.registry.undoing.works import enact

DOORS = 50_000
MOST_CPU_S = 30.0
DECREE = {"authority": "福建省人民政府", "number": "闽政文〔2027〕9号"}
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(connection: Connection) -> float:
    """Seconds of CPU of this process and of the database's one that serves the connection."""
    served_by = connection.scalar(select(func.pg_backend_pid()))
    fields = Path(f"/proc/{served_by}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[11:13])) / TICKS_PER_S


def measured(connection: Connection, do: Callable[[], Any]) -> tuple[float, Any]:
    began = cpu_s(connection)
    found = do()
    return cpu_s(connection) - began, found


def numbered_within(connection: Connection, doors: int) -> None:
    """One later work that gives so many of the doors a room."""
    work, table = Work(connection, Intent("surveyor", Verb.CORRECT, "rooms")), address_version
    work.start()
    some = select(table.c.address_id).distinct().order_by(table.c.address_id).limit(doors)
    connection.execute(
        update(table)
        .where(table.c.address_id.in_(some), table.c.recorded_to.is_(None))
        .values(recorded_to=work.number)
    )
    replaced = {
        "room": literal("1"),
        "cause": literal("rooms"),
        "begun_by": literal(work.number),
        "recorded_from": literal(work.number),
    }
    kept = [c for c in table.columns if c.name not in {*replaced, "version_id", "recorded_to"}]
    connection.execute(
        insert(table).from_select(
            [*(c.name for c in kept), *replaced],
            select(*kept, *replaced.values()).where(table.c.recorded_to == work.number),
        )
    )
    seal(work)


class TheAnnulmentOfAnActOnVeryManyDoors:
    @pytest.mark.drill
    @pytest.mark.parametrize(
        ("paper", "edited"),
        [(CONVERSION, 0), (merging(), 0), (merging(), 1_000), (merging(), 10_000)],
        ids=[
            "conversion",
            "merging",
            "merging, 1,000 doors edited since",
            "merging, 10,000 doors edited since",
        ],
    )
    def test_takes_half_a_minute_at_most(
        self, engine: Engine, paper: dict[str, Any], edited: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        build(engine, DOORS)
        with engine.connect() as connection:
            _id, number = enact(connection, paper)
            connection.commit()
            if edited:
                numbered_within(connection, edited)
                connection.commit()
            preview_s, shown = measured(connection, lambda: preview_annulment(connection, number))
            asking_s, asked = measured(
                connection,
                lambda: ask_annulment(connection, number, reason="误", decree=DECREE, author="甲"),
            )
            connection.commit()

            def carry_out() -> None:
                seal(approve_undoing(connection, asked.undoing_id, who="乙"))
                connection.commit()

            commit_s, _none = measured(connection, carry_out)
            figures = {"preview": preview_s, "asking": asking_s, "commit": commit_s}
            with capsys.disabled():
                told = ", ".join(f"{name} {one:.1f} s" for name, one in figures.items())
                sys.stdout.write(
                    f"{paper['title']}, {edited:,} of {DOORS:,} doors edited since: {told} of CPU, "
                    f"{shown.addresses_rewritten:,} addresses rewritten\n"
                )
            faults, broken = audit(connection)[2], [one for one in run(connection) if one.count]

        assert shown.plan.addresses.full_text_changes > 0
        assert (faults, broken) == ([], [])
        assert max(figures.values()) <= MOST_CPU_S
