"""Messages that the other side of a connection has for us: sent to our door, or asked for one by one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.model.record import Record
from gateway.profiles.authorization import SecretName
from gateway.profiles.payer import Seconds


class Inbound(Record):
    """Our door is ``POST /v1/inbound/{connection}``. ``user`` and ``password`` name the secrets by which the other side
    proves who it is (RFC 7617); TLS, and its certificate where one is asked for, end before us."""

    user: SecretName
    password: SecretName
    max_message_bytes: Annotated[int, Field(strict=True, ge=1024, le=100_000_000)] = 10_000_000


class Polling(Record):
    """The mailbox is asked every ``look_seconds``, until it has no more or has given ``most_messages``."""

    look_seconds: Seconds = 60.0
    most_messages: Annotated[int, Field(strict=True, ge=1, le=1000)] = 100
