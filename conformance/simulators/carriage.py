"""How a door's messages are wrapped: what the reception asks of an envelope, and CORE SOAP's answers.

Each message has a carriage of its own, made by its door. Knows no X12 and no review.
"""

from __future__ import annotations

from typing import Protocol

from conformance.simulators.envelope import (
    CoreError,
    Credentials,
    SoapFault,
    read_envelope,
    write_fault,
    write_response,
)

Wrapped = tuple[int, bytes]
"""An HTTP status and a body."""


class Carriage(Protocol):
    @property
    def media(self) -> str:
        """The content type of everything it writes."""
        ...

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        """The CORE fields of a message, every one checked by itself. Raises SoapFault or CoreError."""
        ...

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
        """``otherwise`` writes the right answer in a way that only some partners do."""
        ...

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped: ...

    def fail(self, fault: SoapFault) -> Wrapped: ...


class SoapCarriage:
    media = "application/soap+xml; charset=utf-8"

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        return read_envelope(body, credentials)

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
        return 200, write_response(asked, timestamp, payload_type, payload, qualified=otherwise, payload_id=payload_id)

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped:
        return 200, write_response(error.fields, timestamp, "CoreEnvelopeError", None, (error.code, error.text))

    def fail(self, fault: SoapFault) -> Wrapped:
        return fault.status, write_fault(fault)


SOAP = SoapCarriage()
