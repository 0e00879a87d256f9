"""What the door refuses, and how it says so: always a problem document, never a value, never an exception's text."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from gateway.api import access, body
from gateway.api.app import Settings
from gateway.api.body import parse
from gateway.api.examples import REQUEST
from gateway.api.problems import Refusal
from gateway.api.route import Route
from gateway.api.table import ROUTES
from gateway.api.wire import Runner
from gateway.store.errors import Unavailable
from gateway.store.keyring import APPLICATION
from gateway.store.keys import Scope, revoke_key
from tests.unit.api_house import JSON, House, capturing_log, open_house
from tests.unit.store_cases import connected

CANARY = "Quetzalperson"


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url, Settings(metrics_token="scrape-me")) as opened:
        yield opened


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with capturing_log() as stream:
        yield stream


async def problem_of(response: Any, status: int, slug: str) -> dict[str, Any]:
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    found: dict[str, Any] = await response.json()
    assert found["type"] == f"urn:payer-gateway:problem:{slug}"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["next_action"]
    assert found["instance"] == f"urn:payer-gateway:request:{response.headers['X-Request-Id']}"
    assert CANARY not in json.dumps(found)
    return found


async def test_a_path_that_does_not_exist_is_a_problem(house: House) -> None:
    await problem_of(await house.call("GET", f"/v1/{CANARY}"), 404, "not-found")
    await problem_of(await house.call("GET", "/v1/requests/"), 404, "not-found")


async def test_a_method_that_is_not_taken_names_those_that_are(house: House) -> None:
    response = await house.call("DELETE", "/v1/requests")
    await problem_of(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("raw", "slug", "status", "detail"),
    [
        (b'{"reference": "' + CANARY.encode() + b'", ]', "malformed-json", 400, "line 1, column 32"),
        (b'{\n "reference": ' + CANARY.encode(), "malformed-json", 400, "line 2, column 15"),
        (b"", "malformed-json", 400, "empty"),
        (b"\xff\xfe{}", "malformed-json", 400, "line 1, column 1"),
        (b'{"a": "\\ud800"}', "malformed-json", 400, "line 1"),
        (b'{"a": NaN}', "malformed-json", 400, "line 1, column 7"),
        (b'{"a": 1e999}', "malformed-json", 400, "out of range"),
        (b"[" * 10_000, "malformed-json", 400, "nested too deeply"),
        (b'{"a":' * 5000, "malformed-json", 400, "nested too deeply"),
        (b"null", "invalid-request", 422, ""),
        (b"[]", "invalid-request", 422, ""),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused_by_place(
    house: House, raw: bytes, slug: str, status: int, detail: str
) -> None:
    found = await problem_of(await house.call("POST", "/v1/requests", raw), status, slug)
    assert detail in found["detail"]


@pytest.mark.parametrize("part", [b"[],", b"{},", b"0,", b"[[[[[[]]]]]],"])
def test_a_body_of_too_many_values_is_refused_before_it_is_parsed(part: bytes) -> None:
    with pytest.raises(Refusal, match="body-too-large"):
        parse(b"[" + part * body.MOST_VALUES + b"0]")


async def test_a_control_character_is_told_beside_every_other_fault(house: House) -> None:
    broken = {**REQUEST, "reference": "a\u0000b", "site": {}}
    found = await problem_of(await house.call("POST", "/v1/requests", broken), 422, "invalid-request")
    assert [fault["pointer"] for fault in found["faults"]] == ["/reference", "/site/place_of_service"]


async def test_a_field_named_twice_is_refused_with_its_pointer(house: House) -> None:
    raw = json.dumps(dict(REQUEST)).replace('"gender"', '"last_name": "Other", "gender"').encode()
    found = await problem_of(await house.call("POST", "/v1/requests", raw), 400, "duplicate-name")
    assert [fault["pointer"] for fault in found["faults"]] == ["/patient/last_name"]


def test_equal_names_are_found_however_they_are_spelled() -> None:
    for raw in (
        b'{"a":1,"a":2}',
        b'{"\\u0061":1,"a":2}',
        b'{"a":1,"a":":"}',
        b'{"a":{"b":1,"b":1}}',
        b'[{"a":1,"b":"\\u003a","a":2}]',
        b'{"a":1,"a":"\\u003A"}',
    ):
        with pytest.raises(Refusal, match="duplicate-name"):
            parse(raw)


def test_colons_in_texts_are_not_taken_for_names() -> None:
    for raw in (b'{"a:":":"}', b'{"a":"\\u003a"}', b'{"a":"\\":"}', b'{"a":"\\\\u003a:"}', b'{"a":{"a":{"a":1}}}'):
        assert parse(raw).tree


def test_two_spellings_of_one_document_have_one_digest() -> None:
    one = parse(b'{"a": 1.50, "b": ["x", {"c": null}]}').digest("act")
    other = parse(b'{"\\u0062":["\\u0078",{"c":null}],\n"a":1.5}').digest("act")
    assert one == other
    assert one != parse(b'{"a": 1.5, "b": ["x", {"c": 0}]}').digest("act")
    assert one != parse(b'{"a": 1.5, "b": ["x", {"c": null}]}').digest("another act")


async def test_a_body_over_the_cap_is_refused_whether_or_not_it_says_so(
    house: House,
) -> None:
    headers = {**JSON, "Authorization": f"Bearer {house.token}"}
    too_much = io.BytesIO(b'"' + b"x" * body.CAP + b'"')
    response = await house.client.post("/v1/requests", data=too_much, headers=headers)
    await problem_of(response, 413, "body-too-large")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * (1024 * 1024)

    response = await house.client.post("/v1/requests", data=pieces(), headers=headers)
    await problem_of(response, 413, "body-too-large")


@pytest.mark.parametrize("codings", [("identity", "gzip"), ("gzip", "identity"), ("identity, gzip",), ("br",), ("",)])
async def test_a_body_in_any_coding_is_refused_wherever_the_coding_stands(
    house: House, codings: tuple[str, ...]
) -> None:
    headers = [("Authorization", f"Bearer {house.token}"), *JSON.items()]
    headers += [("Content-Encoding", coding) for coding in codings]
    response = await house.client.post("/v1/requests", data=b"{}", headers=headers)
    await problem_of(response, 415, "unsupported-media-type")


async def test_a_body_in_no_coding_is_read_however_that_is_said(house: House) -> None:
    headers = [("Authorization", f"Bearer {house.token}"), *JSON.items()]
    headers += [("Content-Encoding", "Identity"), ("Content-Encoding", "identity, identity")]
    response = await house.client.post("/v1/requests", data=b"{}", headers=headers)
    await problem_of(response, 422, "invalid-request")


@pytest.mark.parametrize("begun", [b'Content-Length: 9\r\n\r\n{"a"', b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a"'])
async def test_a_caller_who_hangs_up_in_a_body_is_no_failure_of_ours(
    house: House, log: io.StringIO, begun: bytes
) -> None:
    runner = Runner(house.client.app, access_log=None)  # the test's own server would give the handler up
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        _, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        head = f"Host: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {house.token}\r\n"
        writer.write(b"POST /v1/requests HTTP/1.1\r\n" + head.encode() + begun)
        await writer.drain()
        async with asyncio.timeout(10):
            while not access.OPEN._value.get():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
            writer.close()
            while "request_answered" not in log.getvalue():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await runner.cleanup()
    [line] = [json.loads(line) for line in log.getvalue().splitlines()]
    assert (line["event"], line["level"], line["status"]) == ("request_answered", "info", 499)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_a_body_that_is_not_plain_json_is_refused(house: House, headers: dict[str, str]) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    response = await house.call("POST", "/v1/requests", b"{}", **named)
    await problem_of(response, 415, "unsupported-media-type")


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "SECONDS", 0.1)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(3)

    headers = {**JSON, "Authorization": f"Bearer {house.token}"}
    await problem_of(await house.client.post("/v1/requests", data=stuck(), headers=headers), 408, "body-too-slow")


async def test_query_parameters_that_do_not_exist_are_refused_by_name(house: House) -> None:
    found = await problem_of(
        await house.call("GET", f"/v1/requests?stauts={CANARY}&limit=0&attention={CANARY}"), 400, "invalid-parameter"
    )
    faults = {fault["parameter"]: fault for fault in found["faults"]}
    assert set(faults) == {"stauts", "limit", "attention"}
    assert faults["stauts"]["fix"] == "Accepted here: status, payer, attention, limit, cursor."
    response = await house.call("GET", "/v1/payers?page=2")
    assert (await problem_of(response, 400, "invalid-parameter"))["faults"][0]["fix"] == "Accepted here: none."
    response = await house.call("GET", "/v1/requests?limit=1&limit=2&status=zz&x=1&x=2")
    repeated = await problem_of(response, 400, "invalid-parameter")
    assert sorted((fault["parameter"], fault["code"]) for fault in repeated["faults"]) == [
        *(("limit", "repeated"), ("status", "enum")),
        *(("x", "extra_forbidden"), ("x", "repeated")),
    ]
    response = await house.call("GET", "/v1/requests?limit=1&limit=2")
    assert (await problem_of(response, 400, "invalid-parameter"))["detail"] == "1 query parameter to correct."


@pytest.mark.parametrize("limit", ["1_0", "5.0", "%2B5", "%205", "٥", "", "0x5", "1e1", "9" * 12])
async def test_a_number_in_a_query_is_written_in_digits(house: House, limit: str) -> None:
    for path in ("/v1/requests", "/v1/events"):
        response = await house.call("GET", f"{path}?limit={limit}&stauts=x")
        found = await problem_of(response, 400, "invalid-parameter")
        assert {fault["parameter"]: fault["code"] for fault in found["faults"]} == {
            "limit": "int_parsing",
            "stauts": "extra_forbidden",
        }
        assert (await house.call("GET", f"{path}?limit=5")).status == 200


async def test_a_cursor_that_leads_nowhere_is_told_where_it_stands(house: House) -> None:
    for place in ("/v1/requests?cursor", "/v1/events?after"):
        for cursor in ("zz", "z" * 60):
            response = await house.call("GET", f"{place}={cursor}")
            [fault] = (await problem_of(response, 400, "invalid-parameter"))["faults"]
            assert (fault["parameter"], fault["code"]) == (place.partition("?")[2], "cursor")
    for cursor in ("zz", "z" * 60):
        response = await house.call("POST", "/v1/requests/search", {"cursor": cursor})
        [fault] = (await problem_of(response, 422, "invalid-request"))["faults"]
        assert (fault["pointer"], fault["code"]) == ("/cursor", "cursor")
        assert "parameter" not in fault
    response = await house.call("POST", "/v1/requests/search", {"cursor": "zz", "limit": 0})
    found = await problem_of(response, 422, "invalid-request")
    assert [fault["pointer"] for fault in found["faults"]] == ["/cursor", "/limit"]


async def test_head_answers_as_get_does_and_leaves_the_body_away(house: House) -> None:
    case_id = await house.submit()
    for path in ("/healthz", "/openapi.json", "/v1/payers", f"/v1/requests/{case_id}", "/v1/requests?limit=0"):
        got, headed = await house.call("GET", path), await house.call("HEAD", path)
        assert headed.status == got.status
        assert await headed.read() == b""
        kept = ("Content-Type", "Content-Length", "Content-Security-Policy", "Server")
        assert [headed.headers[name] for name in kept] == [got.headers[name] for name in kept]
    assert (await house.call("HEAD", f"/v1/requests/{case_id}", token="nobody")).status == 401
    response = await house.call("HEAD", f"/v1/requests/{case_id}/cancel")
    assert (response.status, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "käse"])
async def test_an_idempotency_key_that_is_no_visible_word_is_refused(house: House, key: str) -> None:
    response = await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key=key)
    found = await problem_of(response, 400, "invalid-parameter")
    assert found["faults"][0]["parameter"] == "Idempotency-Key"


async def test_two_idempotency_keys_are_one_too_many(house: House) -> None:
    headers = [("Authorization", f"Bearer {house.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    response = await house.client.post("/v1/requests", json=dict(REQUEST), headers=headers)
    await problem_of(response, 400, "invalid-parameter")


def filled(path: str) -> str:
    """A route's path with ids that name nothing."""
    ids = {"{id}": "7c0f6a3e-5f0e-4c86-9a4b-2f6f5d1f0a11", "{n}": "1", "{patient}": "0" * 64}
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


