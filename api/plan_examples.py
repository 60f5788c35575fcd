"""Examples of plan comparisons and proposals for the OpenAPI document."""

from typing import Any

from api.examples import FILED, PREVIEW

WISH: dict[str, Any] = {
    "within": ["350213102", "350213104"],
    "k": 4,
    "effective_on": "2027-01-01",
    "min_population": 30000,
    "max_population": 60000,
    "seed": 1,
    "count": 3,
}
PROPOSALS: dict[str, Any] = {
    "proposals": [
        {
            "seed": 3,
            "spread_km2": 8.7,
            "units": [
                {
                    "name": "马巷街道",
                    "code": "350213008",
                    "villages": ["五星社区", "琼头社区"],
                    "population": 41750,
                    "area_m2": 34700000.0,
                }
            ],
            "paper": {
                "title": "重组方案1",
                "effective_on": "2027-01-01",
                "operations": [
                    {
                        "retype": {
                            "division": "350213102",
                            "kind": "subdistrict",
                            "name": "马巷街道",
                            "code": "350213008",
                        }
                    }
                ],
            },
            "yaml": "title: 重组方案1\n…",
        }
    ]
}
COMPARISON: dict[str, Any] = {
    "scenarios": [
        {
            "id": FILED["id"],
            "title": FILED["title"],
            "state": "draft",
            "effective_on": "2027-01-01",
            "digest": PREVIEW["digest"],
        }
    ],
    "figures": [
        {
            "figure": "plates_remake",
            "unit": "",
            "values": [1200, 90],
            "better": "less",
            "best": [1],
        }
    ],
    "divisions": [[]],
    "breaches": [[]],
}
