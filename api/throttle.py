"""How often one client may do what costs others work. Nothing is written down: it lives in memory,
under digests with a key of this process, and is forgotten when the stretch is over."""

import hashlib
import hmac
import secrets
import threading
import time
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Final

from fastapi import Request

from api.problems import Refusal

MOST_REPORTS: Final = 6
MOST_PAPERS: Final = 30
"""Certificates as PDF: each takes a processor most of a second. A counter in an office stays below."""
STRETCH_S: Final = 600.0
MOST_OF_ALL: Final = 300
"""Of all clients together in one stretch: a flood from many addresses stops here."""
ALL: Final = b"all"


class Throttle:
    """Counts what clients did in the present stretch of time."""

    def __init__(
        self, what: str, most: int, *, of_all: int = MOST_OF_ALL, stretch_s: float = STRETCH_S
    ) -> None:
        """`what` is counted, in the plural: refusals have the code `too-many-` and that."""
        self._what = what
        self._most, self._of_all, self._stretch_s = most, of_all, stretch_s
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def admit(self, request: Request) -> None:
        """Count one more.

        Raises:
            Refusal: this client, or all together, did enough for this stretch.
        """
        client = self._named(request)
        with self._lock:
            now = time.monotonic()
            if now - self._began >= self._stretch_s:
                self._counts, self._began = {}, now
            done, of_all = self._counts.get(client, 0), self._counts.get(ALL, 0)
            if done >= self._most or of_all >= self._of_all:
                wait_s = max(1, round(self._stretch_s - (now - self._began)))
                raise Refusal(
                    f"too-many-{self._what}",
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"too many {self._what} at once; try again in {wait_s} s",
                    retry_after_s=wait_s,
                )
            self._counts[client], self._counts[ALL] = done + 1, of_all + 1

    def _named(self, request: Request) -> bytes:
        host = request.client.host if request.client else ""
        try:
            # One household has a whole /64 of IPv6 addresses.
            wide = 64 if ip_address(host).version == 6 else 32
            host = str(ip_network(f"{host}/{wide}", strict=False))
        except ValueError:
            pass
        return hmac.digest(self._key, host.encode(), hashlib.sha256)
