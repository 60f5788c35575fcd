"""Settings, read once from the environment; each is described in docs/settings.md."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from registry.database import driver_url

DEFAULT_ADDRESSES = 50_000
Network = IPv4Network | IPv6Network


class SettingIsWrong(ValueError):
    """A setting cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside."""

    host: str
    port: int
    home: Path
    database_url: str | None
    """An existing PostGIS; None: the private cluster under `home`."""
    database_read_url: str | None
    database_port: int | None
    """A TCP port on loopback for the private cluster; None: unix socket only."""
    public_url: str
    demo: bool
    demo_addresses: int
    outlines: Path | None
    """District outlines to use instead of the fetched package."""
    log_origin: str | None
    """The name the log signs under; None: one made up when the first key is."""
    webhook_allow: tuple[Network, ...]
    """Networks that webhooks may reach although they are private."""
    webhook_retry_s: float
    """The longest wait after the first failed delivery; it doubles with each."""
    language: str
    """zh or en: what the command line speaks."""


NAMES = (
    "HOST",
    "PORT",
    "REGISTRY_HOME",
    "DATABASE_URL",
    "DATABASE_READ_URL",
    "REGISTRY_DB_PORT",
    "PUBLIC_URL",
    "REGISTRY_DEMO",
    "REGISTRY_DEMO_ADDRESSES",
    "REGISTRY_OUTLINES",
    "LOG_ORIGIN",
    "WEBHOOK_ALLOW",
    "WEBHOOK_RETRY_MS",
    "LANG",
)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises:
        SettingIsWrong: a number is not one, or out of range.
    """
    env = os.environ if environment is None else environment
    host = env.get("HOST") or "127.0.0.1"
    port = _number(env, "PORT", 8000, top=65535)
    url, read_url = env.get("DATABASE_URL"), env.get("DATABASE_READ_URL")
    db_port = env.get("REGISTRY_DB_PORT")
    outlines = env.get("REGISTRY_OUTLINES")
    return Settings(
        host=host,
        port=port,
        home=Path(env.get("REGISTRY_HOME") or ".registry").absolute(),
        database_url=driver_url(url) if url else None,
        database_read_url=driver_url(read_url) if read_url else None,
        database_port=_number(env, "REGISTRY_DB_PORT", 0, top=65535) if db_port else None,
        public_url=(env.get("PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
        demo=(env.get("REGISTRY_DEMO") or "1") != "0",
        demo_addresses=_number(env, "REGISTRY_DEMO_ADDRESSES", DEFAULT_ADDRESSES, top=20_000_000),
        outlines=Path(outlines).absolute() if outlines else None,
        log_origin=_origin(env),
        webhook_allow=_networks(env, "WEBHOOK_ALLOW"),
        webhook_retry_s=_number(env, "WEBHOOK_RETRY_MS", 1000, top=3_600_000) / 1000,
        language="zh" if (env.get("LANG") or "").startswith("zh") else "en",
    )


def _origin(env: Mapping[str, str]) -> str | None:
    text = env.get("LOG_ORIGIN")
    if text and (any(letter.isspace() for letter in text) or "+" in text):
        raise SettingIsWrong(f"LOG_ORIGIN={text!r} must hold no spaces and no plus signs")
    return text or None


def _number(env: Mapping[str, str], name: str, default: int, *, top: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) > top:
        raise SettingIsWrong(f"{name}={text!r} must be a whole number from 0 to {top}")
    return int(text)


def _networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    texts = [text.strip() for text in (env.get(name) or "").split(",")]
    try:
        return tuple(ip_network(text) for text in texts if text)
    except ValueError as error:
        raise SettingIsWrong(f"{name}: {error}") from error
