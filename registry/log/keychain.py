"""Who may sign: how trust goes from one key of the log to the next (密钥更替)."""

from collections.abc import Sequence

import msgspec

from registry.errors import NoteIsInvalid
from registry.log.notes import SigningKey, VerifierKey, open_note, sign_note

ROTATION = "place-registry/key-rotation/v1"


class KeyStatement(msgspec.Struct, frozen=True):
    """A key as the log publishes it."""

    key: str
    """In C2SP's form: name+id+base64."""
    introduction: str | None
    """The rotation note by which the key before vouches for it."""


def introduce(old: SigningKey, new: SigningKey, *, size: int, root: str) -> str:
    """The rotation note: the old key names the new one, and both sign.

    Args:
        size: changes in the log at the time.
        root: of the tree at that size, base64.
    """
    text = _statement(old.verifier, new.verifier, size=size, root=root)
    return sign_note(text, [old, new])


def trusted_keys(
    statements: Sequence[KeyStatement], anchors: Sequence[VerifierKey]
) -> list[VerifierKey]:
    """The keys that those already trusted lead to, themselves first.

    A statement whose note is false or names other keys leads nowhere.
    """
    trusted = list(anchors)
    for statement in statements:
        key = VerifierKey.parse(statement.key)
        if key not in trusted and _vouched(key, statement.introduction, trusted):
            trusted.append(key)
    return trusted


def _vouched(key: VerifierKey, note: str | None, trusted: Sequence[VerifierKey]) -> bool:
    if note is None:
        return False
    try:
        text, old_signers = open_note(note, trusted)
        _text, _new_signer = open_note(note, [key])
    except NoteIsInvalid:
        return False
    lines = text.splitlines()
    old = {f"old {signer.text}" for signer in old_signers}
    return lines[:1] == [ROTATION] and f"new {key.text}" in lines and bool(old & set(lines))


def _statement(old: VerifierKey, new: VerifierKey, *, size: int, root: str) -> str:
    return f"{ROTATION}\nold {old.text}\nnew {new.text}\nsize {size}\nroot {root}\n"
