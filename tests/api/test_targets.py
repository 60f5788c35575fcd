"""Where webhooks may go: what leads into a private network is refused, however it is written."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from api.push.courier import Courier, Message, outcome_of
from api.push.signature import Signer, signature
from api.push.targets import judged, may_reach, parse_target, resolve
from api.settings import Network
from registry.errors import TargetIsForbidden
from registry.subscriptions.model import LONGEST_WAIT_S, Outcome, wait_s
from tests.api.receiver import always, is_signed, receiving

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"),)
FORBIDDEN = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "2001:4860:4860::8888",
    "2400:3200::1",
    "2606:4700::1111",
]
WAYS_TO_WRITE_LOOPBACK = [
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fe80::1%25lo]",
    "0",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
]
NO_TARGETS = [
    "",
    "hook",
    "//example.org/hook",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "http://",
    "http:///path",
    "http://user@example.org/",
    "http://user:password@example.org/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org:many/",
    "http://exa mple.org/",
    "http://exam\r\nple.org/",
    "http://[::1/",
    "http://" + "a" * 64 + ".org/",
    "http://example.org/" + "a" * 2000,
]


class TheAddresses:
    @pytest.mark.parametrize("address", FORBIDDEN)
    def test_that_are_not_public_are_out_of_reach(self, address: str) -> None:
        assert not may_reach(ip_address(address), ())

    @pytest.mark.parametrize("address", PUBLIC)
    def test_that_are_public_are_within_reach(self, address: str) -> None:
        assert may_reach(ip_address(address), ())

    @given(st.ip_addresses())
    def test_that_python_calls_private_or_special_are_never_reached(self, address) -> None:  # type: ignore[no-untyped-def]  # -- hypothesis builds the values
        if may_reach(address, ()):
            judged = getattr(address, "ipv4_mapped", None) or address
            assert judged.is_global and not judged.is_multicast and not judged.is_reserved

    def test_may_be_allowed_by_the_settings(self) -> None:
        allowed = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))

        assert may_reach(ip_address("10.20.1.1"), allowed)
        assert may_reach(ip_address("::ffff:10.20.1.1"), allowed)
        assert may_reach(ip_address("fd00::1"), allowed)
        assert not may_reach(ip_address("10.21.1.1"), allowed)


class TheTarget:
    @pytest.mark.parametrize("host", WAYS_TO_WRITE_LOOPBACK)
    def test_that_leads_home_is_refused_however_it_is_written(self, host: str) -> None:
        with pytest.raises(TargetIsForbidden):
            resolve(parse_target(f"http://{host}/"), ())

    @pytest.mark.parametrize("url", NO_TARGETS)
    def test_that_is_no_web_address_is_refused(self, url: str) -> None:
        with pytest.raises(TargetIsForbidden):
            parse_target(url)

    def test_without_an_address_is_refused(self) -> None:
        with pytest.raises(TargetIsForbidden, match="has no address"):
            resolve(parse_target("http://nowhere.invalid/"), ())

    def test_of_which_one_address_is_private_is_refused_altogether(self) -> None:
        both = [ip_address("1.1.1.1"), ip_address("127.0.0.1")]

        with pytest.raises(TargetIsForbidden, match=r"leads to 127\.0\.0\.1"):
            judged("rebound.example", both, ())

    def test_keeps_its_path_and_query_and_speaks_ascii(self) -> None:
        target = parse_target("https://例子.example:8443/钩/a%20b?x=1&y=门#part")

        assert target.host == "xn--fsqu00a.example"
        assert (target.scheme, target.port) == ("https", 8443)
        assert target.path == "/%E9%92%A9/a%20b?x=1&y=%E9%97%A8"


MESSAGE = Message("id:1", b'{"a":1}', {"Registry-Change": "1"})


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    made = Signer(tmp_path)
    made.make_key()
    return made


def delivered(signer: Signer, url: str, **limits: float) -> Outcome:
    return Courier(signer, LOOPBACK, **limits).deliver(uuid4(), url, MESSAGE)


@contextmanager
def talking(say: bytes, *, drip_s: float = 0.0) -> Iterator[str]:
    """A server that says something over a plain socket whatever it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def answer() -> None:
            caller, _address = server.accept()
            with caller:
                caller.recv(65536)
                for at in range(len(say)):
                    if ended.is_set():
                        return
                    try:
                        caller.sendall(say[at : at + 1])
                    except OSError:
                        return
                    if drip_s:
                        time.sleep(drip_s)
                if not say:
                    ended.wait(5)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            ended.set()
            thread.join()


