"""Where webhooks may go: never into a private network, unless the settings allow it.

A name is resolved once; every address it has is judged, and the connection goes to an address that
was judged. There is no second look-up that could answer otherwise (DNS rebinding).
"""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from api.settings import Network
from registry.errors import TargetIsForbidden

LONGEST_URL = 2000
PORTS = {"http": 80, "https": 443}
Address = IPv4Address | IPv6Address

_UNSPOKEN = re.compile(r"[\x00-\x20\x7f]")
_PRINTABLE = re.compile(r"[!-~]+")
_NOT_PUBLIC_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast."""
_PUBLIC_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 given out as global unicast; all else is special. Source: RFC 4291."""
_NOT_PUBLIC_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""Within it: Teredo and other assignments, documentation, 6to4 (which holds IPv4 addresses)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    """As certificates name it: ASCII, without brackets."""
    port: int
    path: str
    """Path and query, as they are sent."""


def parse_target(url: str) -> Target:
    """Take a webhook's address apart.

    Raises:
        TargetIsForbidden: it is no http or https address, or carries a password.
    """
    if len(url) > LONGEST_URL:
        raise TargetIsForbidden(f"longer than {LONGEST_URL} characters")
    # The standard library would leave line ends out without a word.
    if _UNSPOKEN.search(url):
        raise TargetIsForbidden("it is not a URL")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        ascii_host = host if _is_literal(host) else host.encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise TargetIsForbidden("it is not a URL") from error
    if parts.scheme not in PORTS:
        raise TargetIsForbidden("only http and https are spoken")
    if "@" in parts.netloc:
        raise TargetIsForbidden("it carries a user name or password")
    path = quote(parts.path or "/", safe="/%:;,=&!$'()*+~@")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:;,=&!$'()*+~@?")
    if not _PRINTABLE.fullmatch(ascii_host) or not _PRINTABLE.fullmatch(path) or port == 0:
        raise TargetIsForbidden("it is not a URL")
    return Target(parts.scheme, ascii_host, port or PORTS[parts.scheme], path)


def resolve(target: Target, allowed: Sequence[Network]) -> list[Address]:
    """The addresses of a target, in the order to try them, each of them judged.

    Raises:
        TargetIsForbidden: the name has no address, or any of its addresses is not public and not
            allowed by the settings.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetIsForbidden(f"{target.host} has no address") from error
    # The scope of a link-local address comes after a percent sign.
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    return judged(target.host, addresses, allowed)


def judged(host: str, addresses: Iterable[Address], allowed: Sequence[Network]) -> list[Address]:
    """The addresses of a host, each once.

    Raises:
        TargetIsForbidden: any of them is neither public nor allowed.
    """
    found = list(dict.fromkeys(addresses))
    for address in found:
        if not may_reach(address, allowed):
            raise TargetIsForbidden(f"{host} leads to {address}, which is not public")
    return found


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether webhooks may be sent to an address."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    judged = mapped or address
    return any(judged in network for network in allowed) or _is_public(judged)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
