"""Editors at a steady pace: `python -m tests.drills.editors DATABASE_URL PER_SECOND STOP_FILE`.

Each edit gives one door a number nobody else gives, in a work of its own. Prints a line for every
edit: its change (0: it was refused), the door, the number, how long it took.
"""

import sys
import threading
import time
from itertools import count
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api.work import works_on
from registry.addresses.commands import correct_number
from registry.addresses.tables import address_version
from registry.changes.model import Intent, Verb
from registry.changes.period import Period
from registry.database import make_engine

EDITORS = 4
EVER = Period(None, None)


def main() -> None:
    url, per_second, stop = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    engine = make_engine(url, pool_size=EDITORS)
    with engine.connect() as connection:
        doors = list(
            connection.scalars(
                select(address_version.c.address_id)
                .where(address_version.c.recorded_to.is_(None))
                .order_by(address_version.c.version_id)
                .limit(20_000)
            )
        )
    numbers, done = count(1_000_000), list[str]()

    def edit(place: int) -> None:
        for turn in count():
            if stop.exists():
                return
            began, number = time.monotonic(), next(numbers)
            door = doors[(turn * EDITORS + place) % len(doors)]
            try:
                with works_on(engine)(Intent("editor", Verb.CORRECT, f"edit {number}")) as work:
                    correct_number(work, door, number, during=EVER)
                change = work.number
            except OperationalError:
                change = 0  # it waited for the lock longer than anybody may, and was told so
            took = time.monotonic() - began
            stop.with_suffix(".editing").touch()
            done.append(f"{change} {door} {number} {took}")
            time.sleep(max(0.0, EDITORS / per_second - took))

    threads = [threading.Thread(target=edit, args=(place,)) for place in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    sys.stdout.write("\n".join(done))


if __name__ == "__main__":
    main()
