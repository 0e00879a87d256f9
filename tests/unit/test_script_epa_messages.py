"""The messages as types: written and read they are the same, in the order and the bounds of the standard."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.script_epa.codec.envelope import Header, Party
from adapters.script_epa.codec.form import Form, Malformed, Part
from adapters.script_epa.codec.messages import CONTENTS, Message, PAInitiationRequest, Status, read, write
from adapters.script_epa.codec.versions import V2017071
from conformance.simulators.pbm.guide import GUIDE
from gateway.contract.errors import MaybeSent
from gateway.model.status import LineOutcome
from tests.unit.script_material import (
    HEADER,
    MIRRORED,
    QUESTIONS,
    answer,
    error,
    heard,
    message,
    reply,
    status,
    submitted,
)

NUMBER = "<PrimaryTelephone><Number>8005550100</Number></PrimaryTelephone>"
SET = f"<QuestionSet>{HEADER.replace('<Number>8005550100</Number>', NUMBER)}{QUESTIONS}</QuestionSet>".replace(
    "<Date><IsDateTimeRequired>N</IsDateTimeRequired></Date>",
    "<Date><Date><IsDateTimeRequired>N</IsDateTimeRequired></Date></Date>",
)
KEPT = {
    "QuestionSet": SET,
    "DrugDBCode": "<DrugDBCode><Code>861007</Code><Qualifier>SCD</Qualifier></DrugDBCode>",
    "Identification": "<Identification/>",
}
WORDS = {
    "NPI": "1234567893",
    "StateProvince": "OH",
    "CountryCode": "US",
    "PostalCode": "432150000",
    "Number": "6145550100",
    "Extension": "12",
    "IINNumber": "610011",
    "CodeListQualifier": "38",
    "PayerResponsibilityCode": "PP",
    "PatientRelationship": "4",
    "Gender": "U",
    "PAPriorityIndicator": "X",
    "Substitutions": "1",
    "ClinicalInformationQualifier": "2",
    "Value": "0.5",
    "DaysSupply": "30",
    "PayerType": "A",
    "MIMEType": "application/hl7-sda+xml",
    "AttachmentData": "QUJD",
    "CancelReasonCode": "AC",
    "IsPatientNotified": "N",
    "IsEAppealSupported": "Y",
    "PharmacyType": "M",
    "NumberOfCycles": "6",
    "NumberOfRefills": "5",
    "ReasonCode": "BZ",
    "InitiationClosedCode": "CC",
    "ClosedCode": "CO",
}
CODES = {"Status": "000", "Error": "900", "Receipt": "010", "Unit": "C48542"}
SAID = Header(
    to=Party("PBM1", "PY"),
    from_=Party("PRACTICE1", "C"),
    id="0123456789abcdef0123456789abcdef",
    sent_at=datetime(2026, 11, 22, 10, 0, 0, 250_000, tzinfo=UTC),
    software=("Maker", "Thing", "2"),
    versions="20170715",
    domain="SPECIALIZED",
    relates_to="OTHER1",
    mailbox="BOX",
    delivered="D1",
    acknowledged="A1",
    test=True,
)


def fullest(of: type[Part], pick: int = 0) -> Part:
    """With everything in it that may be; ``pick`` says which of several."""

    def value(form: Form) -> Any:
        match form.kind:
            case "text" if form.word == "Qualifier":
                return "ABF" if of.__name__ == "DiagnosisCode" else "ND"
            case "text":
                return CODES.get(of.__name__, "A1") if form.word == "Code" else WORDS.get(form.word, "A1")
            case "date":
                return "2026-11-25" if pick else "2026-11-25T17:00:00-06:00"
            case "verbatim":
                return KEPT.get(form.word, f"<{form.word}><Kept/></{form.word}>").encode()
        return fullest(form.of[min(pick, len(form.of) - 1)], pick)

    held = {name: (value(form),) * form.most if form.many else value(form) for name, form in of.forms if form.most}
    return of(**held)


ASKED = ("PAInitiationRequest", "PARequest", "PAAppealRequest", "PACancelRequest", "Status", "Error", "Verify")


@pytest.mark.parametrize("pick", [0, 1])
@pytest.mark.parametrize("kind", ASKED)
def test_the_fullest_message_is_in_order_for_a_strict_pharmacy_manager(kind: str, pick: int) -> None:
    written = write(Message(V2017071, SAID, fullest(CONTENTS[kind], pick)))
    assert GUIDE.faults(etree.fromstring(written), "Message") == []


BODY = (
    "RequestReferenceNumber PAReferenceID PAPriorityIndicator BenefitsCoordination BenefitsCoordination "
    "BenefitsCoordination BenefitsCoordination Patient Pharmacy Prescriber MedicationPrescribed Facility Supervisor "
    "Provider "
)
DETAILS = " ".join(["AuthorizationDetail"] * 5)
CLOSURES = " ".join(["ReasonCode"] * 10)
ANSWERED = {
    ("PAInitiationResponse", 0): (
        BODY + "Response",
        "PACaseID ExpiringPACaseID ExpirationDate DeadlineForReply QuestionSet PANote",
    ),
    ("PAInitiationResponse", 1): (
        BODY + "Response",
        f"PACaseID {CLOSURES} AuthorizationNumber {DETAILS} AuthorizationPeriod PANote PAProcessor",
    ),
    ("PAResponse", 0): (
        BODY + "Attachment Response",
        "PACaseID AuthorizationNumber AuthorizationPeriod Appeal PANote PAProcessor",
    ),
    ("PAResponse", 1): (BODY + "Attachment Response", "PACaseID Appeal PANote PAProcessor"),
    ("PAResponse", 2): (BODY + "Attachment Response", "PACaseID ExpectedResponseDate PANote"),
    ("PAResponse", 3): (BODY + "Attachment Response", "PACaseID MoreInformationRequired PANote"),
    ("PAResponse", 4): (
        BODY + "Attachment Response",
        f"PACaseID {CLOSURES.replace('Reason', 'ClosedReason')} AuthorizationNumber {DETAILS} AuthorizationPeriod "
        "PANote PAProcessor",
    ),
    ("PAResponse", 5): (
        BODY + "Attachment Response",
        f"PACaseID AuthorizationNumber {DETAILS} AuthorizationPeriod Appeal PANote PAProcessor",
    ),
    ("PAAppealResponse", 0): (
        BODY + "Attachment Response",
        "PACaseID AppealCaseID AuthorizationNumber AuthorizationPeriod Appeal PANote PAProcessor",
    ),
    ("PAAppealResponse", 1): (BODY + "Attachment Response", "PACaseID AppealCaseID Appeal PANote PAProcessor"),
    ("PAAppealResponse", 2): (BODY + "Attachment Response", "PACaseID AppealCaseID MoreInformationRequired PANote"),
    ("PACancelResponse", 0): ("PAReferenceID PAPriorityIndicator Response", "PANote"),
    ("PACancelResponse", 1): ("PAReferenceID PAPriorityIndicator Response", "ReasonCode PANote"),
}


@pytest.mark.parametrize(("kind", "pick"), ANSWERED)
def test_the_fullest_answer_is_in_the_order_of_the_standard(kind: str, pick: int) -> None:
    root = etree.fromstring(write(Message(V2017071, SAID, fullest(CONTENTS[kind], pick))))
    body, said = ANSWERED[kind, pick]
    assert [child.tag for child in root.find(f"Body/{kind}")] == body.split()
    assert [child.tag for child in root.find(f"Body/{kind}/Response/ResponseStatus")[0]] == said.split()


@cache
def parts(of: type[Part]) -> st.SearchStrategy[Part]:
    return st.builds(of, **{name: _values(form) for name, form in of.forms})


def _values(form: Form) -> st.SearchStrategy[Any]:
    if form.kind == "text":
        plain = form.shape.pattern.startswith("[!-~](?:")
        shape = st.from_regex(re.compile(form.shape.pattern, re.ASCII), fullmatch=True)
        of: st.SearchStrategy[Any] = st.sampled_from(["x", "<&>\"'", "a  b", "y" * form.length]) if plain else shape
        of = of.filter(lambda value: len(value) <= form.length)
    elif form.kind == "date":
        of = st.sampled_from(["2026-11-25", "2026-11-25T17:00:00", "2026-11-25T17:00:00.5-06:00"])
    elif form.kind == "verbatim":
        tag = V2017071.tags[form.word]
        of = st.sampled_from([f"<{tag}/>", f"<{tag} a='1'> <Question><b>&lt;</b></Question>\n</{tag}>"]).map(str.encode)
    else:
        of = st.one_of([parts(each) for each in form.of])
    if form.many:
        return st.lists(of, min_size=form.least, max_size=min(form.most, 3)).map(tuple)
    return st.none() if not form.most else of if form.least else st.none() | of


@pytest.mark.parametrize("kind", CONTENTS)
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_what_was_written_is_read_as_it_was(kind: str, data: st.DataObject) -> None:
    said = Message(
        V2017071, data.draw(st.sampled_from([SAID, replace(SAID, test=None)])), data.draw(parts(CONTENTS[kind]))
    )
    assert read(write(said)) == said


def test_a_year_is_written_with_four_digits() -> None:
    early = replace(SAID, sent_at=datetime(99, 1, 1, tzinfo=UTC))
    assert b">0099-01-01T00:00:00Z<" in write(Message(V2017071, early, fullest(PAInitiationRequest)))


WHOLE = fullest(PAInitiationRequest)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"reference": None}, "PAInitiationRequest/PAReferenceID: there is none"),
        ({"reference": "x" * 36}, "PAInitiationRequest/PAReferenceID: it is too long"),
        ({"reference": "ü"}, "PAInitiationRequest/PAReferenceID: it is"),
        ({"reference": "a\nb"}, "PAInitiationRequest/PAReferenceID: it is"),
        ({"benefits": WHOLE.benefits * 2}, "PAInitiationRequest/BenefitsCoordination: there are too many"),
        ({"priority": "U"}, "PAInitiationRequest/PAPriorityIndicator: it is"),
        ({"patient": None}, "PAInitiationRequest/Patient: there is none"),
        ({"patient": Status(code="000")}, "PAInitiationRequest/Patient: nothing of this kind"),
    ],
)
def test_what_breaks_a_bound_is_not_written_and_the_error_says_where(changed: dict[str, Any], where: str) -> None:
    with pytest.raises(Malformed, match=f"^{where}"):
        write(Message(V2017071, SAID, replace(WHOLE, **changed)))


def test_an_error_and_a_value_say_nothing_of_what_is_in_them() -> None:
    with pytest.raises(Malformed) as refused:
        write(Message(V2017071, SAID, replace(WHOLE, reference="Testperson" * 9)))
    assert "Testperson" not in str(refused.value)
    assert repr(WHOLE) == "<PAInitiationRequest>"


def test_what_a_payer_leaves_out_is_nothing_and_what_it_adds_is_left() -> None:
    body = message(f"<PAResponse>{MIRRORED}<Novelty/><Response><ResponseStatus/></Response></PAResponse>")
    found = read(body).content
    assert (found.drug.quantity, found.drug.coded.product.code) == (None, "00003012345")
    assert (found.patient.name.first, found.response.status) == ("ADA", None)


def test_a_receipt_is_read_with_its_codes() -> None:
    assert read(status("003")).content == Status(code="003")
    found = read(error("900", "220", "008")).content
    assert (found.code, found.details, found.description) == ("900", ("220", "008"), "at /Message/Body, it says")


def test_a_code_that_is_left_empty_does_not_make_a_refusal_of_what_may_go_again() -> None:
    with pytest.raises(MaybeSent):
        submitted(reply(error("900", "", "008")))


def test_a_birth_date_is_compared_in_whatever_element_it_stands() -> None:
    denied = "<Denied><PACaseID>PBM-4711</PACaseID><Appeal><IsEAppealSupported>N</IsEAppealSupported></Appeal></Denied>"
    bare = MIRRORED.replace("<Date>1961-04-12</Date>", "1961-04-12")
    assert heard(answer("PAResponse", denied, mirrored=bare)).lines[0].outcome is LineOutcome.NOT_CERTIFIED
    other = heard(answer("PAResponse", denied, mirrored=bare.replace("04-12", "04-13")))
    assert other.attention_why == "the answer is about a patient born on another day"
