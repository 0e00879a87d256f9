"""A little web site for tests of the browser: pages as text, a place where requests are filed, and accounts.

It counts what reaches it, and does to who files what ``mode`` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

PASSWORD = "canary-pass-4711"
HEAD = "<!doctype html><html lang=en><head><title>Site</title></head><body>"
LOGIN = f"""{HEAD}<main><h1>Sign in</h1><form method=post action=/login>
<label>User name <input name=user></label><label>Password <input name=password type=password></label>
<label>Code <input name=code></label><button>Sign in</button></form></main>"""
HOME = f"{HEAD}<main><h1>Home</h1><a href=/review>New request</a></main>"
REVIEW = f"""{HEAD}<main><h1>Review</h1><table><tr><th>Member</th><td>Zebulon Canaryman</td></tr></table>
<form method=post action=/file><label>Note <input name=note></label><button>Submit</button></form></main>"""
DONE = f"{HEAD}<main><h1>Received</h1><p>Reference R-1</p></main>"


@dataclass
class Site:
    """``posts`` are the requests that reached it with another method than GET, ``filed`` those that it recorded.
    ``pages`` are by path."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    mode: str = ""
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    filed: int = 0
    logins: list[dict[str, str]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    gets: list[str] = field(default_factory=list)
    login_seconds: float = 0.0
    poured: int = 0
    """Megabytes of a file without an end."""
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        """Nobody listens any more."""
        assert self.runner is not None
        await self.runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def files(self) -> int:
        return sum(path == "/file" for path, _ in self.posts)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            self.gets.append(request.path)
            return await self._show(request)
        body = await request.read()
        self.posts.append((request.path, body))
        if request.path == "/login":
            return await self._login(request)
        if request.path == "/file":
            return await self._file(request)
        return web.Response(text="heard")

    async def _show(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path == "/away":
            return web.Response(status=302, headers={"location": self.url.replace("127.0.0.1", "localhost") + "/"})
        if path == "/socket":
            return await self._hear(request)
        if path == "/report":
            return web.Response(
                body=b"%PDF-1.7 canary", headers={"content-disposition": 'attachment; filename="r.pdf"'}
            )
        if path == "/endless":
            return await self._endless(request)
        if path == "/busy":
            return web.Response(status=503, text=f"{HEAD}<main><h1>Maintenance</h1></main>", content_type="text/html")
        if path == "/options":
            await asyncio.sleep(0.3)
            return web.json_response(["Gold", "Silver"])
        if path == "/":
            signed_in = request.cookies.get("sid") in self.sessions
            return web.Response(text=HOME if signed_in else self.pages.get("/", LOGIN), content_type="text/html")
        page = self.pages.get(path)
        if page is None:
            return web.Response(status=404, text="nothing here")
        return web.Response(text=page, content_type="text/javascript" if path.endswith(".js") else "text/html")

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for said in socket:
            self.posts.append((request.path, str(said.data).encode()))
        return socket

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        """A file that has no end."""
        answer = web.StreamResponse(headers={"content-disposition": 'attachment; filename="r.bin"'})
        await answer.prepare(request)
        with suppress(ConnectionError):
            while self.poured < 300:
                await answer.write(bytes(1_000_000))
                self.poured += 1
                await asyncio.sleep(0.01)
        return answer

    async def _login(self, request: web.Request) -> web.StreamResponse:
        told = {name: str(value) for name, value in (await request.post()).items()}
        self.logins.append(told)
        await asyncio.sleep(self.login_seconds)
        if told["password"] != PASSWORD:
            return web.Response(status=302, headers={"location": "/"})
        sid = f"s{len(self.logins)}"
        self.sessions.add(sid)
        answer = web.Response(status=302, headers={"location": "/"})
        answer.set_cookie("sid", sid, httponly=True)
        return answer

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if self.mode == "drop_before":
            return self._cut(request)
        self.filed += 1
        if self.mode == "drop_after":
            return self._cut(request)
        if self.mode == "500":
            return web.Response(status=500, text=f"{HEAD}<main><h1>Error</h1></main>", content_type="text/html")
        if self.mode == "elsewhere":
            return web.Response(status=307, headers={"location": "/file2"})
        if self.mode == "never":
            await asyncio.sleep(60)
        return web.Response(status=302, headers={"location": "/done"})

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    site = Site(pages={"/review": REVIEW, "/done": DONE})
    app = web.Application(client_max_size=50_000_000)
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site.runner = runner
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()
