"""Examples of the verifiable log for the OpenAPI document."""

from typing import Any

from api.examples import PROBLEM, shows

__all__ = [
    "CHECKPOINT",
    "CONSISTENCY",
    "INCLUSION",
    "KEYS",
    "RECORDS",
    "SIGNATURE",
    "shows",
    "shows_text",
]

ROOT = "CD83o+kM3tqgwJ34+ipG0KRL2o+qj+H2YDILcONODwo="
KEY = "place-registry/0a1b2c3d4e5f+6ad41fd0+AXAOnGJcHBtJXnaJbmiA9RbWJyMdUsFAhjT8Qc5LHCWW"
CHECKPOINT = f"""place-registry/0a1b2c3d4e5f
41
{ROOT}

— place-registry/0a1b2c3d4e5f atQf0KYsk0nzuu4Ak4FiSPwJDgW5vMCkJ4aUy1Yq0Cj5kRQ9yZ6mQ7cC9b0fUVo1mW
"""
SIGNATURE = """place-registry/crosswalk/v1
from 2020-06-30 known 41
to 2022-10-31 known 41
within all
level 4
format csv
change 41
sha256 04533ac356946ba05d4944402b6cd66c0314cdeb9b86a88587b7958a21832b3a

— place-registry/0a1b2c3d4e5f atQf0KYsk0nzuu4Ak4FiSPwJDgW5vMCkJ4aUy1Yq0Cj5kRQ9yZ6mQ7cC9b0fUVo1mW
"""
RECORD = (
    '{"number":31,"recorded_at":"2026-01-01T00:00:00.000001Z","author":"demo","verb":"change",'
    '"title":"撤销马巷镇、新店镇,设立马巷街道、新店街道","effective_on":"2021-01-06",'
    '"restructuring_id":null,"source_key":null,"decree_id":null,"decree":null,"rows":[]}'
)
INCLUSION: dict[str, Any] = {
    "change": 31,
    "leaf_index": 30,
    "size": 41,
    "record": RECORD,
    "leaf_hash": ROOT,
    "path": [ROOT, ROOT],
    "root": ROOT,
}
CONSISTENCY: dict[str, Any] = {
    "first": 31,
    "second": 41,
    "path": [ROOT, ROOT],
    "first_root": ROOT,
    "second_root": ROOT,
}
KEYS: dict[str, Any] = {
    "keys": [
        {
            "key_id": "6ad41fd0",
            "key": KEY,
            "origin": "place-registry/0a1b2c3d4e5f",
            "algorithm": "Ed25519",
            "since_size": 0,
            "created_at": "2026-01-01T00:00:00Z",
            "retired_at": None,
            "introduction": None,
        }
    ]
}
RECORDS = f"""{RECORD}
{{"table":"division_version","side":"old","row":{{"version_id":570,"division_id":"a0285070-4627-5832-8edc-38064fa614ca"}}}}
{{"end":31}}
"""


def shows_text(example: str, media_type: str = "text/plain") -> dict[int | str, dict[str, Any]]:
    """The responses of a route that answers with text."""
    return {
        200: {"content": {media_type.partition(";")[0]: {"example": example}}},
        "4XX": PROBLEM,
    }
