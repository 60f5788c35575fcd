"""A receiver of webhooks that checks signatures as the documentation tells it to, and misbehaves."""

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Delivered:
    """One request that came in."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def change(self) -> int:
        return int(self.headers["registry-change"])

    @property
    def previous(self) -> int:
        return int(self.headers["registry-previous-change"])

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


Answer = tuple[int, dict[str, str]]


def always(status: int = 204, **headers: str) -> Callable[[Delivered], Answer]:
    return lambda _one: (status, {name.replace("_", "-"): text for name, text in headers.items()})


@dataclass
class Receiver:
    """What came in, and how to answer it."""

    url: str = ""
    answer: Callable[[Delivered], Answer] = field(default_factory=always)
    came: list[Delivered] = field(default_factory=list)

    @property
    def changes(self) -> list[int]:
        return [one.change for one in self.came if "registry-change" in one.headers]

    def wait(self, until: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds, or fail."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"came: {self.changes}"
            time.sleep(0.01)

    def wait_for(self, *changes: int) -> None:
        self.wait(lambda: len(self.changes) >= len(changes))
        assert self.changes == list(changes)


@contextlib.contextmanager
def receiving(*, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a free loopback port; with a certificate it speaks TLS."""
    receiver = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): text for name, text in self.headers.items()}
            one = Delivered(headers, body, self.path)
            status, more = receiver.answer(one)
            receiver.came.append(one)
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, text in more.items():
                    self.send_header(name, text)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that hangs up is not the test's concern."""

    server = Server(("127.0.0.1", 0), Door)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?from=registry"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_signed(one: Delivered, secret: str) -> bool:
    """The check that docs/push.md asks of every receiver."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if abs(time.time() - int(one.headers["webhook-timestamp"])) > 300:
        return False
    content = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode()
    wanted = base64.b64encode(hmac.new(key, content + one.body, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(given, f"v1,{wanted}")
        for given in one.headers["webhook-signature"].split(" ")
    )
