"""Examples of plates in the OpenAPI document."""

from typing import Any

PLATE: dict[str, Any] = {
    "id": "0c5a5f1e-7a1b-4c0e-9a5e-5f0e6d1c2b3a",
    "address_code": "6A0DNQ03K1AR",
    "serial": 1,
    "kind": "small",
    "state": "installed",
    "text": "琼头中里9号",
    "romanisation": "Qióngtóu Zhōnglǐ",
    "issued_on": "2020-06-30",
    "since": "2020-07-03",
    "reason": None,
    "spot": {"lon": 118.2401, "lat": 24.6602},
    "photo_sha256": None,
}
PLATES = {"plates": [PLATE], "next": None}
KEYS = {
    "keys": [
        {
            "purpose": "signature",
            "generation": 0,
            "key_id": "7f3a1c1e",
            "public": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "verifier": "place-registry/plates+1a2b3c4d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
            "made_at": "2026-01-01T00:00:00Z",
            "revoked_at": None,
            "introduction": None,
        }
    ],
    "claim": "place-registry/plate-claim/v1",
}
REVOCATIONS = {
    "count": 1,
    "parameter": 20,
    "set": "2sOfPw==",
    "key_id": "7f3a1c1e",
    "signature": "00",
}
VERDICT: dict[str, Any] = {
    "finding": "genuine",
    "genuine": True,
    "meaning_zh": "真牌：由本登记库核发，仍然有效",
    "meaning_en": "Genuine: issued by this registry and in force",
    "address_code": "6A0DNQ03K1AR",
    "address": "福建省厦门市翔安区凤翔街道琼头社区琼头中里9号",
    "text_now": "琼头中里9号",
    "form": "short",
    "claim": None,
    "plate": PLATE,
    "expected": PLATE,
    "distance_m": None,
}
REPRINTS = {
    "plates": [
        {
            "plate": PLATE,
            "ought_to_show": "琼头中里9号",
            "need": "none",
            "rank": 5,
            "valid": True,
        }
    ],
    "counts": {"none": 1},
    "next": None,
}
ORDER = {
    "id": "2f3a1c1e-6f0d-4c55-9a35-0a8f6ad8b4c7",
    "division_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7",
    "purpose": "reprint",
    "opened_at": "2026-01-01T00:00:00Z",
    "closed_at": None,
    "items": [
        {
            "rank": 1,
            "plate_id": "0c5a5f1e-7a1b-4c0e-9a5e-5f0e6d1c2b3a",
            "address_code": "6A0DNQ03K1AR",
            "shown_text": "琼头中里9号",
            "need": "damaged",
            "done_on": None,
        }
    ],
}
DEFECTS = {
    "defects": [
        {
            "defect_id": "3f3a1c1e-6f0d-4c55-9a35-0a8f6ad8b4c7",
            "rule": "plate-revoked-in-use",
            "plate_id": "0c5a5f1e-7a1b-4c0e-9a5e-5f0e6d1c2b3a",
            "address_code": "6A0DNQ03K1AR",
            "first_found_on": "2026-01-01",
            "last_found_on": "2026-01-02",
            "times": 2,
            "closed_on": None,
        }
    ]
}
