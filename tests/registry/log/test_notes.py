"""Signed notes, checkpoints and the way trust goes from one key to the next."""

import base64
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import NoteIsInvalid
from registry.log.keychain import KeyStatement, introduce, trusted_keys
from registry.log.notes import Checkpoint, SigningKey, VerifierKey, open_note, sign_note
from tests.registry.log import independent

ROOT = bytes(range(32))


def key(name: str = "registry.example/log") -> SigningKey:
    return SigningKey(name, Ed25519PrivateKey.generate())


class TheNote:
    def test_opens_with_the_key_that_signed_it(self) -> None:
        own, other = key(), key()
        note = sign_note(Checkpoint(own.name, 7, ROOT).text, [own, other])

        text, by = open_note(note, [own.verifier])

        assert by == [own.verifier]
        assert Checkpoint.parse(text) == Checkpoint(own.name, 7, ROOT)
        assert independent.signers(note, [own.verifier.text]) == (text, {own.verifier.text})

    def test_is_not_believed_from_a_stranger(self) -> None:
        with pytest.raises(NoteIsInvalid):
            open_note(sign_note("text\n", [key()]), [key().verifier])

    @given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
    def test_is_not_believed_once_altered(self, place: int, flip: int) -> None:
        own = key()
        note = sign_note("变更 41\n根 abc\n", [own])
        raw = bytearray(note.encode())
        raw[place % len(raw)] ^= flip
        try:
            text = raw.decode()
            opened = open_note(text, [own.verifier])[0]
        except (NoteIsInvalid, UnicodeDecodeError):
            return
        # What passes must be the same text under the same signature, written otherwise.
        assert opened == "变更 41\n根 abc\n"

    @pytest.mark.parametrize(
        "text", ["", "text", "a\n\nb\n", "x\n\n— name !!!!\n", "x\n\n— name QQ==\n"]
    )
    def test_is_refused_when_it_is_none(self, text: str) -> None:
        with pytest.raises(NoteIsInvalid):
            open_note(text, [key().verifier])


class TheVerifierKey:
    def test_reads_as_it_is_written(self) -> None:
        own = key().verifier

        assert VerifierKey.parse(own.text) == own
        assert independent.parse_key(own.text) == (own.name, own.key_id, own.public)

    @pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "+1+2", "a+b+c+d"])
    def test_is_refused_when_it_is_none(self, text: str) -> None:
        with pytest.raises(NoteIsInvalid):
            VerifierKey.parse(text)

    def test_does_not_take_another_id(self) -> None:
        own = key().verifier
        name, _id, encoded = own.text.split("+", 2)

        with pytest.raises(NoteIsInvalid):
            VerifierKey.parse(f"{name}+00000000+{encoded}")


class TheCheckpoint:
    @pytest.mark.parametrize("text", ["", "a\nb\nc\n", "a\n1\nAAAA\n", "a\n-1\nAAAA\n"])
    def test_is_refused_when_it_is_none(self, text: str) -> None:
        with pytest.raises(NoteIsInvalid):
            Checkpoint.parse(text)


class WhenTheKeyIsRotated:
    def statements(self, *keys: SigningKey) -> list[KeyStatement]:
        root = base64.b64encode(ROOT).decode()
        first = KeyStatement(keys[0].verifier.text, None)
        later = [
            KeyStatement(new.verifier.text, introduce(old, new, size=3, root=root))
            for old, new in pairwise(keys)
        ]
        return [first, *later]

    def test_trust_goes_on_from_key_to_key(self) -> None:
        keys = [key() for _ in range(4)]

        trusted = trusted_keys(self.statements(*keys), [keys[0].verifier])

        assert trusted == [one.verifier for one in keys]

    def test_who_trusts_a_later_key_does_not_trust_the_earlier(self) -> None:
        keys = [key() for _ in range(3)]

        trusted = trusted_keys(self.statements(*keys), [keys[1].verifier])

        assert trusted == [keys[1].verifier, keys[2].verifier]

    def test_nobody_introduces_himself(self) -> None:
        true, thief, other = key(), key(), key()
        root = base64.b64encode(ROOT).decode()
        statements = [
            KeyStatement(true.verifier.text, None),
            KeyStatement(thief.verifier.text, introduce(thief, thief, size=3, root=root)),
            KeyStatement(other.verifier.text, introduce(thief, other, size=3, root=root)),
            KeyStatement(thief.verifier.text, introduce(true, other, size=3, root=root)),
            KeyStatement(thief.verifier.text, None),
        ]

        assert trusted_keys(statements, [true.verifier]) == [true.verifier]
