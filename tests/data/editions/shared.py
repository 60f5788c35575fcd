"""Data that may be used but not shipped: read from the data room beside the checkout if it is there."""

import csv
import gzip
import os
from pathlib import Path

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
FIRST = SHARED / "cn_divisions" / "nbs_villages_fujian_2009.csv.gz"
TOWNSHIPS = SHARED / "cn_divisions" / "nbs_townships_fujian.csv.gz"
COUNTIES_BY_YEAR = SHARED / "cn_county_history" / "county_codes_by_year.csv.gz"


def records(path: Path) -> list[dict[str, str]]:
    """The rows of a gzipped list."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))
