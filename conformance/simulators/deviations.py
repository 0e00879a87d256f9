"""Payers that deviate: the strict simulator, but for one thing that some payers of the field get wrong.

For trying what judges payers. A deviation is of every answer, from the start of the process to its end; what happens
once, or to one member, is a misbehaviour. Edits are made to bytes as they leave, whatever wraps them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from conformance.simulators.carriage import SoapCarriage
from conformance.simulators.door import Opened, open_soap
from conformance.simulators.envelope import SOAP, Credentials
from conformance.simulators.misbehaviour import Kind

_SOAP_11 = b"http://schemas.xmlsoap.org/soap/envelope/"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Middleware(Protocol):
    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse: ...


class Deviation(StrEnum):
    QUALIFIED_CHILDREN = "qualified_children"
    """The CORE fields of answers are in the schema's namespace."""
    SOAP_11 = "soap_11"
    """SOAP 1.1 is taken as if it were 1.2."""
    PAYLOAD_TYPE = "payload_type"
    """PayloadType of an answer is the request's."""
    PAYLOAD_ID = "payload_id"
    """PayloadID of an answer is another."""
    PARTIES = "parties"
    """SenderID and ReceiverID of an answer stand as in the request."""
    ERROR_CODE = "error_code"
    """An answer has no ErrorCode."""
    TRACE = "trace"
    """TRN02 of an answer is not that of the request."""
    CONTROL_NUMBER = "control_number"
    """IEA02 is another than ISA13."""
    PRODUCTION = "production"
    """ISA15 of an answer is P."""
    COUNT = "count"
    """SE01 counts one segment too many."""
    SMALL_CODES = "small_codes"
    """HCR01 is written in small letters."""
    HTML = "html"
    """What is filed is answered by a page under 200."""
    ERROR_PAGE = "error_page"
    """What is refused by its status is refused by a page."""
    STATUS = "status"
    """Whatever is answered is answered under 500."""
    NO_NUMBER = "no_number"
    """A decision has no HCR02."""
    SAME_CONTROL = "same_control"
    """ISA13 and IEA02 are 000000001 in every answer."""
    OLD_DATE = "old_date"
    """GS04 is a day of 1999."""
    SLOW = "slow"
    """Every answer comes after --slow-seconds, 21 where they are not given."""
    ANY_PASSWORD = "any_password"  # noqa: S105 - a name, no password
    """Whatever credential is shown is taken."""
    OLD_TLS = "old_tls"
    """TLS 1.1 is spoken too."""
    OTHER_HOST = "other_host"
    """The Location of a review is on another host."""


LATE = 21.0
"""Seconds: a real-time answer may take 20."""
ORDERS: Mapping[Deviation, Kind] = {
    Deviation.QUALIFIED_CHILDREN: Kind.QUALIFIED_CHILDREN,
    Deviation.HTML: Kind.HTML_AFTER_RECORDING,
    Deviation.SLOW: Kind.SLOW,
    Deviation.OTHER_HOST: Kind.WRONG_CORRELATION,
}
"""Deviations that are a misbehaviour which never ends."""


class AnyCredentials(Credentials):
    """Takes whatever is shown."""

    def match(self, username: str, password: str) -> bool:
        return True


class _EitherSoap(SoapCarriage):
    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        return super().read(body.replace(_SOAP_11, SOAP.encode()), credentials)


_EITHER = _EitherSoap()


def open_either_soap(request: web.Request) -> Opened:
    return _EITHER if request.content_type == "text/xml" else open_soap(request)


def middleware(deviation: Deviation) -> Middleware:
    """Edits what the payers' doors answer; the operators' is left alone."""
    edit = _EDITS.get(deviation)

    @web.middleware
    async def deviate(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        plain = isinstance(response, web.Response) and not response.prepared and isinstance(response.body, bytes)
        if edit is not None and plain and not request.path.startswith("/sim/"):
            response.body = edit(response.body)  # type: ignore[attr-defined]
        if plain and not request.path.startswith("/sim/"):
            if deviation is Deviation.STATUS:
                response.set_status(500)
            elif deviation is Deviation.ERROR_PAGE and response.status >= 400:
                return web.Response(status=response.status, text="<html>Sorry</html>", content_type="text/html")
        return response

    return deviate


def _value(field: str) -> re.Pattern[bytes]:
    """A CORE field in XML or in a form: what stands before its value, and the value."""
    return re.compile(rb'(<%b>|name="%b"\r\n\r\n)([^<\r]*)' % (field.encode(), field.encode()))


def _parties(body: bytes) -> bytes:
    sender, receiver = _value("SenderID").search(body), _value("ReceiverID").search(body)
    if sender is None or receiver is None:
        return body
    one, other = sender[2], receiver[2]
    body = _value("SenderID").sub(lambda found: found[1] + other, body, count=1)
    return _value("ReceiverID").sub(lambda found: found[1] + one, body, count=1)


def _without_error_code(body: bytes) -> bytes:
    body = re.sub(rb"<ErrorCode>Success</ErrorCode>", b"", body)
    return re.sub(rb'--[^\r\n]+\r\n[^\r\n]+name="ErrorCode"\r\n\r\nSuccess\r\n', b"", body)


def _counted(found: re.Match[bytes]) -> bytes:
    return b"%b%d%b" % (found[1], int(found[2]) + 1, found[3])


_EDITS: Mapping[Deviation, Callable[[bytes], bytes]] = {
    Deviation.PAYLOAD_TYPE: lambda body: body.replace(b"X12_278_Response", b"X12_278_Request"),
    Deviation.PAYLOAD_ID: lambda body: _value("PayloadID").sub(
        rb"\g<1>00000000-0000-4000-8000-00000000000f", body, count=1
    ),
    Deviation.PARTIES: _parties,
    Deviation.ERROR_CODE: _without_error_code,
    Deviation.TRACE: lambda body: re.sub(rb"(TRN[^0-9A-Za-z]2[^0-9A-Za-z])PG", rb"\1XX", body),
    Deviation.CONTROL_NUMBER: lambda body: re.sub(rb"(IEA.\d.)\d{9}", rb"\g<1>987654321", body),
    Deviation.NO_NUMBER: lambda body: re.sub(rb"(HCR[^0-9A-Za-z]A\d)[^0-9A-Za-z~][0-9A-Z]+", rb"\1", body),
    Deviation.SAME_CONTROL: lambda body: re.sub(rb"(ISA.{87}|IEA.\d.)\d{9}", rb"\g<1>000000001", body),
    Deviation.OLD_DATE: lambda body: re.sub(rb"(GS(.)HI\2\w+\2\w+\2)\d{8}", rb"\g<1>19990101", body),
    Deviation.PRODUCTION: lambda body: re.sub(rb"(ISA.{98}.)T", rb"\1P", body, count=1),
    Deviation.COUNT: lambda body: re.sub(rb"([~\n]SE[^0-9A-Za-z])(\d+)([^0-9A-Za-z])", _counted, body),
    Deviation.SMALL_CODES: lambda body: re.sub(
        rb"(HCR[^0-9A-Za-z])(A\d)", lambda found: found[1] + found[2].lower(), body
    ),
}