class TheCourier:
    def test_signs_what_it_brings(self, signer: Signer) -> None:
        subscription = uuid4()
        with receiving() as receiver:
            outcome = Courier(signer, LOOPBACK).deliver(subscription, receiver.url, MESSAGE)

        assert outcome == Outcome(204, None)
        assert is_signed(receiver.came[0], signer.secret(subscription))
        assert not is_signed(receiver.came[0], signer.secret(uuid4()))
        assert receiver.came[0].path == "/hook?from=registry"
        assert receiver.came[0].headers["host"] == receiver.url.split("/")[2]

    def test_does_not_go_where_it_may_not(self, signer: Signer) -> None:
        with receiving() as receiver:
            outcome = Courier(signer, ()).deliver(uuid4(), receiver.url, MESSAGE)

        assert outcome.status is None and "not public" in str(outcome.error)
        assert receiver.came == []

    def test_follows_no_redirect(self, signer: Signer) -> None:
        with receiving() as elsewhere, receiving() as receiver:
            receiver.answer = always(302, Location=elsewhere.url)
            outcome = delivered(signer, receiver.url)

        assert (outcome.status, outcome.delivered) == (302, False)
        assert elsewhere.came == []

    def test_gives_up_on_silence(self, signer: Signer) -> None:
        with talking(b"") as url:
            outcome = delivered(signer, url, silence_s=0.2)

        assert outcome == Outcome(None, "the receiver did not answer in time")

    def test_gives_up_on_an_answer_that_never_ends(self, signer: Signer) -> None:
        began = time.monotonic()
        with talking(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200, drip_s=0.05) as url:
            outcome = delivered(signer, url, whole_s=0.5)

        assert outcome == Outcome(None, "the receiver did not answer in time")
        assert time.monotonic() - began < 3

    def test_reads_no_more_of_an_answer_than_it_needs(self, signer: Signer) -> None:
        large = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 5000
        with talking(large) as url:
            assert delivered(signer, url) == Outcome(200, None)

    @pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH\r\n", b"\0" * 50, b"HTTP/1.1 abc\r\n\r\n"])
    def test_understands_nothing_but_http(self, signer: Signer, said: bytes) -> None:
        with talking(said) as url:
            assert delivered(signer, url).status is None

    def test_takes_a_closed_door_for_a_failure(self, signer: Signer) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

        assert "ConnectionRefused" in str(delivered(signer, f"http://127.0.0.1:{port}/").error)

    def test_drops_everything_when_it_is_stopped(self, signer: Signer) -> None:
        courier = Courier(signer, LOOPBACK)
        with talking(b"") as url:
            threading.Timer(0.2, courier.stop).start()
            began = time.monotonic()
            outcome = courier.deliver(uuid4(), url, MESSAGE)

        assert not outcome.delivered and courier.stopped
        assert time.monotonic() - began < 2
        assert not courier.deliver(uuid4(), url, MESSAGE).delivered


class WhatTheReceiverAnswers:
    @pytest.mark.parametrize(
        ("retry_after", "seconds"),
        [("120", 120.0), (" 7 ", 7.0), ("soon", None), ("-1", None), (None, None)],
    )
    def test_may_ask_for_patience(self, retry_after: str | None, seconds: float | None) -> None:
        assert outcome_of(503, retry_after).retry_after_s == seconds

    def test_may_ask_for_it_by_date(self) -> None:
        later = datetime.now(UTC) + timedelta(seconds=60)
        asked = outcome_of(503, later.strftime("%a, %d %b %Y %H:%M:%S GMT")).retry_after_s

        assert asked is not None and 55 < asked <= 60

    @pytest.mark.parametrize(
        ("status", "taken"), [(200, True), (299, True), (199, False), (404, False)]
    )
    def test_is_a_delivery_only_if_it_says_so(self, status: int, taken: bool) -> None:
        assert outcome_of(status, None).delivered is taken


class TheWait:
    def test_doubles_is_spread_and_never_exceeds_an_hour(self) -> None:
        assert [wait_s(n, first_s=1, chance=1) for n in (1, 2, 3, 10)] == [1, 2, 4, 512]
        assert wait_s(5, first_s=1, chance=0.25) == 4
        assert wait_s(40, first_s=1, chance=1) == LONGEST_WAIT_S

    def test_is_as_long_as_the_receiver_asks_within_an_hour(self) -> None:
        assert wait_s(1, first_s=1, chance=0.5, asked_s=30) == 30
        assert wait_s(1, first_s=1, chance=0.5, asked_s=1e9) == LONGEST_WAIT_S


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a name, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class WhenTheReceiverSpeaksTls:
    @pytest.mark.parametrize(("name", "taken"), [("localhost", True), ("other.example", False)])
    def test_its_certificate_is_for_the_name_that_was_asked_for(
        self,
        signer: Signer,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        taken: bool,
    ) -> None:
        file = certificate(tmp_path, name)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        allowed: tuple[Network, ...] = (*LOOPBACK, ip_network("::1/128"))
        with receiving(certificate=file) as receiver:
            url = receiver.url.replace("http://127.0.0.1", "https://localhost")
            outcome = Courier(signer, allowed).deliver(uuid4(), url, MESSAGE)

        assert outcome.delivered is taken
        assert taken or "TLS" in str(outcome.error)
        assert len(receiver.came) == int(taken)

    def test_a_certificate_nobody_vouches_for_is_refused(
        self, signer: Signer, tmp_path: Path
    ) -> None:
        file = certificate(tmp_path, "localhost")
        with receiving(certificate=file) as receiver:
            url = receiver.url.replace("http://127.0.0.1", "https://localhost")
            outcome = Courier(signer, (*LOOPBACK, ip_network("::1/128"))).deliver(
                uuid4(), url, MESSAGE
            )

        assert "TLS" in str(outcome.error)
        assert receiver.came == []


class TheKey:
    def test_is_made_once_and_is_its_owners_alone(self, tmp_path: Path) -> None:
        signer, subscription = Signer(tmp_path), uuid4()
        signer.make_key()
        first = signer.secret(subscription)
        signer.make_key()

        file = tmp_path / "keys" / "webhooks.key"
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(file.read_bytes()) == 32
        assert Signer(tmp_path).secret(subscription) == first
        assert first.startswith("whsec_") and signer.secret(uuid4()) != first
        assert [one.name for one in file.parent.iterdir()] == ["webhooks.key"]

    def test_signs_as_the_published_example_does(self) -> None:
        # Standard Webhooks gives this secret, message and signature as its example.
        made = signature(
            base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body=b'{"test": 2432232314}',
        )

        assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
