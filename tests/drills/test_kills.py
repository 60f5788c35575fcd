"""An act is killed at random moments: it is wholly there or not at all.

The drills' size is a matter of patience: DRILL_KILLS (200) of each kind, on DRILL_DOORS (300,000)
doors for the act that changes texts, DRILL_REWRITTEN_DOORS (100,000) for the one that rewrites them.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cluster import Cluster, cluster_at
from tests.drills.crowd import CONVERSION, merging
from tests.drills.killing import Arena, Blow, tally

PAPERS: dict[str, dict[str, Any]] = {"conversion": CONVERSION, "merging": merging()}
KILLS = int(os.environ.get("DRILL_KILLS", "200"))
DOORS = {
    "conversion": int(os.environ.get("DRILL_DOORS", "300000")),
    "merging": int(os.environ.get("DRILL_REWRITTEN_DOORS", "100000")),
}
WEIGHTS = (6, 2, 2)
SOUND_EVERY = 50
"""Blows after which the whole log and all invariants are asked; they are at the end in any case."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster that may be killed; it waits for its disk like a real one."""
    with tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        made = cluster_at(Path(home))
        made.start()
        yield made
        made.stop()


class WhenItIsKilled:
    def test_an_act_is_wholly_there_or_not_at_all(self, cluster: Cluster) -> None:
        with Arena(cluster, 1000, PAPERS["merging"]) as arena:
            for blow in (Blow.WORKER, Blow.BACKEND, Blow.SERVER):
                arena.strike(blow)

            arena.verify()

    @pytest.mark.drill
    @pytest.mark.parametrize("kind", list(PAPERS))
    def test_an_act_on_very_many_doors_is_wholly_there_or_not_at_all(
        self, cluster: Cluster, kind: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        chance, outcomes = random.Random(7), []
        with Arena(cluster, DOORS[kind], PAPERS[kind]) as arena:
            began = time.monotonic()
            for number in range(1, KILLS + 1):
                (blow,) = chance.choices(list(Blow), WEIGHTS)
                outcomes.append(arena.strike(blow))
                if number % SOUND_EVERY == 0:
                    arena.verify()

            arena.verify()
        with capsys.disabled():
            sys.stdout.write(
                f"{kind}, {DOORS[kind]} doors, {arena.takes_s:.1f} s undisturbed, {len(outcomes)} "
                f"kills in {time.monotonic() - began:.0f} s: {tally(outcomes)}\n"
            )
        assert {one.whole for one in outcomes} == {True, False}
