"""Faults: what is told of a value that is refused, which is never the value."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import InitErrorDetails
from pydantic_core._pydantic_core import list_all_errors  # nowhere in public: what each kind's message is made of

from gateway.model.faults import Fault, faults_of
from gateway.model.request import Attachment
from gateway.model.text import MOST_BYTES

CANARY = "C4n4ry"
_OF_THE_SCHEMA = ("expected", "pattern")


@pytest.mark.parametrize("kind", list_all_errors(), ids=lambda kind: kind["type"])
def test_no_fault_quotes_what_was_sent_whatever_pydantic_says(kind: dict[str, Any]) -> None:
    context: dict[str, Any] = {}
    for name, value in (kind["example_context"] or {}).items():
        if isinstance(value, str) and name not in _OF_THE_SCHEMA:
            context[name] = CANARY
        else:
            context[name] = ValueError(CANARY) if name == "error" else value
    details = InitErrorDetails(type=kind["type"], ctx=context, loc=("a",), input=CANARY)
    [fault] = faults_of(ValidationError.from_exception_data("x", [details]))
    assert CANARY not in fault.message + fault.fix
    assert fault.message.endswith(".")


def test_a_pointer_keeps_the_blanks_of_a_name() -> None:
    assert Fault(pointer="/ a ", code="x", message="x", fix="x").pointer == "/ a "


@pytest.mark.parametrize(
    ("content", "message", "fix"),
    [
        ("", "The document is empty.", "Send a document that is not empty."),
        (b64encode(bytes(MOST_BYTES + 1)), "The document has more than 10000000 bytes.", "Send a smaller document."),
        (7, "The value has not the form of this field.", "Send a string."),
    ],
    ids=["empty", "too large", "no text"],
)
def test_a_document_that_cannot_be_taken_is_told_as_a_document(content: object, message: str, fix: str) -> None:
    document = {"id": "a", "kind": "other", "title": "a", "media_type": "text/plain"}
    with pytest.raises(ValidationError) as caught:
        Attachment.model_validate({**document, "content": content})
    [fault] = faults_of(caught.value)
    assert (fault.pointer, fault.message, fault.fix) == ("/content", message, fix)
    Attachment.model_validate({**document, "content": b64encode(bytes(MOST_BYTES))})
