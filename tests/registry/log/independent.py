"""A verifier written from docs/log.md alone: nothing of the product is imported."""

import base64
import hashlib
import json
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Untrue(Exception):
    """The file does not prove itself."""


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\x01", root(leaves[:split]), root(leaves[split:]))


def check_rows(record: bytes, rows: list[bytes]) -> None:
    bound = [(r["table"], r["old"], r["new"], r["sha256"]) for r in json.loads(record)["rows"]]
    tables: dict[str, list[bytes]] = {}
    for row in rows:
        table = json.loads(row)["table"]
        if table in tables and table != list(tables)[-1]:
            raise Untrue("rows of a table not together")
        tables.setdefault(table, []).append(row)
    found = []
    for table, lines in tables.items():
        sides = [json.loads(line)["side"] for line in lines]
        digest = sha(*(sha(line) for line in lines)).hex()
        found.append((table, sides.count("old"), sides.count("new"), digest))
    if found != bound:
        raise Untrue(f"rows of {json.loads(record)['number']}")


def leaves_of(lines: Iterable[bytes]) -> list[bytes]:
    leaves: list[bytes] = []
    record, rows = b"", []
    for line in lines:
        if line.startswith(b'{"number":'):
            if record:
                check_rows(record, rows)
            record, rows = line, []
            leaves.append(sha(b"\x00", line))
            if json.loads(line)["number"] != len(leaves):
                raise Untrue("numbers")
        elif line.startswith(b'{"table":'):
            rows.append(line)
        else:
            raise Untrue("a strange line")
    if record:
        check_rows(record, rows)
    return leaves


def parse_key(text: str) -> tuple[str, bytes, bytes]:
    name, key_id, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded)
    if raw[:1] != b"\x01" or sha(name.encode(), b"\n", raw)[:4].hex() != key_id:
        raise Untrue("key")
    return name, bytes.fromhex(key_id), raw[1:]


def signers(note: str, keys: Iterable[str]) -> tuple[str, set[str]]:
    text, _gap, tail = note.rpartition("\n\n")
    text += "\n"
    found: set[str] = set()
    for line in tail.splitlines():
        dash, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded)
        for key in keys:
            own, key_id, public = parse_key(key)
            if dash == "—" and own == name and raw[:4] == key_id:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
                except InvalidSignature as error:
                    raise Untrue("signature") from error
                found.add(key)
    return text, found


def verify(export: bytes, trusted: str) -> int:
    """Changes in an export that is proven to be whole and signed; raises Untrue otherwise."""
    header, *lines, last, end = export.split(b"\n")
    if end or not last.startswith(b'{"checkpoint":'):
        raise Untrue("cut short")
    keys = {trusted}
    for one in json.loads(header)["keys"]:
        if one["introduction"]:
            text, by = signers(one["introduction"], {*keys, one["key"]})
            named = f"new {one['key']}" in text.splitlines()
            if named and one["key"] in by and any(f"old {key}" in text for key in by & keys):
                keys.add(one["key"])
    text, by = signers(json.loads(last)["checkpoint"], keys)
    if not by:
        raise Untrue("nobody trusted signed")
    origin, size, encoded = text.splitlines()[:3]
    leaves = leaves_of(lines)
    if (origin, int(size)) != (json.loads(header)["origin"], len(leaves)):
        raise Untrue("size")
    if base64.b64decode(encoded) != root(leaves):
        raise Untrue("root")
    return len(leaves)
