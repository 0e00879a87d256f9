"""What a preview shows: the routes that were tried and why, and what each submission would say, secrets by name.

Reads what the engine worked out; sends nothing and keeps nothing.
"""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field

from gateway.api.requirements import PreflightView
from gateway.contract.frames import Loss
from gateway.engine.previewing import Preview, Rendering
from gateway.model.record import Record
from gateway.routing.decision import Decision, Plan


class Payload(Record):
    """Bytes, as text where they are UTF-8 and as base64 always."""

    text: Annotated[str | None, Field(description="Null where the bytes are not UTF-8.")]
    base64: str

    @classmethod
    def of(cls, content: bytes) -> Payload:
        try:
            text: str | None = content.decode()
        except UnicodeDecodeError:
            text = None
        return cls(text=text, base64=base64.b64encode(content).decode())


class RenderingView(Record):
    """What one submission would say first. Control numbers and times are stand-ins."""

    plan: Plan
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Annotated[Payload, Field(description="The whole message; a secret stands as its name.")]
    document: Annotated[Payload | None, Field(description="The business document inside it, an X12 interchange.")]
    document_type: str | None
    losses: Annotated[tuple[Loss, ...], Field(description="What this channel does not carry, and where it went.")]


class PreviewView(Record):
    """Where the request would go and what would be said. Nothing was sent, and nothing is kept."""

    livemode: bool
    decision: Decision
    renderings: tuple[RenderingView, ...]
    preflight: Annotated[
        PreflightView | None,
        Field(description="What the payer's policy finds missing; null where none is known, or it is switched off."),
    ] = None


def show(preview: Preview, live: bool, preflight: PreflightView | None) -> PreviewView:
    return PreviewView(
        livemode=live,
        decision=preview.decision,
        renderings=tuple(_rendering(item) for item in preview.renderings),
        preflight=preflight,
    )


def _rendering(item: Rendering) -> RenderingView:
    frame = item.frame
    return RenderingView(
        plan=item.plan,
        method=frame.method,
        url=frame.url,
        headers=frame.headers,
        body=Payload.of(frame.redacted()),
        document=Payload.of(frame.document) if frame.document is not None else None,
        document_type=frame.document_type,
        losses=frame.losses,
    )
