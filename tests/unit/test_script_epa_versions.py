"""A second version of SCRIPT is data: one whose every name is another is read and written like the first."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

import pytest
from pydantic import ValidationError

from adapters.script_epa import ADAPTER
from adapters.script_epa.codec import versions
from adapters.script_epa.codec.envelope import OtherVersion, receipt_in, receive
from adapters.script_epa.codec.versions import V2017071, Version
from gateway.contract.adapter import Answers
from gateway.contract.destination import Destination
from gateway.contract.drive import drive
from gateway.model.outcome import Answer, Outcome
from gateway.model.questions import QuestionAnswer
from tests.unit.script_material import (
    CANCEL,
    FILED,
    HEADER,
    LATER,
    QUESTIONS,
    REQUEST,
    STAMP,
    TO,
    answer,
    destination,
    heard,
    message,
    more_wanted,
    opening,
    reply,
    said,
    status,
)

_NAMES = sorted({*V2017071.tags.values(), *V2017071.attributes}, key=len, reverse=True)
_OF_IT = "|".join(_NAMES).encode()
_TAG, _ATTRIBUTE = re.compile(rb"(</?)(" + _OF_IT + rb")(?=[\s/>])"), re.compile(rb"( )(" + _OF_IT + rb")(?==)")
_BACK = re.compile(rb"((?:</?)|(?: ))Other-(?=[A-Z])")
OTHER = Version(
    name="209901",
    tags=MappingProxyType({word: f"Other-{name}" for word, name in V2017071.tags.items()}),
    kinds=MappingProxyType({f"Other-{name}": kind for name, kind in V2017071.kinds.items()}),
    family="209901",
    written="20990115",
    attributes=tuple(f"Other-{name}" for name in V2017071.attributes),
    bounds=("Other-Lower", "Other-Upper"),
    limits=V2017071.limits,
)


@pytest.fixture(autouse=True)
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(versions._VERIFIED, OTHER.name, OTHER)


def renamed(body: bytes) -> bytes:
    """A message of the first version in the words of the other."""
    for names in (_TAG, _ATTRIBUTE):
        body = names.sub(rb"\1Other-\2", body)
    return body.replace(b"20170715", b"20990115")


def back(body: bytes) -> bytes:
    return _BACK.sub(rb"\1", body).replace(b"20990115", b"20170715")


def other() -> Destination:
    return destination(version=OTHER.name)


def meaning(outcome: Outcome) -> dict[str, object]:
    found = outcome.model_dump(exclude={"sources"})
    if found["questions"] is not None:
        found["questions"].pop("round")
    return found


ODDLY = QUESTIONS.replace("<QuestionID>", "<QuestionID >").replace("<Date><IsDate", "<Date ><IsDate")
"""Not in the usual form."""


@pytest.mark.parametrize(
    "body",
    [
        opening(),
        more_wanted(),
        opening(ODDLY),
        opening(f"{QUESTIONS}<Footer>1</Footer>", HEADER),
        answer("PAResponse", "<Approved><PACaseID>PBM-4711</PACaseID></Approved>"),
        answer("PAInitiationResponse", "<Closed><ReasonCode>CC</ReasonCode></Closed>"),
        answer("PAResponse", "<Closed><ClosedReasonCode>CP</ClosedReasonCode></Closed>"),
    ],
)
def test_the_same_message_in_other_names_means_the_same(body: bytes) -> None:
    assert b"Other-" not in body
    assert meaning(heard(renamed(body), to=other())) == meaning(heard(body))
    assert receive(renamed(body)).version is OTHER
    assert receive(body).version is V2017071


@pytest.mark.parametrize("shape", [opening, more_wanted])
@pytest.mark.parametrize("written", [QUESTIONS, ODDLY], ids=["usual", "odd"])
def test_answers_are_the_same_but_for_the_names(shape: Callable[..., bytes], written: str) -> None:
    def answered(body: bytes, to: Destination) -> bytes:
        asked = heard(body, to=to).questions
        assert asked is not None
        given = (
            {"question": "10", "chosen": [{"choice": "b", "detail": "Sarcoma"}]},
            {"question": "20", "date": "2026-03-09"},
            {"question": "30", "number": "118.50"},
            {"question": "40", "text": "No."},
        )
        answers = Answers(round=asked.round, questions=tuple(map(QuestionAnswer.model_validate, given)), note="Soon.")
        return said(ADAPTER.answer(FILED.model_copy(update={"asked": body}), answers, to, LATER))

    plain = shape(questions=written)
    sent = answered(renamed(plain), other())
    assert b"<Other-Date><Other-Date" in sent
    assert back(sent) == answered(plain, TO)


def test_what_is_asked_is_the_same_but_for_the_names() -> None:
    for exchange in (lambda to: ADAPTER.submit(REQUEST, to, STAMP), lambda to: ADAPTER.amend(FILED, CANCEL, to, LATER)):
        own, theirs = said(exchange(TO)), said(exchange(other()))
        assert re.findall(rb"<(?!Other-|/|\?)", theirs) == []
        assert back(theirs) == own
    assert drive(ADAPTER.submit(REQUEST, other(), STAMP), lambda _: reply(renamed(status()))).answer is Answer.PLACED


@pytest.mark.parametrize("before", [b"", b"<!-- DatatypesVersion='20170715' -->", b" " * 3000])
def test_a_message_is_of_the_version_that_its_own_attributes_say(before: bytes) -> None:
    body = renamed(opening()).replace(b"?>\n<", b"?>\n" + before + b"<", 1)
    received = receive(body)
    assert received.version is OTHER
    inside = {OTHER.tags[name] for name in ("QuestionID", "ChoiceID", "QuestionType")}
    assert not [node for node in received.tree.root.walk() if node.name in inside], "a question is a leaf"
    asked = heard(body, to=other()).questions
    assert asked is not None
    assert len(asked.questions) == 4


def test_names_of_one_version_under_the_attributes_of_another_are_neither() -> None:
    with pytest.raises(OtherVersion):
        receive(opening().replace(b"20170715", b"20990115"))
    with pytest.raises(OtherVersion):
        receive(renamed(opening()).replace(b"20990115", b"20170715"))


def test_a_message_that_cannot_be_read_is_let_go_by_its_id_in_any_version() -> None:
    broken = message("<Status><Code>000</Code></Status>", own="LOST1")[:-20]
    assert (receipt_in(broken, "asked"), receipt_in(renamed(broken), "asked")) == ("LOST1", "LOST1")


def test_a_version_that_has_no_table_is_not_taken() -> None:
    with pytest.raises(ValidationError, match="not verified"):
        destination(version="2023011")
