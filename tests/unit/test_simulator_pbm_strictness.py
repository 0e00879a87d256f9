"""What the simulated PBMs refuse: structure, values, echoes and walks, each refused where a strict reader would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from lxml import etree

from conformance.simulators.pbm.notation import Guide
from conformance.simulators.pbm.values import fault_of
from tests.unit.pbm_messages import Caller, answered, initiation, message, pbm_calling

Answers = dict[str, str | list[str]]
PLAIN: Answers = {"1": "Y", "2": "It is needed."}
KINDS: Answers = {"A": "A1+Words", "B": ["B1", "B2+More"], "C": "2026-11-01", "D": "2026-11-01T10:00:00Z", "H": "5"}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with pbm_calling() as found:
        yield found


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("<Message ", '<Message xmlns="http://www.ncpdp.org/schema/transport" ', "3000"),
        ('TransactionVersion="20170715"', 'TransactionVersion="2023011"', "3000"),
        ('ECLVersion="20170715"', "", "3000"),
        ('TransactionDomain="SCRIPT"', 'TransactionDomain="SPECIALIZED"', "3000"),
        ('Qualifier="PY"', 'Qualifier="XX"', "3000"),
        ("BIRCHRX", "NOBODY", "1000"),
        ("PAYERGW", "SOMEBODY", "1000"),
        ("</Message>", "", "500"),
        ("<Message ", "<!DOCTYPE Message [<!ENTITY a 'b'>]><Message ", "500"),
        ("<MessageID>0", "<MessageID>0000-", "3000"),
        ("Testperson", "Testpersön", "3000"),
        ("Testperson", "Test\nperson", "3000"),
        ("2026-11-22T10:00:00Z", "2026-11-22", "3000"),
        ("<SenderSoftwareProduct>Test</SenderSoftwareProduct>", "", "3000"),
        ("<Gender>F</Gender>", "<Gender>X</Gender>", "3000"),
        ("<CountryCode>US</CountryCode>", "", "3000"),
        ("<PAPriorityIndicator>S<", "<PAPriorityIndicator>U<", "3000"),
        ("1234567893", "1234567890", "3000"),
        ("<Date>1970-01-02</Date>", "<Date>1970-02-30</Date>", "3000"),
        ("<CodeListQualifier>38<", "<CodeListQualifier>QS<", "3000"),
        ("Osimertinib 80 mg tablet", "O" * 106, "3000"),
        ("<DaysSupply>30</DaysSupply>", "<DaysSupply>30</DaysSupply><Note>No</Note>", "3000"),
        ("<Value>30</Value>", "<Value>3e1</Value>", "3000"),
        ("<Number>5550100199<", "<Number>555-010-0199<", "3000"),
        ("</PAInitiationRequest>", "<Facility/><Unknown/></PAInitiationRequest>", "3000"),
        ("</Patient>", "</Patient>words", "3000"),
        ("<Patient>", '<Patient kind="human">', "3000"),
    ],
)
async def test_what_breaks_the_guide_is_refused_and_not_filed(caller: Caller, was: str, now: str, code: str) -> None:
    sent = initiation("SIMRXAPPROVE01").decode()
    assert was in sent
    assert await caller.say(sent.replace(was, now, 1).encode()) == f"900 {code}"
    assert (await caller.get("filings"))["total"] == 0
    assert await caller.say(sent.encode()) == "010"


async def test_an_error_names_the_place_and_no_value(caller: Caller) -> None:
    sent = initiation("SIMRXAPPROVE01").replace(b"Testperson", "Testpersön".encode())
    _, answer = await caller.post(sent)
    told = etree.fromstring(answer).findtext("Body/Error/Description")
    assert "/Patient[1]/HumanPatient[1]/Name[1]/LastName[1]" in told
    assert "Testpers" not in told


async def test_the_door_wants_a_password_and_xml(caller: Caller) -> None:
    sent = initiation("SIMRXAPPROVE01")
    assert (await caller.post(sent, "wrong"))[0] == 401
    assert (await caller.post(sent, **{"Content-Type": "text/plain"}))[0] == 415
    assert (await caller.get("filings"))["total"] == 0


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("<QuestionText>Why is", "<QuestionText>Why  is", "2000"),
        ("<ChoiceText>No</ChoiceText>", "<ChoiceText>Not</ChoiceText>", "2000"),
        ("<AttachementRequired>N<", "<AttachementRequired>Y<", "2000"),
        ("AttachementRequired", "AttachmentRequired", "3000"),
        ("<QuestionSetTitle>Two questions<", "<QuestionSetTitle>2 questions<", "2000"),
        ("Z</DateTime></DeadlineForReply>", "+00:00</DateTime></DeadlineForReply>", "2000"),
        ("<SequenceNumber>2</SequenceNumber><ChoiceText>", "<SequenceNumber>3</SequenceNumber><ChoiceText>", "2000"),
        ("<ChoiceID>Y</ChoiceID></Pre", "<ChoiceID>Z</ChoiceID></Pre", "2000"),
        (
            "<ChoiceID>Y</ChoiceID></Pre",
            "<ChoiceID>Y</ChoiceID><AdditionalFreeText>So</AdditionalFreeText></Pre",
            "2000",
        ),
        ("It is needed.", "It is\nneeded.", "3000"),
        ("It is needed.", "N" * 2001, "3000"),
        ("Testperson", "Anotherperson", "2000"),
        ("Osimertinib", "Afatinib", "2000"),
        ("<PAReferenceID>", "<PAReferenceID>X", "1000"),
        ("<SolicitedModel><PACaseID>", "<SolicitedModel><PACaseID>X", "2000"),
    ],
)
async def test_answers_echo_what_was_asked_to_the_letter(caller: Caller, was: str, now: str, code: str) -> None:
    await caller.say(initiation("SIMRXAPPROVE01"))
    sent = answered(await caller.hear(), PLAIN).decode()
    assert was in sent
    assert await caller.say(sent.replace(was, now).encode()) == f"900 {code}"
    assert (await caller.filing("SIMRXAPPROVE01"))["answers"] == []
    assert await caller.say(sent.encode()) == "010"


async def test_all_questions_are_echoed(caller: Caller) -> None:
    await caller.say(initiation("SIMRXAPPROVE01"))
    sent = etree.fromstring(answered(await caller.hear(), {"1": "Y"}))
    questions = sent.find(".//QuestionSet")
    questions.remove(questions.findall("Question")[1])
    assert await caller.say(etree.tostring(sent)) == "900 2000"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({**KINDS, "E": "0"}, "900 2000"),
        ({key: answer for key, answer in {**KINDS, "E": "0"}.items() if key != "H"}, "010"),
        ({**KINDS, "E": "30", "F": "So"}, "900 2000"),
        ({**{key: KINDS[key] for key in "ABCD"}, "E": "30", "F": "So"}, "010"),
        ({**KINDS, "E": "-1.5", "G": "So"}, "010"),
        ({**KINDS, "E": "160", "G": "So"}, "010"),
        ({**KINDS, "E": "120", "G": "So"}, "010"),
        ({**{key: KINDS[key] for key in "ABCD"}, "E": "130", "F": "So"}, "010"),
        ({**KINDS, "E": "140"}, "010"),
        ({"A": "A3", "E": "140", "H": "1"}, "010"),
        ({**KINDS, "A": "A1", "E": "140"}, "900 2000"),
        ({**KINDS, "A": ["A1+Words", "A2"], "E": "140"}, "900 2000"),
        ({**KINDS, "B": ["B1", "B1"], "E": "140"}, "900 2000"),
        ({**KINDS, "B": "B2", "E": "140"}, "900 2000"),
        ({**KINDS, "C": "2026-11-01T10:00:00Z", "E": "140"}, "900 2000"),
        ({**KINDS, "D": "2026-11-01", "E": "140"}, "900 2000"),
        ({**KINDS, "E": "1,4"}, "900 3000"),
        ({key: KINDS[key] for key in "ABCD"}, "900 2000"),
    ],
)
async def test_answers_stand_on_the_walk_and_nowhere_else(caller: Caller, answers: Answers, said: str) -> None:
    await caller.say(initiation("SIMRXKINDS01"))
    assert await caller.say(answered(await caller.hear(), answers)) == said


async def test_thirty_questions_are_answered_in_one_message(caller: Caller) -> None:
    await caller.say(initiation("SIMRXLONG01"))
    kinds = ("Y", "Words", "1.5", "2026-11-01")
    answers: Answers = {f"Q{place}": kinds[place % 4] for place in range(1, 31)}
    assert await caller.say(answered(await caller.hear(), answers)) == "010"


@pytest.mark.parametrize(("mime", "said"), [("application/pdf", "010"), ("image/jpeg", "900 3000")])
async def test_a_document_that_is_required_must_come(caller: Caller, mime: str, said: str) -> None:
    await caller.say(initiation("SIMRXDOCUMENT01"))
    sent = answered(await caller.hear(), PLAIN).decode()
    assert await caller.say(sent.encode()) == "900 2000"
    attachment = (
        "<Attachment><AttachmentSource>Practice</AttachmentSource><AttachmentData>JVBERi0=</AttachmentData>"
        f"<MIMEType>{mime}</MIMEType></Attachment><Request>"
    )
    assert await caller.say(sent.replace("<Request>", attachment, 1).encode()) == said


async def test_nothing_but_requests_comes_to_a_pbm(caller: Caller) -> None:
    assert await caller.say(message("<PAResponse/>")) == "900 3000"
    assert await caller.say(message("<GetMessage/>")) == "900 4040"
    assert await caller.say(message("<Status><Code>000</Code></Status>")) == "000"


@pytest.mark.parametrize(
    ("xml", "faults"),
    [
        ("<T><A>1</A><B>2</B></T>", 0),
        ("<T><B>2</B></T>", 1),
        ("<T><A>1</A><A>1</A><A>1</A><C>1</C></T>", 1),
        ("<T><A>1</A><C>1</C></T>", 0),
        ("<T><A>1</A></T>", 1),
        ("<T><A>1</A><B>1</B><C>1</C></T>", 1),
    ],
)
def test_the_notation_holds_order_choice_and_number(xml: str, faults: int) -> None:
    guide = Guide({"T": "A n1 1-2, B n1 | C n1"})
    assert len(guide.faults(etree.fromstring(xml), "T")) == faults


@pytest.mark.parametrize(
    ("kind", "text", "right"),
    [
        ("an35", "a" * 35, True),
        ("an35", "a" * 36, False),
        ("an35", "   ", False),
        ("n3", "999", True),
        ("n3", "-1", False),
        ("sn", "-1.5", True),
        ("sn", ".5", False),
        ("date", "20260101", False),
        ("dateTime", "2026-01-01T10:00:00.5-05:00", True),
        ("dateTime", "2026-01-01 10:00:00", False),
        ("phone", "55501001990", False),
        ("unit", "C48542", True),
        ("base64", "JVBE*", False),
    ],
)
def test_values_are_of_their_kind(kind: str, text: str, right: bool) -> None:
    assert (fault_of(kind, text) is None) is right
