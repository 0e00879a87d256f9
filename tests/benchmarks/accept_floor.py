"""The floor of `accept`: an aiohttp handler that commits the body into one table with asyncpg and answers 202.

The same event loop as the gateway's, and asyncpg's pool as it comes; nothing is parsed, checked, sealed or enqueued.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

import asyncpg
import uvloop
from aiohttp import web

_TABLE = "CREATE TABLE bodies (id uuid PRIMARY KEY, body bytea NOT NULL)"
_INSERT = "INSERT INTO bodies (id, body) VALUES ($1, $2)"


async def serve(url: str) -> None:
    """Until terminated."""
    async with asyncpg.create_pool(url) as pool:
        await pool.execute(_TABLE)

        async def take(request: web.Request) -> web.Response:
            body, name = await request.read(), uuid4()
            await pool.execute(_INSERT, name, body)
            return web.json_response({"id": str(name)}, status=202)

        app = web.Application()
        app.router.add_post("/v1/requests", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        host, port = runner.addresses[0][:2]
        print(f"listening on http://{host}:{port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
