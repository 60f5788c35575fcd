"""What the load is put on: the service itself, and the least a FastAPI application can be.

Run as `python -m benchmarks.serve DATABASE_URL PORT service|bare`; stops when its standard input ends.
"""

import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import msgspec
import uvicorn
from fastapi import FastAPI, Response

from api.address_view import placed
from api.app import create_app
from api.encoding import JSON
from api.settings import read_settings
from registry.addresses.hot_reads import HOT_BY_CODE, HotAddresses, HotAnswer
from registry.hot import AsyncHotReads, HotReads

ON = date(2021, 1, 1)


def bare(url: str) -> FastAPI:
    """Hello, and the same read twice: psycopg in the thread pool, psycopg async in the loop."""
    hot = HotReads(url)
    addresses = HotAddresses(hot.rows)
    in_the_loop = AsyncHotReads(url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        hot.open()
        await in_the_loop.open()
        yield
        await in_the_loop.close()
        hot.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/sync/{code}")
    def in_threads(code: str) -> Response:
        return _answer(addresses.by_codes([code], ON, None))

    @app.get("/async/{code}")
    async def in_loop(code: str) -> Response:
        rows = await in_the_loop.rows(HOT_BY_CODE, keys=[code], on=ON, known=None)
        return _answer(addresses.completed(rows, ON))

    return app


def _answer(found: HotAnswer) -> Response:
    return Response(msgspec.json.encode(placed(found.addresses[0])), media_type=JSON)


def main() -> None:
    """Serve one of the two on a loopback port."""
    url, port = sys.argv[1], int(sys.argv[2])
    settings = read_settings({**os.environ, "PORT": str(port), "DATABASE_URL": url})
    both = {"service": create_app(settings, url), "bare": bare(url)}
    config = uvicorn.Config(
        both[sys.argv[3]], port=port, log_level="warning", access_log=False, lifespan="on"
    )
    served = uvicorn.Server(config)

    def stop_with_parent() -> None:
        sys.stdin.read()
        served.should_exit = True

    threading.Thread(target=stop_with_parent, daemon=True).start()
    served.run()


if __name__ == "__main__":
    main()
