"""Who may do what: keys with roles; only a digest of each key is stored."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, func, insert, select, update

from api.problems import Refusal
from registry.restructuring.tables import api_key

ROLES = ("public", "reporter", "surveyor", "reviewer", "approver", "integrator", "administrator")
DEMO_KEYS = "demo-keys.json"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody or something with a key."""

    name: str
    role: str


def create_key(connection: Connection, *, holder: str, role: str) -> str:
    """A new key; shown once, never stored."""
    secret = f"pr_{role[:3]}_{secrets.token_urlsafe(24)}"
    connection.execute(
        insert(api_key).values(
            key_id=uuid4(), holder=holder, role=role, secret_sha256=_digest(secret)
        )
    )
    return secret


def revoke_keys(connection: Connection, *, holder: str) -> int:
    """End every key of a holder; returns how many."""
    done = connection.execute(
        update(api_key)
        .where(api_key.c.holder == holder, api_key.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    return done.rowcount


def find_holder(connection: Connection, secret: str) -> Holder | None:
    """Whose key this is, if it is in force."""
    row = connection.execute(
        select(api_key.c.holder, api_key.c.role).where(
            api_key.c.secret_sha256 == _digest(secret), api_key.c.revoked_at.is_(None)
        )
    ).first()
    return None if row is None else Holder(row.holder, row.role)


def require(*roles: str) -> Callable[[Request], Holder]:
    """A dependency that lets only these roles (and administrators) pass."""

    def check(request: Request) -> Holder:
        secret = _presented(request)
        if secret is None:
            raise Refusal(
                "key-is-missing", HTTPStatus.UNAUTHORIZED, "send a key: Authorization: Bearer KEY"
            )
        engine: Engine = request.app.state.engine
        with engine.connect() as connection:
            holder = find_holder(connection, secret)
        if holder is None:
            raise Refusal(
                "key-is-missing", HTTPStatus.UNAUTHORIZED, "that key is unknown or revoked"
            )
        if holder.role not in (*roles, "administrator"):
            needed = " / ".join(roles)
            raise Refusal(
                "role-is-missing",
                HTTPStatus.FORBIDDEN,
                f"this needs the role {needed}",
                role=needed,
            )
        return holder

    return check


Reviewer = Annotated[Holder, Depends(require("reviewer"))]
Approver = Annotated[Holder, Depends(require("approver"))]
Integrator = Annotated[Holder, Depends(require("integrator"))]
Staff = Annotated[Holder, Depends(require("surveyor", "reviewer", "approver"))]


def ensure_demo_keys(engine: Engine, home: Path) -> dict[str, str]:
    """One ready-made key per role, the same at every start while the file and database agree."""
    file = home / DEMO_KEYS
    kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    with engine.connect() as connection:
        known = {role for role, key in kept.items() if find_holder(connection, key) is not None}
        keys = {
            role: kept[role]
            if role in known
            else create_key(connection, holder=f"demo-{role}", role=role)
            for role in ROLES
        }
        connection.commit()
    if keys != kept:
        file.touch(mode=0o600)
        file.write_text(json.dumps(keys, indent=1))
    return keys


def _presented(request: Request) -> str | None:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    # A browser sends a password to every page by itself, also when another site asks it to post.
    if scheme.lower() == "basic" and request.method in ("GET", "HEAD"):
        return _password(token)
    return request.headers.get("x-api-key")


def _password(credentials: str) -> str | None:
    """The password of HTTP Basic (RFC 7617), which is the key; the user name is not looked at."""
    try:
        _user, colon, password = (
            base64.b64decode(credentials, validate=True).decode().partition(":")
        )
    except ValueError:
        return None
    return password if colon else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
