"""The preview of a plan that touches every door of a town, beside a bare count of the same rows."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from benchmarks.measure import Measured, compared, seconds
from benchmarks.town import UPPER, VILLAGES, village_code
from registry.addresses.tables import address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.restructuring import commands
from registry.restructuring.door_texts import stream_csv
from registry.restructuring.paper import read_paper

NAME = "preview"
ON = date(2021, 1, 6)
COUNTY = UPPER[-2][0]
PAPER = {
    "title": "撤镇设街并析置街道",
    "effective_on": ON.isoformat(),
    "operations": [
        {
            "retype": {
                "division": UPPER[-1][0],
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": f"{COUNTY}002",
            }
        },
        {
            "establish": {
                "name": "凤翔街道",
                "kind": "subdistrict",
                "parent": COUNTY,
                "code": f"{COUNTY}004",
            }
        },
        {
            "transfer": {
                "divisions": [village_code(place) for place in range(VILLAGES // 2)],
                "to": f"{COUNTY}004",
            }
        },
        {"rename": {"division": village_code(VILLAGES - 1), "name": "改名社区"}},
    ],
}
LIMIT_S = 10.0
"""What the issue of previews promises for 300,000 affected addresses on two cores."""


def preview_of_a_town(url: str, *, doors: int, repeats: int) -> list[Measured]:
    """Seconds of the whole preview and of the table of all addresses, against a bare count."""
    engine = make_engine(url)
    paper, name = read_paper(PAPER), f"{NAME} of {doors:,} affected addresses"
    shown, table, bare = [], [], []
    with engine.connect() as connection:
        at = AsOf(ON, ChangeStore(connection).head())
        count = (
            select(func.count())
            .select_from(address_version)
            .where(address_version.c.stage == "current", seen_at(address_version, at))
        )

        def preview() -> None:
            found = commands.preview_paper(connection, paper)
            assert found.addresses.full_text_changes == doors

        def stream() -> None:
            done = commands.study_paper(connection, paper)
            lines = sum(1 for _line in stream_csv(connection, done.addresses()))
            assert lines == doors + 1

        for _ in range(repeats):
            bare.append(seconds(lambda: connection.scalar(count)))
            shown.append(seconds(preview))
            table.append(seconds(stream))
    engine.dispose()
    return _figures(name, shown, table, bare)


def _figures(
    name: str, shown: Sequence[float], table: Sequence[float], bare: Sequence[float]
) -> list[Measured]:
    limit = Measured(name, "bare count of the same rows", "s", tuple(bare))
    promised = Measured(name, "promised", "s", tuple(LIMIT_S for _ in shown))
    whole = Measured(name, "every figure", "s", tuple(shown))
    return [
        compared(whole, limit),
        compared(Measured(name, "every figure, of what is promised", "s", whole.values), promised),
        compared(Measured(name, "table of texts before and after", "s", tuple(table)), limit),
        limit,
    ]
