"""What the contract tests look with: pointers into what was handed in, messages with damage, what any outcome keeps.

Knows no adapter.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from conformance.replay import Played
from conformance.shelf import Case
from gateway.contract.errors import ExchangeError
from gateway.contract.inbound import Refused
from gateway.model.outcome import Outcome


def about(case: Case) -> dict[str, Any]:
    """What the caller handed in, as JSON: what the pointers of losses and refusals point into."""
    assert case.request is not None
    file = case.file
    given = file.change or file.answers
    return {
        **case.request.model_dump(mode="json"),
        **(given.model_dump(mode="json", exclude_defaults=True) if given else {}),
    }


def resolves(pointer: str, value: Any) -> bool:
    """True when a JSON Pointer names something in the value."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False
    return pointer == "" or pointer.startswith("/")


@st.composite
def damaged(draw: st.DrawFn, message: bytes) -> bytes:
    """The message with a few places cut, doubled or overwritten: it still looks like one, which is worse."""
    scraps = st.sampled_from((b"", b"*", b"~", b":", b"^", b"A1", b"A3", b"HCR*A1~", b"0", b"-", b" ", b"\r\n", b"Z9"))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(message)))
        end = min(len(message), start + draw(st.integers(0, 30)))
        put = draw(scraps | st.just(message[start:end] * 2))
        message = message[:start] + put + message[end:]
    return message


def travels(document: bytes) -> bool:
    """True when the envelope of the suite can carry the document at all."""
    try:
        document.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_outcome(played: Played, case: Case) -> None:
    """What must hold of any outcome, whatever the payer wrote."""
    outcome = played.outcome
    if outcome is None:
        assert isinstance(played.error, (ExchangeError, Refused))
        return
    ours = {line.id for line in case.request.lines} if case.request else set()
    told = [result.line for result in outcome.lines if result.line is not None]
    assert len(told) == len(set(told))
    assert set(told) <= ours
    value = outcome.model_dump(mode="json", round_trip=True)
    assert Outcome.model_validate(value) == outcome.model_copy(update={"document": None})
    for pointer, source in outcome.sources.items():
        assert resolves(pointer, value), pointer
        assert outcome.document is not None
        assert 0 <= source.start < source.end <= len(outcome.document), pointer
