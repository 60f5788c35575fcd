"""One delivery: a signed POST to an address that was judged, and what came of it."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from uuid import UUID

from api import clock
from api.push.signature import Signer
from api.push.targets import Address, Target, parse_target, resolve
from api.settings import Network
from registry.errors import TargetIsForbidden
from registry.subscriptions.model import Outcome

SILENCE_S = 10.0
"""How long a receiver may say nothing."""
WHOLE_S = 20.0
"""How long it may take altogether, however slowly it keeps talking."""
MOST_ANSWER_BYTES = 4096
MOST_SAID = 200
TOO_SLOW = "the receiver did not answer in time"
CLOUDEVENT = "application/cloudevents+json"
AGENT = "place-registry/0.1 (webhooks)"


@dataclass(frozen=True, slots=True)
class Message:
    """What is delivered."""

    message_id: str
    """The same at every attempt."""
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Line:
    """A connection under way, which another thread may cut."""

    sock: socket.socket
    cut_off: bool = False

    def cut(self) -> None:
        """End it at once: whoever reads or writes gets an error."""
        self.cut_off = True
        with contextlib.suppress(OSError):
            # Not the TLS socket's own method: that one takes the encryption off first.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


@dataclass(slots=True)
class Courier:
    """Sends messages; may be told to drop everything."""

    signer: Signer
    allowed: Sequence[Network]
    silence_s: float = SILENCE_S
    whole_s: float = WHOLE_S
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _lines: list[Line] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    @property
    def stopped(self) -> bool:
        """Whether it was told to drop everything: failures after that mean nothing."""
        return self._stopped

    def stop(self) -> None:
        """Send nothing more, and end what is under way."""
        with self._lock:
            self._stopped = True
            for line in self._lines:
                line.cut()

    def deliver(self, subscription_id: UUID, url: str, message: Message) -> Outcome:
        """Send a message once; every failure is an outcome."""
        try:
            target = parse_target(url)
            addresses = resolve(target, self.allowed)
        except TargetIsForbidden as error:
            return Outcome(None, str(error))
        try:
            with self._connected(target, addresses) as line:
                try:
                    return self._exchange(line, target, subscription_id, message)
                except (OSError, http.client.HTTPException, ValueError):
                    if line.cut_off:
                        return Outcome(None, TOO_SLOW)
                    raise
        except TimeoutError:
            return Outcome(None, TOO_SLOW)
        except ssl.SSLError as error:
            return Outcome(None, f"TLS: {error}"[:MOST_SAID])
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Outcome(None, f"{type(error).__name__}: {error}"[:MOST_SAID])

    def _exchange(
        self, line: Line, target: Target, subscription_id: UUID, message: Message
    ) -> Outcome:
        connection = http.client.HTTPConnection(target.host, target.port)
        if target.scheme == "https":
            # The name for the Host header stands without the port only where that is the usual one.
            connection.default_port = http.client.HTTPS_PORT
            line.sock = self._tls.wrap_socket(
                line.sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            line.sock.do_handshake()
        connection.sock = line.sock
        with contextlib.closing(connection):
            headers = {**message.headers, **self._signed(subscription_id, message)}
            connection.request("POST", target.path, message.body, headers)
            with connection.getresponse() as response:
                # What the answer says beyond its status is of no interest, nor whether it ends.
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    response.read(MOST_ANSWER_BYTES)
                return outcome_of(response.status, response.headers.get("retry-after"))

    def _signed(self, subscription_id: UUID, message: Message) -> dict[str, str]:
        timestamp = int(clock.now().timestamp())
        signature = self.signer.sign(
            subscription_id, message_id=message.message_id, timestamp=timestamp, body=message.body
        )
        return {
            "Content-Type": CLOUDEVENT,
            "User-Agent": AGENT,
            "Connection": "close",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature,
        }

    @contextlib.contextmanager
    def _connected(self, target: Target, addresses: Sequence[Address]) -> Iterator[Line]:
        line = Line(_connect(addresses, target.port, self.silence_s))
        # A receiver that drips a byte at a time never falls silent.
        guard = threading.Timer(self.whole_s, line.cut)
        guard.daemon = True
        try:
            with self._lock:
                if self._stopped:
                    raise ConnectionAbortedError("stopping")
                self._lines.append(line)
            guard.start()
            yield line
        finally:
            guard.cancel()
            with self._lock:
                if line in self._lines:
                    self._lines.remove(line)
            line.sock.close()


def outcome_of(status: int, retry_after: str | None) -> Outcome:
    """What an answer means: only 2xx is a delivery; redirects are not followed."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(status, None)
    said = f"HTTP {status}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        said += ": redirects are not followed"
    return Outcome(status, said, _asked_s(retry_after))


def _asked_s(retry_after: str | None) -> float | None:
    """Seconds a `Retry-After` asks for; None when it says nothing that can be understood."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - clock.now()).total_seconds())


def _connect(addresses: Sequence[Address], port: int, timeout_s: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout_s)
        except OSError as error:
            failure = error
    raise failure or OSError("no address")
