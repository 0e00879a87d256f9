"""How cases are written down: documents folded for the reader, HTTP messages, outcomes and losses as JSON.

Pure functions between bytes and values. Knows no folder and no adapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from conformance.case import ExpectedOutcome
from gateway.contract.frames import Frame, Loss, Reply

_ISA_LENGTH = 106
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2})(?: [ -~]*)?")


class Misshapen(ValueError):
    """A file of a case that cannot be read. The text says why, never what it holds."""


def terminator(document: bytes) -> bytes:
    """After what a line may break for the reader: the segment terminator of an X12 document, the end of a tag before
    another in XML; empty for anything else."""
    if document.startswith(b"<"):
        return b">"
    return document[_ISA_LENGTH - 1 : _ISA_LENGTH] if document.startswith(b"ISA") else b""


def folded(document: bytes) -> bytes:
    """With a line break after each segment, or between tags."""
    end, after = terminator(document), _after(document)
    return document.replace(end + after, end + b"\n" + after) if end else document


def unfolded(document: bytes) -> bytes:
    """Without these line breaks. Undoes ``folded`` where the document had none itself."""
    end, after = terminator(document), _after(document)
    return document.replace(end + b"\n" + after, end + after) if end.strip() else document


def _after(document: bytes) -> bytes:
    return b"<" if document.startswith(b"<") else b""


def read_reply(message: bytes) -> Reply:
    """The reply in a ``received.N.http``: a status line, headers, an empty line, and the body to the last byte."""
    head, gap, body = message.partition(b"\n\n")
    first, *fields = head.split(b"\n")
    status = _STATUS_LINE.fullmatch(first)
    if not status or not gap:
        raise Misshapen("an HTTP reply is a status line, headers, an empty line and the body, with bare line feeds")
    return Reply(status=int(status[1]), headers=tuple(_header(field) for field in fields), body=body)


def _header(field: bytes) -> tuple[str, str]:
    name, colon, value = field.decode("latin-1").partition(":")
    if not colon or not name.strip():
        raise Misshapen("a header is a name, a colon and a value")
    return name.strip().lower(), value.strip()


def write_reply(reply: Reply) -> bytes:
    """A reply as ``read_reply`` reads it."""
    head = [f"HTTP/1.1 {reply.status}", *(f"{name}: {value}" for name, value in reply.headers)]
    return "\n".join(head).encode("latin-1") + b"\n\n" + reply.body


def write_request(frame: Frame) -> bytes:
    """A frame as an HTTP message, each secret written as its name."""
    head = [f"{frame.method} {frame.url}", *(f"{name}: {value}" for name, value in frame.headers)]
    return "\n".join(head).encode("latin-1") + b"\n\n" + frame.redacted()


def write_outcome(expected: ExpectedOutcome) -> str:
    """An outcome as JSON, one source a line."""
    told = expected.model_dump(mode="json", round_trip=True, exclude_defaults=True, exclude={"sources"})
    text = _json({"answer": expected.answer.value} | told)
    if not expected.sources:
        return text + "\n"
    rows = ",\n".join(
        f"    {json.dumps(pointer)}: {_row(source.model_dump(mode='json', exclude_none=True))}"
        for pointer, source in expected.sources.items()
    )
    return f'{text.removesuffix("}").rstrip()},\n  "sources": {{\n{rows}\n  }}\n}}\n'


def write_losses(losses: Sequence[Loss]) -> str:
    """Losses as JSON, one a line."""
    rows = ",\n".join(f"  {_row(loss.model_dump(mode='json'))}" for loss in losses)
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _row(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
