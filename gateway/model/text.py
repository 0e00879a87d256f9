"""Free text and enclosed bytes as types: what no channel could carry is refused at the door.

Knows no code system (``gateway.model.codes``) and no channel.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Annotated

from pydantic import AfterValidator, EncodedBytes, EncoderProtocol, Field

from gateway.model.record import refuse
from gateway.model.shape import Shape

MOST_BYTES = 10_000_000
IN_THE_CLEAR = (
    "Your own id. It may stand in the clear (in logs, events, webhooks, the database), so it must hold nothing about "
    "the patient: no name, date or number of theirs."
)
"""Of an id that the caller chooses and that is not sealed."""
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _many_lines(value: str) -> str:
    """Line ends of every kind come out as a line feed."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL_IN_LINES.search(text):
        refuse("control_character", "The text holds a control character.", "Send text with line ends and tabs only.")
    return text


ONE_LINE = Shape(
    "control_character",
    r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*",
    "The text holds a control character.",
    "Send one line of printable text.",
    shown=False,
)
"""No control character: neither XML 1.0 nor an X12 interchange can carry one as text. Stands after the length in an
annotation: ``Annotated[str, Field(max_length=10), ONE_LINE]``."""

MANY_LINES = AfterValidator(_many_lines)


class _Base64(EncoderProtocol):
    """RFC 4648, line ends allowed. pydantic's own decoder drops foreign characters, and with them content."""

    @classmethod
    def decode(cls, data: bytes) -> bytes:
        try:
            return b64decode(b"".join(data.split()), validate=True)
        except ValueError:
            refuse("base64", "The content is not base64.", "Send the content as base64 (RFC 4648, section 4).")

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return b64encode(value)

    @classmethod
    def get_json_format(cls) -> str:
        return "base64"


def _weighed(content: bytes) -> bytes:
    """pydantic's own lengths would be told as those of a list, and written into the schema as those of the base64."""
    if not content:
        refuse("bytes_too_short", "The document is empty.", "Send a document that is not empty.")
    if len(content) > MOST_BYTES:
        refuse("bytes_too_long", f"The document has more than {MOST_BYTES} bytes.", "Send a smaller document.")
    return content


Enclosed = Annotated[
    bytes, EncodedBytes(encoder=_Base64), AfterValidator(_weighed), Field(json_schema_extra={"minLength": 1})
]
"""The bytes of a document, 10 MB at most. They are base64 in JSON."""
