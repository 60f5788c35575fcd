"""Writers at once: `python -m tests.drills.writers DATABASE_URL WRITERS CHANGES`.

Prints a line for every change: its number, and the moment its commit came back (monotonic seconds,
the same clock in every process of a machine).
"""

import random
import sys
import threading
import time
from datetime import date

from sqlalchemy import select

from api.work import works_on
from registry.addresses.commands import correct_number
from registry.addresses.tables import address_version
from registry.changes.model import Intent, Verb
from registry.changes.period import Period
from registry.database import make_engine

EVER = Period(date(1900, 1, 1), None)


def main() -> None:
    url, writers, changes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    engine = make_engine(url, pool_size=writers)
    with engine.connect() as connection:
        doors = list(
            connection.scalars(
                select(address_version.c.address_id).where(address_version.c.recorded_to.is_(None))
            )
        )
    committed: list[list[tuple[int, float]]] = [[] for _ in range(writers)]

    def write(place: int) -> None:
        chance = random.Random(place)
        for number in range(changes // writers):
            intent = Intent(f"writer {place}", Verb.CORRECT, f"{place}-{number}")
            with works_on(engine)(intent) as work:
                for door in chance.sample(doors, 2):
                    correct_number(work, door, 10_000 + chance.randint(1, 80_000), during=EVER)
            committed[place].append((work.number, time.monotonic()))

    threads = [threading.Thread(target=write, args=(place,)) for place in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    for number, moment in sorted(pair for own in committed for pair in own):
        sys.stdout.write(f"{number} {moment}\n")


if __name__ == "__main__":
    main()
