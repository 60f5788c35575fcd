"""Another registry as one reaches it over HTTP: plain reads, streamed lines, clear failures."""

import base64
import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import msgspec

from registry.errors import RegistryError
from registry.log.keychain import KeyStatement

TIMEOUT_S = 60
END = b'{"end":'
BLOCK = 1 << 18


class RemoteIsUnavailable(RegistryError):
    """The other registry cannot be reached, or broke off; try again."""

    code = "remote-is-unavailable"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url} cannot be read: {why}", url=url, why=why)


class RemoteRefuses(RegistryError):
    """The other registry answered with an error; asking again will not help."""

    code = "remote-refuses"

    def __init__(self, url: str, status: int, why: str) -> None:
        super().__init__(f"{url} answered {status}: {why}", url=url, status=status, why=why)
        self.status = status


class Remote:
    """A registry by its base URL."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise RemoteRefuses(url, 0, "the address must begin with http:// or https://")
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s

    def get(self, path: str, **parameters: object) -> Any:
        """A JSON answer.

        Raises:
            RemoteIsUnavailable: it answers something else, as a proxy before it may.
        """
        try:
            return json.loads(self._read(path, "application/json", parameters))
        except ValueError as error:
            raise RemoteIsUnavailable(self._url(path, parameters), "it is no JSON") from error

    def text(self, path: str, **parameters: object) -> str:
        """A plain answer."""
        return self._read(path, "text/plain", parameters).decode(errors="replace")

    def lines(self, path: str, **parameters: object) -> Iterator[bytes]:
        """The lines of a stream, without newlines; the last says that it is whole and is left out.

        Raises:
            RemoteIsUnavailable: the stream broke off before its end.
        """
        url = self._url(path, parameters)
        whole = False
        try:
            with self._open(url, "application/x-ndjson") as answered:
                for line in _lines(answered):
                    if line.startswith(END):
                        whole = True
                        break
                    yield line
        except (OSError, HTTPException) as error:
            raise RemoteIsUnavailable(url, str(error)) from error
        if not whole:
            raise RemoteIsUnavailable(url, "the stream broke off")

    def _read(self, path: str, accept: str, parameters: dict[str, object]) -> bytes:
        url = self._url(path, parameters)
        try:
            with self._open(url, accept) as answered:
                body: bytes = answered.read()
                return body
        except (OSError, HTTPException) as error:
            raise RemoteIsUnavailable(url, str(error)) from error

    def _open(self, url: str, accept: str) -> Any:
        asked = Request(url, headers={"Accept": accept})  # noqa: S310 -- scheme checked when made
        try:
            return urlopen(asked, timeout=self._timeout_s)  # noqa: S310 -- scheme checked when made
        except HTTPError as error:
            with error:
                why = error.read(2000).decode(errors="replace")
            if error.code >= 500:
                raise RemoteIsUnavailable(url, f"status {error.code}") from error
            raise RemoteRefuses(url, error.code, why) from error
        except URLError as error:
            raise RemoteIsUnavailable(url, str(error.reason)) from error

    def _url(self, path: str, parameters: dict[str, object]) -> str:
        given = {name: value for name, value in parameters.items() if value is not None}
        query = "&".join(f"{name}={quote(str(value))}" for name, value in given.items())
        joint = ("&" if "?" in path else "?") if query else ""
        return f"{self.url}{path}{joint}{query}"


def _lines(answered: Any) -> Iterator[bytes]:
    """Whole lines, without their newlines; what breaks off in the middle of one is left out.

    Reading blocks costs a fraction of what the response's own `readline` does.
    """
    rest = b""
    while block := answered.read1(BLOCK):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        yield from lines


class KeyList(msgspec.Struct):
    """What `/v1/log/keys` answers, as far as it is read."""

    keys: list[KeyStatement]


class Proof(msgspec.Struct):
    """What proofs answer, as far as they are read."""

    path: list[str]


class RemoteLog:
    """Its log, as a watcher wants it."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def keys(self) -> list[KeyStatement]:
        """The keys it publishes, oldest first."""
        found = self._remote.get("/v1/log/keys")
        try:
            return msgspec.convert(found, KeyList).keys
        except msgspec.ValidationError as error:
            raise RemoteIsUnavailable(self._remote.url, f"its keys: {error}") from error

    def checkpoint(self) -> str:
        """Its newest signed checkpoint."""
        return self._remote.text("/v1/log/checkpoint")

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that one tree begins with another."""
        return self._path("/v1/log/consistency", first=first, second=second)

    def inclusion(self, change: int, size: int) -> list[bytes]:
        """The proof that a change is in a tree."""
        return self._path("/v1/log/inclusion", change=change, size=size)

    def lines(self, after: int, limit: int) -> Iterator[bytes]:
        """Records and rows of the changes after a number."""
        return self._remote.lines("/v1/log/records", after=after, limit=limit)

    def _path(self, path: str, **asked: int) -> list[bytes]:
        # Who refuses to prove what was signed proves nothing: such a path never holds.
        try:
            found = self._remote.get(path, **asked)
            return [base64.b64decode(step) for step in msgspec.convert(found, Proof).path]
        except (RemoteRefuses, ValueError):
            return [b""]
