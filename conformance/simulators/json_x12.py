"""X12 in JSON, answered at once: a path for each kind of transaction, a tenant, a correlation id. Knows no X12 but
where the ISA names its receiver.

After what is public of such APIs (README.md, Sources). Strict: one member, its own media type, a bearer token.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable

from aiohttp import web

from conformance.simulators.carriage import Wrapped
from conformance.simulators.door import Opened
from conformance.simulators.envelope import CoreError, Credentials, SoapFault
from conformance.simulators.payers import PAYERS
from conformance.simulators.tokens import Tokens

TENANT = "demo-tenant"
KINDS = {"submission": "X12_278_Request_005010X217E1_2", "inquiry": "X12_278_Request_005010X215"}
"""By the path under the endpoint; the payload must be of it."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECEIVER = slice(54, 69)


class JsonCarriage:
    media = "application/json"

    def __init__(self, kind: str, correlation: str) -> None:
        self._kind = kind
        self._correlation = correlation

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        """The bearer token has said who calls."""
        try:
            told = json.loads(body)
        except ValueError:
            raise CoreError("PayloadIllegal", "The body is not JSON.", {}) from None
        if not isinstance(told, dict) or told.keys() != {"x12"} or not isinstance(told["x12"], str):
            raise CoreError("PayloadIllegal", "The body is not an object with the member x12 alone.", {})
        receiver = told["x12"][_RECEIVER].strip()
        if receiver not in PAYERS:
            raise CoreError("ReceiverIDIllegal", "The interchange is for none of the payers here.", {})
        return {
            "PayloadType": KINDS[self._kind],
            "PayloadID": self._correlation,
            "ReceiverID": receiver,
            "Payload": told["x12"],
        }

    def answer(
        self,
        asked: dict[str, str],
        timestamp: str,
        payload_type: str,
        payload: str,
        *,
        otherwise: bool = False,
        payload_id: str = "",
    ) -> Wrapped:
        """``otherwise``: the X12 stands at the top, as the request has it."""
        inside: object = payload if otherwise else {"x12": payload, "json": {}}
        told = {"authorizationId": payload_id or str(uuid.uuid4()), "x12" if otherwise else self._kind: inside}
        return 200, json.dumps(told).encode()

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped:
        return (500 if error.code == "Receiver" else 400), json.dumps({"errors": [error.text]}).encode()

    def fail(self, fault: SoapFault) -> Wrapped:
        return fault.status, json.dumps({"errors": [fault.text]}).encode()


def opener(kind: str, tokens: Tokens) -> Callable[[web.Request], Opened]:
    """Opens the door of this kind of transaction."""

    def open_json(request: web.Request) -> Opened:
        refusal = tokens.refusal(request)
        if refusal is not None:
            return refusal
        if request.content_type != "application/json":
            return web.json_response({"errors": ["JSON is spoken here: application/json."]}, status=415)
        if request.headers.get("X-Tenant-Id") != TENANT:
            return web.json_response({"errors": ["The tenant is not known here."]}, status=403)
        correlation = request.headers.get("X-Correlation-Id", "")
        if not _UUID.fullmatch(correlation):
            return web.json_response({"errors": ["X-Correlation-Id is not a UUID."]}, status=400)
        return JsonCarriage(kind, correlation)

    return open_json
