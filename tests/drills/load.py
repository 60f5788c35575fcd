"""Readers at a steady pace: `python -m tests.drills.load URL PER_SECOND CODES_FILE STOP_FILE`.

Asks for addresses, some composed as of either side of the act, until the stop file appears. Prints
a line for every answer: the moment it was asked (monotonic seconds), how long it took, its status,
and what its text said of the town.
"""

import random
import sys
import threading
import time
from pathlib import Path

import httpx

READERS = 12


def main() -> None:
    url, per_second = sys.argv[1], float(sys.argv[2])
    codes, stop = Path(sys.argv[3]).read_text().split(), Path(sys.argv[4])
    seen: list[list[str]] = [[] for _ in range(READERS)]
    began = time.monotonic()

    def read(place: int) -> None:
        chance = random.Random(place)
        with httpx.Client(base_url=url, timeout=60) as client:
            turn = began + place * READERS / per_second / READERS
            while not stop.exists():
                time.sleep(max(0.0, turn - time.monotonic()))
                on = chance.choice(("2027-01-05", "2027-01-06"))
                asked = time.monotonic()
                try:
                    answer = client.get(f"/v1/addresses/{chance.choice(codes)}?at={on}")
                    status, text = answer.status_code, answer.json()["address"]["text"]
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    status, text = 0, type(error).__name__
                took = time.monotonic() - asked
                seen[place].append(f"{asked} {took} {status} {on} {text}")
                turn += READERS / per_second
                if len(seen[place]) == 1:
                    stop.with_suffix(".reading").touch()

    threads = [threading.Thread(target=read, args=(place,)) for place in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write("\n".join(line for own in seen for line in own))


if __name__ == "__main__":
    main()
