"""A small load client: keep-alive connections on loopback, one process, one event loop."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from itertools import cycle

CONNECTIONS = 8
HEADER_END = b"\r\n\r\n"
LENGTH = b"content-length: "

Path = Callable[[], str]


def requests_per_second(port: int, path: Path, duration_s: float) -> float:
    """How many answers came back in a second, over several keep-alive connections."""
    return asyncio.run(_load(port, path, duration_s))


def one_of(paths: list[str], seed: int) -> Path:
    """Paths in random order, the same every time."""
    chance = random.Random(seed)
    return lambda: chance.choice(paths)


def in_turn(paths: Iterable[str]) -> Path:
    """Paths one after the other, none twice before all were asked: nothing is answered from memory."""
    turns = cycle(paths)
    return lambda: next(turns)


async def _load(port: int, path: Path, duration_s: float) -> float:
    began = time.perf_counter()
    answered = await asyncio.gather(
        *(_client(port, path, began + duration_s) for _ in range(CONNECTIONS))
    )
    return sum(answered) / (time.perf_counter() - began)


async def _client(port: int, path: Path, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(f"GET {path()} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await reader.readuntil(HEADER_END)).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"the service answered {head.split(HEADER_END[:2])[0]!r}")
        length = int(head.split(LENGTH)[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    await writer.wait_closed()
    return count
