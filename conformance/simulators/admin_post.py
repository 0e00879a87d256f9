"""The operators' door to the payers' post: what lies there, who logged in, and mishaps of files and logins. JSON."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from aiohttp import web

from conformance.simulators.admin import bad_request, read_object
from conformance.simulators.post import DIRECTORIES

if TYPE_CHECKING:
    from conformance.simulators.sftp import SftpDoor


class PostAdmin:
    def __init__(self, door: SftpDoor) -> None:
        self._door = door

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sim/post", self.show)
        app.router.add_post("/sim/post", self.change)

    async def show(self, request: web.Request) -> web.Response:
        door, post = self._door, self._door.post
        told: dict[str, Any] = {directory: sorted(post.names(directory)) for directory in DIRECTORIES}
        counts = {"logins": door.logins, "refused_logins": door.refused, "nobody_s": len(post.refused)}
        return web.json_response({**told, **counts, "holding": post.holding, "refusing": door.refusing})

    async def change(self, request: web.Request) -> web.Response:
        """``{"holding": true}``: nothing is taken. ``{"refusing": true}``: nobody gets in. ``{"host_key": "word"}``:
        the host has another key. The last two cut off whoever is there. ``{"put_out": "<base64>"}``: a file for the
        caller."""
        asked = await read_object(request, {"holding", "refusing", "host_key", "put_out"})
        for name in ("holding", "refusing"):
            if not isinstance(asked.get(name, False), bool):
                raise bad_request(f"{name} is true or false.")
        if not isinstance(asked.get("host_key", ""), str):
            raise bad_request("host_key is a word.")
        self._door.post.holding = asked.get("holding", self._door.post.holding)
        self._door.refusing = asked.get("refusing", self._door.refusing)
        if "put_out" in asked:
            try:
                body = base64.b64decode(asked["put_out"], validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise bad_request("put_out is a file in base64.") from None
            self._door.post.put_out("file", body)
        if "host_key" in asked:
            await self._door.be(asked["host_key"])
        elif self._door.refusing:
            self._door.turn_out()
        return await self.show(request)