async def test_without_a_key_in_force_nothing_but_the_open_routes_answers(house: House) -> None:
    for route in ROUTES:
        path = filled(route.path)
        response = await house.client.request(route.method, path)
        if isinstance(route, Route):
            await problem_of(response, 401, "unauthenticated")
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
        elif route.path == "/v1/inbound/{connection}":
            await problem_of(response, 404, "not-found")
        elif route.path == "/metrics":
            assert response.status == 401
        else:
            assert response.status == 200, path


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer x", "Bearer pgw_test_000000000000_" + "0" * 64])
async def test_a_header_that_holds_no_key_of_ours_is_refused(house: House, header: str) -> None:
    await problem_of(await house.call("GET", "/v1/payers", Authorization=header), 401, "unauthenticated")


async def test_a_test_key_cannot_pass_for_a_live_one(house: House) -> None:
    forged = house.token.replace("pgw_test_", "pgw_live_")
    await problem_of(await house.call("GET", "/v1/payers", token=forged), 401, "unauthenticated")


async def test_a_revoked_key_is_refused(house: House) -> None:
    token = await house.key()
    assert (await house.call("GET", "/v1/payers", token=token)).status == 200
    await revoke_key(house.database, house.tenant, token.split("_")[2])
    await problem_of(await house.call("GET", "/v1/payers", token=token), 401, "unauthenticated")


