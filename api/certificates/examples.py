"""Examples of certificates in the OpenAPI document."""

from typing import Any

CERTIFICATE: dict[str, Any] = {
    "certificate": {
        "type": "place-registry/address-certificate/v1",
        "issuer": "https://dz.example.cn",
        "issued_on": "2026-01-01",
        "at": "2020-12-31",
        "change": 42,
        "address_code": "6A0DNQ03K1AR",
        "address": "福建省厦门市翔安区马巷镇琼头村琼头中里9号",
        "legal_address": "福建省厦门市翔安区琼头中里9号",
        "romanised": "Fújiàn Shěng Xiàmén Shì Xiáng'ān Qū Mǎxiàng Zhèn Qióngtóu Cūn Qióngtóu Zhōnglǐ 9 Hào",
        "english": "No. 9 Qióngtóu Zhōnglǐ, Qióngtóu Village, Mǎxiàng Town, Xiáng'ān District, Xiàmén City, Fújiàn Province, China",
        "plate": "琼头中里9号",
        "status": "current",
        "generated": False,
        "divisions": [{"name": "福建省", "kind": "province", "code": "35"}],
        "position": {
            "lon": "118.240100",
            "lat": "24.660200",
            "crs": "EPSG:4490",
            "accuracy_m": "5",
        },
        "former": [],
    },
    "seal": "R40G2081061Y5SM…",
}
CHECKED: dict[str, Any] = {
    "finding": "genuine",
    "genuine": True,
    "key_id": "7f3a1c1e",
    "address_code": "6A0DNQ03K1AR",
    "address": "福建省厦门市翔安区马巷镇琼头村琼头中里9号",
    "at": "2020-12-31",
    "issued_on": "2026-01-01",
    "change": 42,
}
