"""The payers' door to somebody it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.api import problems
from gateway.api.inbound import RECEPTION, receive_message
from gateway.api.problems import Refusal
from gateway.engine.reception import Stranger


class Refusing:
    def most_bytes(self, connection: str) -> int:
        return 1024

    def admit(self, connection: str, user: bytes, password: bytes) -> None:
        raise Stranger


@pytest.mark.parametrize("header", [None, "Bearer pgw_test_1", "Basic cGJtOndyb25n", "Basic cGJt", "Basic %%%"])
async def test_a_stranger_is_told_of_the_connections_own_credentials_and_of_no_api_key(header: str | None) -> None:
    app = web.Application()
    reception: Any = Refusing()
    app[RECEPTION] = reception
    headers = {} if header is None else {"Authorization": header}
    request = make_mocked_request(
        "POST", "/v1/inbound/demo_birch_rx", headers, app=app, match_info={"connection": "demo_birch_rx"}
    )
    with pytest.raises(Refusal) as caught:
        await receive_message(request)
    assert caught.value.kind is problems.STRANGER
    assert caught.value.headers["WWW-Authenticate"].startswith("Basic ")
    assert "key" not in f"{problems.STRANGER.title} {problems.STRANGER.next_action} {caught.value.detail}"
