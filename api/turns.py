"""Turns to write (写入轮次): where requests wait for each other, so that readers never wait for them.

Works go one after the other, under the lock of the head. While a great one is carried out the
others wait for it; waiting inside a thread and on a connection they would take both from the
readers. So only a few requests that write are let in at once, and the rest wait out here, where
waiting costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import Request

from api.problems import Refusal
from registry.database import LONGEST_WAIT_S

AT_ONCE = 6
"""Of the twenty connections and forty threads of a process the others stay with the readers."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Turns:
    """Lets a few in at once, the others in the order they came; of one event loop."""

    def __init__(self, at_once: int = AT_ONCE, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._longest_wait_s = longest_wait_s

    async def take(self) -> None:
        """Wait for a turn; whoever got one gives it back.

        Raises:
            Refusal: `registry-is-busy`, after the longest wait.
        """
        try:
            async with asyncio.timeout(self._longest_wait_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise Refusal(
                "registry-is-busy",
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"others have been writing for {self._longest_wait_s:g} s; "
                "nothing was changed, try again",
            ) from error

    def give_back(self) -> None:
        """Let the next one in."""
        self._free.release()


async def turn_to_write(request: Request) -> AsyncIterator[None]:
    """A turn for as long as a request that writes takes; readers need none."""
    if request.method in SAFE:
        yield
        return
    turns: Turns = request.app.state.turns
    await turns.take()
    try:
        yield
    finally:
        turns.give_back()


async def body_of_request(request: Request) -> bytes:
    """The body as it was sent: read here, so that a route which waits for the database can be one
    that runs in a thread."""
    return await request.body()
