"""Standard Webhooks signatures: secrets, and the three headers that prove a message is ours and whole.

Knows the specification (https://www.standardwebhooks.com) through its own library; knows no endpoint and no event.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

_SECRET_BYTES = 32  # the specification asks for 24 to 64


def draw_secret() -> str:
    """A new signing secret, ``whsec_`` and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secrets_in_force: Sequence[str], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of a message. While a secret is being replaced, both old and new one sign.

    ``at`` is the time of this attempt (UTC): a receiver refuses old timestamps. ``message_id`` stays the same over
    all attempts, so a receiver can drop repetitions.
    """
    text = body.decode()
    signatures = [Webhook(secret).sign(message_id, at, text) for secret in secrets_in_force]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