async def test_each_route_needs_its_own_scope_and_the_refusal_names_it(house: House) -> None:
    for route in ROUTES:
        if not isinstance(route, Route) or route.scope is None:
            continue
        token = await house.key(*(scope for scope in Scope if scope is not route.scope))
        path = filled(route.path)
        response = await house.call(route.method, path, b"not even read", token=token)
        found = await problem_of(response, 403, "missing-scope")
        assert f"scope {route.scope}," in found["detail"]
        assert f'scope="{route.scope}"' in response.headers["WWW-Authenticate"]


async def test_an_unexpected_exception_tells_nobody_its_text(
    house: House, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError(f"could not store {CANARY}")

    monkeypatch.setattr(house.desk, "see", fail)
    response = await house.call("GET", "/v1/requests/7c0f6a3e-5f0e-4c86-9a4b-2f6f5d1f0a11")
    found = await problem_of(response, 500, "internal-error")
    assert found["retryable"] is True
    assert "builtins.ValueError" in log.getvalue()
    assert CANARY not in log.getvalue()


async def test_a_database_that_is_away_is_a_503_to_try_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("ConnectionRefusedError")

    monkeypatch.setattr(house.desk, "see", away)
    response = await house.call("GET", "/v1/requests/7c0f6a3e-5f0e-4c86-9a4b-2f6f5d1f0a11")
    assert (await problem_of(response, 503, "unavailable"))["retryable"] is True
    assert response.headers["Retry-After"] == "5"


async def test_every_answer_carries_a_request_id_and_security_headers(house: House) -> None:
    seen = set()
    for path in ("/healthz", "/v1/payers", "/nowhere", "/docs"):
        response = await house.call("GET", path)
        seen.add(response.headers["X-Request-Id"])
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Server"] == "payer-gateway"
    assert len(seen) == 4


async def test_a_callers_own_request_id_is_not_taken_over(house: House) -> None:
    response = await house.call("GET", "/healthz", X_Request_Id=CANARY)
    assert response.headers["X-Request-Id"] != CANARY


async def test_readiness_names_what_is_in_the_way(house: House, shared_database_url: str) -> None:
    response = await house.client.get("/readyz")
    assert response.status == 200
    assert await response.json() == {"ready": True, "checks": {"database": True, "migrated": True, "master_key": True}}

    async def broken() -> bool:
        raise OSError(CANARY)

    async with open_house(shared_database_url, Settings(checks={"queue": broken})) as other:
        response = await other.client.get("/readyz")
        assert response.status == 503
        assert (await response.json())["checks"] == {
            "database": True,
            "migrated": True,
            "master_key": True,
            "queue": False,
        }


async def test_a_database_that_takes_nothing_is_not_ready_and_callers_are_told_to_come_again(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        name = urlsplit(database_url).path.removeprefix("/")
        async with connected(database_url) as connection:
            await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            others = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = $2"
            )
            await connection.fetch(others, name, APPLICATION)
        assert (await (await house.client.get("/readyz")).json())["checks"]["database"] is False
        response = await house.call("POST", "/v1/requests", {**REQUEST})
        assert (response.status, "Retry-After" in response.headers) == (503, True)


async def test_a_process_stays_ready_when_a_later_version_has_migrated_the_database(database_url: str) -> None:
    async with open_house(database_url) as house:
        async with connected(database_url) as connection:
            await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        assert (await house.client.get("/readyz")).status == 200
        async with connected(database_url) as connection:
            await connection.execute("UPDATE alembic_version SET version_num = '0001'")
        assert (await (await house.client.get("/readyz")).json())["checks"]["migrated"] is False


async def test_metrics_need_their_token_and_count_by_route_not_by_path(house: House) -> None:
    await house.call("GET", f"/v1/requests/{CANARY}")
    assert (await house.client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status == 401
    response = await house.client.get("/metrics", headers={"Authorization": "Bearer scrape-me"})
    assert response.status == 200
    text = await response.text()
    assert 'route="/v1/requests/{id}"' in text
    assert CANARY not in text


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PROPFIND"])
async def test_a_method_nobody_knows_is_refused_like_any_other(house: House, method: str) -> None:
    response = await house.client.request(method, "/v1/requests")
    assert response.status == 405
    assert response.content_type == "application/problem+json"
    text = await (await house.client.get("/metrics", headers={"Authorization": "Bearer scrape-me"})).text()
    assert "PROPFIND" not in text


@pytest.mark.parametrize(
    ("line", "header", "status"),
    [
        (b"GET /metrics", b"Authorization: Bearer \xff\xfe", 401),
        (b"GET /v1/requests", b"Authorization: Bearer \xff\xfe", 401),
        (b"GET /v1/requests", b"Authorization: \xff", 401),
        (b"GET /v1/requests?payer=\xff", b"", 400),
        (b"GET /v1/requests?cursor=%FF%FE", b"", 400),
        (b"GET /v1/events?types=%ED%A0%80", b"", 400),
        (b"GET /v1/requests/%FF", b"", 404),
        (b"POST /v1/requests", b"Idempotency-Key: \xff\xfe", 400),
        (b"POST /v1/requests", b"Content-Type: \xff", 415),
        (b"POST /v1/requests", b"Content-Type: application/json; charset=\xff", 415),
        (b"POST /v1/requests", b"Content-Type: application/json\r\nContent-Encoding: \xff", 415),
    ],
)
async def test_bytes_that_are_no_text_are_refused_wherever_they_stand(
    house: House, line: bytes, header: bytes, status: int
) -> None:
    named = header.split(b":")[0]
    ours = [b"Host: x", b"Connection: close", b"Content-Length: 2"]
    if named != b"Authorization":
        ours.append(b"Authorization: Bearer " + house.token.encode())
    if named != b"Content-Type":
        ours.append(b"Content-Type: application/json")
    reader, writer = await asyncio.open_connection("127.0.0.1", house.client.port)
    writer.write(b"\r\n".join([line + b" HTTP/1.1", *ours, *([header] if header else []), b"", b"{}"]))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert int(answer.split(b" ", 2)[1]) == status, answer[:400]
