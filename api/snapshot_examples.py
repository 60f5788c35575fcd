"""Examples of snapshots for the OpenAPI document."""

from typing import Any

from api.encoding import NDJSON
from api.examples import PROBLEM

SNAPSHOT = """{"snapshot":{"change":31,"within":null,"collections":["divisions"],"kinds":[],"history":"believed","representation":"public"}}
{"table":"division","row":{"division_id":"a0285070-4627-5832-8edc-38064fa614ca","layer":"statutory","recorded_from":1}}
{"end":31}
"""
HASHES: dict[str, Any] = {
    "change": 31,
    "hashes": [
        {
            "table": "division",
            "range": "a",
            "rows": 35,
            "sha256": "04533ac356946ba05d4944402b6cd66c0314cdeb9b86a88587b7958a21832b3a",
        }
    ],
}


def shows_lines(example: str) -> dict[int | str, dict[str, Any]]:
    """The responses of a route that streams lines."""
    return {
        200: {"content": {NDJSON.partition(";")[0]: {"example": example}}},
        "4XX": PROBLEM,
    }
