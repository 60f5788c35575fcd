"""Plate codes: what is made is read back, and nothing else is believed."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from qr.base32 import ALPHABET
from qr.claim import EPOCH, LAST_DAY, ClaimIsMalformed, PlateClaim, PlateKind, key_id_of
from qr.plate_code import (
    SHORT_CHARACTERS,
    PlateCodeIsUnreadable,
    ShortCode,
    SignedCode,
    read_code,
    signed,
    tagged,
)
from qr.symbol import plate_payload
from qr.verification import Finding, SigningKey, TagKey, Trust, verify

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TAG_KEY = bytes(range(32, 64))
TRUST = Trust(signing={key_id_of(PUBLIC): SigningKey(PUBLIC)}, tags={3: TagKey(TAG_KEY)})

numbers = st.integers(0, (1 << 50) - 1)
serials = st.integers(1, 511)
short_codes = st.builds(
    lambda number, serial: tagged(TAG_KEY, number=number, serial=serial, generation=3),
    numbers,
    serials,
)
claims = st.builds(
    PlateClaim,
    key_id=st.just(key_id_of(PUBLIC)),
    number=numbers,
    serial=serials,
    kind=st.sampled_from(PlateKind),
    issued_on=st.integers(0, LAST_DAY).map(lambda days: EPOCH + timedelta(days=days)),
    text=st.text(st.sampled_from("琼头中里湖滨南路0123456789号之A"), max_size=30),
    position=st.none()
    | st.tuples(
        st.integers(-1_800_000, 1_800_000).map(lambda n: n / 10_000),
        st.integers(-900_000, 900_000).map(lambda n: n / 10_000),
    ),
)
signed_codes = claims.map(lambda claim: signed(PRIVATE, claim))
codes = short_codes | signed_codes


def finding(text: str, trust: Trust = TRUST, at_door: int | None = None) -> Finding:
    return verify(text, trust, at_door=at_door).finding


class WhenAPlateIsStruck:
    @given(codes, st.sampled_from(["https://a.cn", "http://127.0.0.1:8000", "https://b.example/x"]))
    def test_it_is_genuine_under_whatever_host(
        self, code: ShortCode | SignedCode, host: str
    ) -> None:
        assert read_code(str(code)) == code
        assert finding(plate_payload(host, str(code))) is Finding.GENUINE
        assert finding(plate_payload(host, str(code)).lower(), at_door=code.number) is (
            Finding.GENUINE
        )

    @given(claims)
    def test_a_claim_has_one_form(self, claim: PlateClaim) -> None:
        assert PlateClaim.parse(claim.canonical) == claim
        for spoiled in (claim.canonical + b"\0", claim.canonical[:-1], b"\2" + claim.canonical[1:]):
            with pytest.raises(ClaimIsMalformed):
                PlateClaim.parse(spoiled)

    def test_a_third_party_finds_the_bytes_the_document_shows(self) -> None:
        claim = PlateClaim(
            key_id=bytes.fromhex("01020304"),
            number=0x1F2E3D4C5B6A7,
            serial=1,
            kind=PlateKind.MEDIUM,
            issued_on=date(2020, 6, 30),
            text="琼头中里9号",
            position=(118.2401, 24.6602),
        )

        assert claim.canonical.hex() == (
            "0101020304" + "01f2e3d4c5b6a7" + "0001" + "1d3e" + "02" + "01"
            "120ac1" + "03c34a" + "10" + "琼头中里9号".encode().hex()
        )

    def test_the_short_form_is_nineteen_characters(self) -> None:
        code = tagged(TAG_KEY, number=5, serial=511, generation=15)

        assert len(str(code)) == SHORT_CHARACTERS == 19
        assert set(str(code)) <= set(ALPHABET)


class WhenAPlateIsNotWhatItSays:
    @given(codes, st.data())
    def test_every_altered_character_is_refused(
        self, code: ShortCode | SignedCode, data: st.DataObject
    ) -> None:
        text = str(code)
        at = data.draw(st.integers(0, len(text) - 1))
        by = data.draw(st.sampled_from([each for each in ALPHABET if each != text[at]]))

        assert finding(text[:at] + by + text[at + 1 :]) is not Finding.GENUINE

    @given(codes, st.data())
    def test_every_truncated_or_lengthened_code_is_refused(
        self, code: ShortCode | SignedCode, data: st.DataObject
    ) -> None:
        text = str(code)
        kept = data.draw(st.integers(0, len(text) - 1))
        more = data.draw(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=30))

        assert finding(text[:kept]) is not Finding.GENUINE
        assert finding(text + more) is not Finding.GENUINE

    @given(numbers, serials, st.binary(min_size=4, max_size=4))
    def test_a_guessed_tag_is_forged(self, number: int, serial: int, tag: bytes) -> None:
        right = tagged(TAG_KEY, number=number, serial=serial, generation=3)
        guessed = ShortCode(number, serial, 3, tag)

        assert (finding(str(guessed)) is Finding.FORGED) == (tag != right.tag)

    @given(claims)
    def test_a_strangers_signature_under_our_key_id_is_forged(self, claim: PlateClaim) -> None:
        assert finding(str(signed(OTHER, claim))) is Finding.FORGED

    @given(signed_codes, claims)
    def test_a_signature_moved_to_another_claim_is_forged(
        self, code: SignedCode, claim: PlateClaim
    ) -> None:
        moved = SignedCode(claim, code.signature)

        assert (finding(str(moved)) is Finding.FORGED) == (claim != code.claim)

    @given(codes, numbers)
    def test_a_code_replayed_on_another_door_is_of_the_wrong_door(
        self, code: ShortCode | SignedCode, door: int
    ) -> None:
        expected = Finding.GENUINE if door == code.number else Finding.WRONG_DOOR

        assert finding(str(code), at_door=door) is expected

    @given(codes)
    def test_a_revoked_plate_is_refused_and_no_other(self, code: ShortCode | SignedCode) -> None:
        gone = (code.number, code.serial)
        trust = Trust(TRUST.signing, TRUST.tags, lambda *plate: plate == gone)
        others = Trust(TRUST.signing, TRUST.tags, lambda *plate: plate != gone)

        assert finding(str(code), trust) is Finding.REVOKED
        assert finding(str(code), others) is Finding.GENUINE

    @given(codes)
    def test_a_key_nobody_published_is_unknown(self, code: ShortCode | SignedCode) -> None:
        assert finding(str(code), Trust({}, {})) is Finding.UNKNOWN_KEY

    @given(codes)
    def test_what_a_revoked_key_made_is_refused(self, code: ShortCode | SignedCode) -> None:
        trust = Trust(
            signing={key_id_of(PUBLIC): SigningKey(PUBLIC, revoked=True)},
            tags={3: TagKey(TAG_KEY, revoked=True)},
        )

        assert finding(str(code), trust) is Finding.KEY_REVOKED

    @given(codes)
    def test_without_the_issuer_only_the_signed_form_can_be_judged(
        self, code: ShortCode | SignedCode
    ) -> None:
        offline = Trust(TRUST.signing)
        judged = isinstance(code, SignedCode)

        assert finding(str(code), offline) is (Finding.GENUINE if judged else Finding.NEEDS_ISSUER)

    @given(st.text(max_size=200))
    def test_any_text_is_read_or_refused_in_words(self, text: str) -> None:
        try:
            code = read_code(text)
        except PlateCodeIsUnreadable:
            return
        assert finding(text) is not Finding.UNREADABLE
        assert read_code(str(code)) == code
