"""A district with as many doors as a drill needs, and the two papers it is drilled on."""

from typing import Any
from uuid import UUID, uuid5

import numpy as np
from sqlalchemy import Engine, text

from registry.addresses.address_code import codes
from registry.addresses.tables import address, address_version, addressable_object
from tests.builder import RegistryBuilder

DOORS = UUID("5a3b3b53-2c3f-5a47-9b0a-0c9a1d0e7f11")
VILLAGES = 40
ON = "2027-01-06"
DECREE = {"authority": "福建省人民政府", "number": "闽政文〔2026〕1号", "approved_on": "2026-12-01"}
TOWN, OTHER = "350213102", "350213103"
CONVERSION: dict[str, Any] = {
    "title": "撤销马巷镇,设立马巷街道",
    "effective_on": ON,
    "decree": DECREE,
    "operations": [
        {
            "retype": {
                "division": TOWN,
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
            }
        }
    ],
}
"""Changes the text of every door and writes a handful of rows."""


def village(place: int) -> str:
    """The code of one of the villages that have doors."""
    return f"{TOWN}{200 + place:03d}"


def merging() -> dict[str, Any]:
    """Every village with doors but one is absorbed by that one: all their doors are rewritten."""
    ended = [village(place) for place in range(1, VILLAGES)]
    return {
        "title": "马巷镇并村",
        "effective_on": ON,
        "decree": DECREE,
        "operations": [{"absorb": {"divisions": ended, "into": village(VILLAGES)}}],
    }


def build(engine: Engine, doors: int) -> list[str]:
    """The district, its doors spread over the villages; returns their codes."""
    builder = RegistryBuilder(engine)
    names = {"35": "福建省", "3502": "厦门市", "350213": "翔安区", TOWN: "马巷镇", OTHER: "新圩镇"}
    names |= {village(place): f"第{place}村" for place in range(1, VILLAGES + 1)}
    names |= {f"{OTHER}{200 + place}": f"圩{place}村" for place in range(1, 20)}
    builder.tree(names)
    builder.squares(*(code for code in names if len(code) == 12))
    made = codes(np.arange(1, doors + 1, dtype=np.uint64) * np.uint64(1_000_003))
    with builder.work("doors") as work:
        keys = [(uuid5(DOORS, f"o{code}"), uuid5(DOORS, f"a{code}"), code) for code in made]
        work.copy(
            addressable_object,
            ("object_id", "kind"),
            ((one, "site") for one, _address, _code in keys),
            cause="import",
        )
        work.copy(
            address,
            ("address_id", "code", "object_id", "generated"),
            ((own, code, one, "t") for one, own, code in keys),
            cause="import",
        )
        homes = [builder.ids[village(place)] for place in range(1, VILLAGES + 1)]
        work.copy(
            address_version,
            ("address_id", "division_id", "number", "stage", "valid"),
            (
                (own, homes[place % VILLAGES], place // VILLAGES + 1, "current", "[2000-01-01,)")
                for place, (_object, own, _code) in enumerate(keys)
            ),
            cause="import",
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return made
