"""Seals of certificates: what was sealed is proven, and nothing else is."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from qr.base32 import bytes_to_text, text_to_bytes
from qr.certificate import (
    DocumentIsUnfit,
    Seal,
    SealIsUnreadable,
    canonical,
    judge,
    read_seal,
    sealed,
)
from qr.claim import EPOCH, key_id_of
from qr.verification import Finding, SigningKey

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEYS = {key_id_of(PUBLIC): SigningKey(PUBLIC)}
DOCUMENT: dict[str, Any] = {
    "address": "翔安区琼头中里9号",
    "at": "2020-12-31",
    "change": 42,
    "divisions": [{"name": "翔安区", "code": None}],
    "generated": False,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
DAYS = st.dates(EPOCH - timedelta(days=20_000), EPOCH + timedelta(days=60_000))


def seal(document: dict[str, Any] = DOCUMENT, **more: Any) -> Seal:
    values: dict[str, Any] = {
        "key_id": key_id_of(PUBLIC),
        "number": 0x1F2E3D4C5B6A7,
        "at": date(2020, 12, 31),
        "issued_on": date(2026, 1, 1),
        "change": 42,
        "text": "翔安区琼头中里9号",
    }
    return sealed(PRIVATE, document, **{**values, **more})


class WhenACertificateIsSealed:
    @given(st.integers(0, 2**50 - 1), DAYS, DAYS, st.integers(0, 2**32 - 1), st.text(max_size=40))
    def test_the_seal_reads_back_as_it_was_made(
        self, number: int, at: date, issued_on: date, change: int, text: str
    ) -> None:
        made = seal(number=number, at=at, issued_on=issued_on, change=change, text=text)

        for written in (str(made), f"HTTPS://A.CN/C/{made}", str(made).lower()):
            assert read_seal(written).claim.canonical == made.claim.canonical
            assert judge(written, KEYS, DOCUMENT).finding is Finding.GENUINE

    def test_no_changed_bit_goes_unnoticed(self) -> None:
        raw = text_to_bytes(str(seal()))

        for at in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[at // 8] ^= 1 << at % 8
            found = judge(bytes_to_text(bytes(changed)), KEYS).finding
            assert found in {Finding.FORGED, Finding.UNREADABLE, Finding.UNKNOWN_KEY}

    @pytest.mark.parametrize("cut", [1, 5, 100])
    def test_nothing_cut_off_or_added_is_read(self, cut: int) -> None:
        whole = str(seal())

        for text in (whole[:-cut], whole + "0" * cut, whole[cut:], "", "/C/", "HTTPS://A.CN/P/1"):
            with pytest.raises(SealIsUnreadable):
                read_seal(text)

    def test_a_key_nobody_published_or_that_was_lost_proves_nothing(self) -> None:
        lost = {key_id_of(PUBLIC): SigningKey(PUBLIC, revoked=True)}

        assert judge(str(seal()), {}).finding is Finding.UNKNOWN_KEY
        assert judge(str(seal()), lost).finding is Finding.KEY_REVOKED


class TheDocument:
    @given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
    def test_keeps_its_seal_however_its_json_is_written(self, document: dict[str, Any]) -> None:
        try:
            made = str(seal(document))
        except DocumentIsUnfit:
            return
        again = json.loads(json.dumps(document, indent=3, ensure_ascii=True))

        assert judge(made, KEYS, again).finding is Finding.GENUINE

    @pytest.mark.parametrize(
        "changed",
        [
            {"address": "翔安区琼头中里8号"},
            {"change": 43},
            {"generated": True},
            {"divisions": []},
            {"more": None},
        ],
    )
    def test_that_was_altered_is_forged(self, changed: dict[str, Any]) -> None:
        assert judge(str(seal()), KEYS, {**DOCUMENT, **changed}).finding is Finding.FORGED

    def test_holds_no_fractions_no_half_characters_and_no_depths(self) -> None:
        nested = json.loads('{"a":' * 600 + "1" + "}" * 600)
        for unfit in ({"lon": 118.1}, {"deep": [{"x": 1.0}]}, {"text": "\ud800"}, nested):
            with pytest.raises(DocumentIsUnfit):
                canonical(unfit)
            assert judge(str(seal()), KEYS, unfit).finding is Finding.FORGED
