"""`submit` and `show`: whatever answers, and however they are called, they say one line or print the API's answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.main import client
from gateway.main.client import show, submit
from gateway.main.config import BadConfig, Config

CASE = "7c0f6a3e-5f0e-4c86-9a4b-2f6f5d1f0a11"
KEY = "pgw_test_key"


class Stranger:
    """Stands where the gateway should. ``answer`` is what it says to everything; ``asked`` what it was asked."""

    def __init__(self) -> None:
        self.answer = web.Response(text="hello")
        self.asked: list[str] = []

    async def greet(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        return self.answer


@pytest.fixture
async def stranger() -> Stranger:
    return Stranger()


@pytest.fixture
async def url(stranger: Stranger) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stranger.greet)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


def config(tmp_path: Path, **environment: str) -> Config:
    return Config.read({"GATEWAY_API_KEY": KEY, **environment}, data=tmp_path)


def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "request.json"
    path.write_text("{}")
    return path


def one_line(error: pytest.ExceptionInfo[BadConfig]) -> str:
    said = str(error.value)
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(text="<html>a portal</html>", content_type="text/html"),
        lambda: web.Response(status=502, text="Bad gateway"),
        lambda: web.Response(body=b"\xff\xfe", content_type="application/json"),
        lambda: web.Response(status=204),
        lambda: web.Response(status=307, headers={"Location": "/v1/elsewhere"}),
    ],
)
async def test_an_answer_that_is_no_json_is_no_gateways(url: str, stranger: Stranger, tmp_path: Path, answer) -> None:  # type: ignore[no-untyped-def]
    for speak in ("show", "submit"):
        stranger.answer = answer()
        at = config(tmp_path, GATEWAY_URL=url)
        with pytest.raises(BadConfig) as caught:
            await (show(at, CASE) if speak == "show" else submit(at, request_file(tmp_path), None))
        said = one_line(caught)
        assert f"{url} is no gateway: HTTP status {stranger.answer.status} without JSON" in said
    assert stranger.asked == [f"/v1/requests/{CASE}", "/v1/requests"], "and nobody was sent elsewhere"


@pytest.mark.parametrize(
    "given",
    [
        *("gateway", "localhost:8080", "ftp://x", "http://", "http://[::1", "http://x:99999", "http://x:0"),
        *(
            "http://a b",
            "http://x/\n",
            "http://user:secret@x",
            "http://x?y=1",
            "http://x#y",
            "http://b\u00fccher.example",
        ),
    ],
)
async def test_an_address_that_is_none_is_refused_and_not_repeated(tmp_path: Path, given: str) -> None:
    for act in (
        show(config(tmp_path, GATEWAY_URL=given), CASE),
        submit(config(tmp_path, GATEWAY_URL=given), Path(), None),
    ):
        with pytest.raises(BadConfig) as caught:
            await act
        assert one_line(caught).startswith("GATEWAY_URL is not the address of an API")


@pytest.mark.parametrize("key", ["two words", "a\nb", "a\r\nX: y", "k\u00e4se", "x" * 256])
async def test_a_key_that_no_header_can_hold_is_refused(url: str, stranger: Stranger, tmp_path: Path, key: str) -> None:
    path = request_file(tmp_path)
    for act in (
        show(config(tmp_path, GATEWAY_URL=url, GATEWAY_API_KEY=key), CASE),
        submit(config(tmp_path, GATEWAY_URL=url, GATEWAY_API_KEY=key), path, None),
        submit(config(tmp_path, GATEWAY_URL=url), path, key),
    ):
        with pytest.raises(BadConfig) as caught:
            await act
        assert "is not one word of 1 to 255 visible ASCII characters" in one_line(caught)
    assert stranger.asked == []


@pytest.mark.parametrize("case_id", ["../payers", "", "x", f"{CASE}/raw", f"{CASE}?x", "%2e%2e"])
async def test_what_is_no_id_never_stands_in_a_url(url: str, stranger: Stranger, tmp_path: Path, case_id: str) -> None:
    with pytest.raises(BadConfig) as caught:
        await show(config(tmp_path, GATEWAY_URL=url), case_id)
    assert one_line(caught) == "This is not the id of a case; submit prints it."
    assert stranger.asked == []


async def test_an_answer_of_the_api_is_printed_and_its_status_is_the_exit_code(
    url: str, stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for status, code in ((200, 0), (404, 1)):
        stranger.answer = web.json_response({"id": CASE}, status=status)
        assert await show(config(tmp_path, GATEWAY_URL=f"{url}/"), CASE.upper()) == code
        assert capsys.readouterr().out == f'{{\n  "id": "{CASE}"\n}}\n'
    assert stranger.asked == [f"/v1/requests/{CASE}"] * 2


async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(
    url: str, stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_SECONDS", 0.05)

    class Slow(web.Response):
        async def prepare(self, request: web.BaseRequest) -> None:
            await asyncio.sleep(0.5)

    stranger.answer = Slow()
    with pytest.raises(BadConfig, match="No answer came"):
        await show(config(tmp_path, GATEWAY_URL=url), CASE)


def test_who_has_no_key_is_told_a_way_to_one_that_leads_there(tmp_path: Path) -> None:
    """Starting the server makes none where keys were made before, nor on a database of its own."""
    with pytest.raises(BadConfig) as caught:
        client.caller(Config.read({}, data=tmp_path))
    assert "GATEWAY_API_KEY to one that `payer-gateway keys create --tenant default` prints" in one_line(caught)


def test_an_address_of_ipv6_is_written_in_brackets(tmp_path: Path) -> None:
    assert client.caller(config(tmp_path, GATEWAY_HOST="::1"))[0] == "http://[::1]:8080"


def test_the_server_of_a_data_directory_is_called_where_it_listens(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("9444\n")
    assert client.caller(config(tmp_path))[0] == "http://127.0.0.1:9444"
    assert client.caller(config(tmp_path, GATEWAY_URL="https://pa.example.org/"))[0] == "https://pa.example.org"


@pytest.mark.parametrize("left", ["", "70000", "example.org:80", "\xff"])
def test_a_file_that_holds_no_port_changes_nothing(tmp_path: Path, left: str) -> None:
    (tmp_path / "port").write_text(left, encoding="latin-1")
    assert client.caller(config(tmp_path))[0] == "http://127.0.0.1:8080"


async def test_who_calls_where_nobody_listens_is_told_the_two_ways_to_another_server(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    with pytest.raises(BadConfig) as caught:
        await show(config(tmp_path), CASE)
    assert "http://127.0.0.1:1." in one_line(caught)
    assert "--data" in one_line(caught)
    assert "GATEWAY_URL" in one_line(caught)
