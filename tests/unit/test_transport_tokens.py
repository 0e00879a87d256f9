"""Access tokens against real sockets: drawn once, renewed in time, never shown again for a frame with effect."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from gateway.contract.destination import Mode
from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent
from gateway.transport.https import HttpsTransport
from gateway.transport.secrets import Secrets
from tests.unit.oauth_material import CANARY, INVALID, Payer, granted, paying


@pytest.mark.proves("AU-05")
async def test_a_token_is_drawn_once_for_many_frames_at_once() -> None:
    async with paying() as (payer, transport):
        payer.waits = 0.1
        replies = await asyncio.gather(*(transport.send(payer.frame(), payer.link()) for _ in range(8)))
        assert [reply.status for reply in replies] == [200] * 8
        await transport.send(payer.frame(), payer.link())
        assert len(payer.asked) == 1
        assert payer.said == ["Bearer token-1"] * 9


async def test_the_secret_goes_into_the_form_and_the_scope_with_it() -> None:
    async with paying() as (payer, transport):
        await transport.send(payer.frame(), payer.link(scope="hipaa demo", audience="urn:payer"))
        assert payer.asked == [
            (
                {
                    "grant_type": "client_credentials",
                    "client_id": "gateway",
                    "client_secret": CANARY,
                    "scope": "hipaa demo",
                    "audience": "urn:payer",
                },
                "",
            )
        ]


async def test_the_secret_goes_into_the_header_as_the_rfc_writes_it() -> None:
    async with paying() as (payer, transport):
        await transport.send(payer.frame(), payer.link(client_id="gate:way", proof="client_secret_basic"))
        [(fields, header)] = payer.asked
        assert fields == {"grant_type": "client_credentials"}
        assert base64.b64decode(header.removeprefix("Basic ")) == b"gate%3Away:s3cr3t%2Fcanary%2B%26%3D"


async def test_a_token_is_drawn_anew_before_it_ends() -> None:
    async with paying() as (payer, transport):
        payer.grants = lambda number: granted(f"token-{number}", expires_in=1)
        await transport.send(payer.frame(), payer.link())
        payer.seconds = 0.85
        await transport.send(payer.frame(), payer.link())
        assert payer.said == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_still_lives_is_used_while_the_token_endpoint_fails() -> None:
    async with paying() as (payer, transport):
        payer.grants = lambda number: granted("token-1", expires_in=2) if number == 1 else web.Response(status=503)
        await transport.send(payer.frame(), payer.link())
        payer.seconds = 1.65
        assert (await transport.send(payer.frame(), payer.link())).status == 200
        assert (len(payer.asked), payer.said) == (2, ["Bearer token-1"] * 2)


async def test_a_rotated_secret_draws_a_token_of_its_own() -> None:
    async with paying() as (payer, transport):
        environment = {"GATEWAY_SECRET_REST_SECRET": "old"}
        transport = HttpsTransport(Secrets(environment))
        await transport.send(payer.frame(), payer.link())
        environment["GATEWAY_SECRET_REST_SECRET"] = "new"
        await transport.send(payer.frame(), payer.link())
        await transport.close()
        assert [fields["client_secret"] for fields, _ in payer.asked] == ["old", "new"]


# 401


async def test_what_has_no_effect_is_said_again_where_the_payer_calls_a_kept_token_invalid() -> None:
    async with paying() as (payer, transport):
        payer.answers = lambda number: web.Response(status=401, headers=INVALID) if number == 2 else web.Response()
        for _ in range(2):
            reply = await transport.send(payer.frame(effect=False), payer.link())
            assert (reply.status, reply.stale_token) == (200, False)
        assert payer.said == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.proves("AU-05", "RT-17")
async def test_what_has_an_effect_is_never_said_again_and_the_channel_hears_that_the_token_had_ended() -> None:
    async with paying() as (payer, transport):
        payer.answers = lambda number: web.Response(status=401, headers=INVALID) if number == 2 else web.Response()
        assert not (await transport.send(payer.frame(), payer.link())).stale_token
        reply = await transport.send(payer.frame(), payer.link())
        assert (reply.status, reply.stale_token) == (401, True)
        assert payer.said == ["Bearer token-1"] * 2
        assert (await transport.send(payer.frame(), payer.link())).status == 200
        assert payer.said[-1] == "Bearer token-2"


@pytest.mark.parametrize(
    "challenge",
    [
        {},
        {"WWW-Authenticate": "Bearer"},
        {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        {"WWW-Authenticate": 'Basic realm="x", error="invalid_token"'},
        {"WWW-Authenticate": 'Bearer error_description="not invalid_token"'},
    ],
)
async def test_a_401_that_does_not_speak_of_the_token_is_not_the_tokens(
    challenge: dict[str, str],
) -> None:
    async with paying() as (payer, transport):
        await transport.send(payer.frame(), payer.link())
        payer.answers = lambda number: web.Response(status=401, headers=challenge)
        reply = await transport.send(payer.frame(), payer.link())
        assert (reply.status, reply.stale_token) == (401, False)
        assert payer.said == ["Bearer token-1", "Bearer token-1"]
        await transport.send(payer.frame(), payer.link())
        assert payer.said[-1] == "Bearer token-2"


async def test_what_has_no_effect_is_said_once_more_after_any_401() -> None:
    async with paying() as (payer, transport):
        await transport.send(payer.frame(), payer.link())
        payer.answers = lambda number: web.Response(status=401)
        assert (await transport.send(payer.frame(effect=False), payer.link())).status == 401
        assert payer.said == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("effect", [True, False])
async def test_a_token_drawn_for_the_frame_itself_is_not_replaced(effect: bool) -> None:
    async with paying() as (payer, transport):
        payer.answers = lambda number: web.Response(status=401, headers=INVALID)
        reply = await transport.send(payer.frame(effect=effect), payer.link())
        assert (reply.status, reply.stale_token) == (401, False)
        assert (len(payer.asked), len(payer.said)) == (1, 1)


@pytest.mark.proves("AU-05")
async def test_a_401_to_many_frames_at_once_draws_one_new_token() -> None:
    async with paying() as (payer, transport):
        await transport.send(payer.frame(), payer.link())
        payer.waits = 0.1
        payer.answers = lambda number: (
            web.Response(status=401, headers=INVALID) if payer.said[number - 1].endswith("-1") else web.Response()
        )
        frame = payer.frame(effect=False)
        replies = await asyncio.gather(*(transport.send(frame, payer.link()) for _ in range(6)))
        assert [reply.status for reply in replies] == [200] * 6
        assert len(payer.asked) == 2


# the token endpoint fails


async def _error(payer: Payer, transport: HttpsTransport, **changed: Any) -> ExchangeError:
    with pytest.raises((NeedsPerson, NotSent)) as caught:
        await transport.send(payer.frame(), payer.link(**changed))
    assert payer.said == []
    assert CANARY not in str(caught.value)
    return caught.value


async def test_refused_credentials_are_not_tried_again_while_they_rest() -> None:
    async with paying() as (payer, transport):
        payer.grants = lambda number: web.json_response({"error": "invalid_client"}, status=401)
        for _ in range(3):
            assert isinstance(await _error(payer, transport), NeedsPerson)
        assert len(payer.asked) == 1
        assert isinstance(await _error(payer, transport, scope="another"), NeedsPerson)
        assert len(payer.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response, NotSent),
        (lambda: web.Response(text="<html>", content_type="text/html"), NotSent),
        (lambda: web.Response(text="[" * 60_000, content_type="application/json"), NotSent),
        (lambda: web.Response(text="x" * 70_000, content_type="application/json"), NotSent),
        (lambda: web.Response(status=503), NotSent),
        (lambda: web.Response(status=429, headers={"Retry-After": "7"}), NotSent),
        (lambda: web.Response(status=403), NeedsPerson),
        (lambda: web.Response(status=302, headers={"Location": "/api"}), NeedsPerson),
        (lambda: web.json_response({"error": "server_error"}, status=400), NotSent),
        (lambda: web.json_response({"error": "invalid_scope"}, status=400), NeedsPerson),
        (lambda: granted("t", token_type="mac"), NeedsPerson),
        (lambda: granted("two\nlines"), NotSent),
        (lambda: granted("x" * 9000), NotSent),
        (lambda: granted("t", expires_in=0), NotSent),
        (lambda: granted("t", expires_in=True), NotSent),
        (lambda: granted("t", expires_in=[300]), NotSent),
    ],
)
async def test_nothing_is_said_without_a_token_that_can_be_believed(
    answer: Callable[[], web.Response], error: type[ExchangeError]
) -> None:
    async with paying() as (payer, transport):
        payer.grants = lambda number: answer()
        failure = await _error(payer, transport)
        assert type(failure) is error
        assert getattr(failure, "retry_after", None) == (7 if answer().status == 429 else None)


async def test_a_token_endpoint_that_never_answers_takes_no_longer_than_the_frame_has() -> None:
    async with paying() as (payer, transport):
        payer.waits = 4
        with pytest.raises(NotSent):
            await asyncio.wait_for(transport.send(replace(payer.frame(), deadline=0.3), payer.link()), 2)


async def test_who_gives_up_waiting_does_not_take_the_token_from_the_others() -> None:
    async with paying() as (payer, transport):
        payer.waits = 0.3
        first = asyncio.create_task(transport.send(payer.frame(), payer.link()))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(transport.send(payer.frame(), payer.link()))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).status == 200
        assert len(payer.asked) == 1


async def test_a_live_connection_asks_for_no_token_without_tls() -> None:
    async with paying() as (payer, transport):
        link = replace(payer.link(), endpoint="https://127.0.0.1:9/api", mode=Mode.LIVE)
        with pytest.raises(NeedsPerson, match="without TLS"):
            await transport.send(replace(payer.frame(), url=link.endpoint), link)
        assert payer.asked == []
