"""What tests of the SCRIPT channel are made of: a destination, a request, and messages as a partner writes them.

The channel is imported by name: its entry point is known once the project was installed again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from adapters.script_epa import ADAPTER
from adapters.script_epa.settings import ConnectionSettings, PayerSettings
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed, Stamp
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.contract.drive import drive, first_frame
from gateway.contract.frames import Https, Reply
from gateway.contract.inbound import Partner
from gateway.contract.mailbox import Posted, Saying
from gateway.model.outcome import Outcome, Reference, ReferenceKind
from gateway.model.request import PARequest
from tests.running.requests import compose

CODES = Path(__file__).parents[2] / "mappings" / "codes"
ENDPOINT = "https://pbm.example/script"
NDC = "00003012345"
STAMP = Stamp(at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC), number=7, seed="0123456789abcdef" * 2)
LATER = Stamp(at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), number=8, seed="fedcba9876543210" * 2)
CASE = "PBM-4711"
US, THEM = "PRACTICE1", "PBM1"


@cache
def tables() -> dict[str, CodeTable]:
    found = (CodeTable.model_validate(yaml.safe_load(path.read_text())) for path in CODES.glob("script_epa_*.yaml"))
    return {table.table: table for table in found}


def settings(**over: Any) -> ConnectionSettings:
    return ConnectionSettings.model_validate({"version": "2017071", "to": THEM, "from": US} | over)


def destination(mode: Mode = Mode.TEST, xsd: Any = None, **over: Any) -> Destination:
    return Destination(
        payer="rowan_rx",
        payer_name="Rowan Rx",
        connection="demo_pbm",
        mode=mode,
        endpoint=ENDPOINT,
        payer_settings=PayerSettings(payer_id="ROWAN"),
        connection_settings=settings(**over),
        tables=tables(),
        xsd=xsd,
    )


def partner(mode: Mode = Mode.TEST, xsd: Any = None, payers: tuple[PayerSettings, ...] = (), **over: Any) -> Partner:
    return Partner("demo_pbm", mode, ENDPOINT, settings(**over), payers, xsd)


TO = destination()


def order(**over: Any) -> dict[str, Any]:
    """A request for a drug of the pharmacy benefit, as JSON."""
    value = compose("SIMCASE01", payer="rowan_rx")
    value["coverages"][0]["pharmacy"] = {"bin": "610011", "pcn": "ROWAN", "group": "RX1"}
    value["lines"] = [
        {
            "id": "1",
            "role": "drug",
            "code": {"system": "ndc", "code": NDC},
            "description": "Examplinib 100 mg tablet",
            "dose": "100 mg by mouth",
            "frequency": {"times": 2, "period": "day"},
            "quantity": {"value": 60},
            "dates": {"start": "2026-12-01"},
        }
    ]
    return value | over


def request(**over: Any) -> PARequest:
    return PARequest.model_validate(order(**over))


REQUEST = request()
FILED = Filed(request=REQUEST, stamp=STAMP, references=(Reference(kind=ReferenceKind.REVIEW, value=CASE),))


def said(exchange: Exchange) -> bytes:
    frame = first_frame(exchange)
    assert isinstance(frame, Https)
    assert frame.document is not None
    return frame.document


def told(document: bytes, *path: str) -> str | None:
    """The text of the element under these names in the body of a message."""
    found = etree.fromstring(document).find("Body").find("/".join(("*", *path)))
    return None if found is None else found.text


INITIATION = said(ADAPTER.submit(REQUEST, TO, STAMP))
REFERENCE = told(INITIATION, "PAReferenceID")


def id_of(document: bytes) -> str:
    return str(etree.fromstring(document).findtext("Header/MessageID"))


def message(
    content: str,
    *,
    relates: str | None = None,
    own: str = "THEIRS1",
    sent: str = "2026-11-22T10:05:00Z",
    sender: str = THEM,
    receiver: str = US,
    more: str = "",
    attributes: str = 'TransactionVersion="20170715" TransactionDomain="SCRIPT"',
) -> bytes:
    """A message as a partner writes it, with line ends and blanks."""
    about = f"<RelatesToMessageID>{relates}</RelatesToMessageID>" if relates else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Message {attributes}>\n <Header>\n'
        f'  <To Qualifier="C">{receiver}</To>\n  <From Qualifier="PY">{sender}</From>\n'
        f"  <MessageID>{own}</MessageID>{about}<SentTime>{sent}</SentTime>{more}\n </Header>\n"
        f" <Body>{content}</Body>\n</Message>\n"
    ).encode()


def status(code: str = "000", **over: Any) -> bytes:
    return message(f"<Status><Code>{code}</Code></Status>", **{"relates": id_of(INITIATION)} | over)


def error(code: str, *faults: str, **over: Any) -> bytes:
    why = "".join(f"<DescriptionCode>{fault}</DescriptionCode>" for fault in faults)
    text = "<Description>at /Message/Body, it says</Description>"
    return message(f"<Error><Code>{code}</Code>{why}{text}</Error>", **{"relates": id_of(INITIATION)} | over)


MIRRORED = (
    "<Patient><HumanPatient><Name><LastName>TESTPERSON</LastName><FirstName>ADA</FirstName></Name><Gender>F</Gender>"
    "<DateOfBirth><Date>1961-04-12</Date></DateOfBirth></HumanPatient></Patient>"
    "<MedicationPrescribed><DrugCoded><ProductCode><Code>00003012345</Code><Qualifier>ND</Qualifier></ProductCode>"
    "</DrugCoded></MedicationPrescribed>"
)


def answer(
    kind: str, response: str, *, mirrored: str = MIRRORED, reference: str | None = REFERENCE, **over: Any
) -> bytes:
    """A business answer: ``response`` is what stands in ResponseStatus."""
    named = f"<PAReferenceID>{reference}</PAReferenceID>" if reference else ""
    return message(
        f"<{kind}>{named}{mirrored}\n<Response><ResponseStatus>{response}</ResponseStatus></Response></{kind}>", **over
    )


HEADER = (
    "<Header><QuestionSetID>QS1</QuestionSetID><QuestionSetTitle>Examplinib</QuestionSetTitle>"
    "<QuestionSetDescription>Decided within a day.</QuestionSetDescription>"
    "<QuestionSetContactCommunicationNumber><Number>8005550100</Number></QuestionSetContactCommunicationNumber>"
    "<AttachementRequired>N</AttachementRequired></Header>"
)
QUESTIONS = """
<Question><QuestionID>10</QuestionID><SequenceNumber>1</SequenceNumber><QuestionText>Kind of tumour?</QuestionText>
 <CodedReference><Qualifier>LOINC</Qualifier><Code>21908-9</Code><Description>Stage</Description></CodedReference>
 <QuestionType><Select><SelectMultiple>N</SelectMultiple>
  <Choice><ChoiceID>a</ChoiceID><SequenceNumber>1</SequenceNumber><ChoiceText>Lung</ChoiceText>
   <AdditionalFreeTextIndicator>NA</AdditionalFreeTextIndicator><NextQuestionID>20</NextQuestionID></Choice>
  <Choice><ChoiceID>b</ChoiceID><SequenceNumber>2</SequenceNumber><ChoiceText>Other &amp; rare</ChoiceText>
   <AdditionalFreeTextIndicator>M</AdditionalFreeTextIndicator><NextQuestionID>END</NextQuestionID></Choice>
 </Select></QuestionType></Question>
<Question><QuestionID>20</QuestionID><SequenceNumber>2</SequenceNumber><QuestionText>Since when?</QuestionText>
 <DefaultNextQuestionID>30</DefaultNextQuestionID>
 <QuestionType><Date><IsDateTimeRequired>N</IsDateTimeRequired></Date></QuestionType></Question>
<Question><QuestionID>30</QuestionID><SequenceNumber>3</SequenceNumber><QuestionText>Platelets?</QuestionText>
 <QuestionType><Numeric><IsNumeric>Y</IsNumeric>
  <NextQuestionCondition><RangeComparison><LowerBoundComparisonValue>120</LowerBoundComparisonValue>
   <LowerBoundComparisonOperator>LE</LowerBoundComparisonOperator>
   <UpperBoundComparisonValue>160</UpperBoundComparisonValue>
   <UpperBoundComparisonOperator>GE</UpperBoundComparisonOperator><NextQuestionID>40</NextQuestionID></RangeComparison>
  </NextQuestionCondition></Numeric></QuestionType></Question>
<Question><QuestionID>40</QuestionID><SequenceNumber>4</SequenceNumber><QuestionText>Anything else?</QuestionText>
 <DefaultNextQuestionID>END</DefaultNextQuestionID>
 <QuestionType><FreeText><IsFreeText>Y</IsFreeText></FreeText></QuestionType></Question>
"""
DEADLINE = "<DeadlineForReply><Date>2026-11-25</Date></DeadlineForReply>"


def opening(questions: str = QUESTIONS, header: str = HEADER, deadline: str = DEADLINE) -> bytes:
    inside = f"<PACaseID>{CASE}</PACaseID>{deadline}<QuestionSet>{header}{questions}</QuestionSet>"
    return answer("PAInitiationResponse", f"<Open>{inside}<PANote>Be quick.</PANote></Open>")


def more_wanted(kind: str = "PAResponse", questions: str = QUESTIONS, appeal: str = "") -> bytes:
    """Questions without a set around them."""
    inside = f"<MoreInformationRequired>{HEADER}{questions}{DEADLINE}</MoreInformationRequired>"
    return answer(kind, f"<Open><PACaseID>{CASE}</PACaseID>{appeal}{inside}</Open>", own="THEIRS2")


def reply(body: bytes, code: int = 200, kind: str = "application/xml", **headers: str) -> Reply:
    return Reply(code, (("content-type", kind), *((k.replace("_", "-"), v) for k, v in headers.items())), body)


def submitted(heard: Reply, *, again: bool = False) -> Outcome:
    stamp = STAMP.model_copy(update={"again": again})
    return drive(ADAPTER.submit(REQUEST, TO, stamp), lambda frame: heard)


def heard(body: bytes, work: Change | Answers | None = None, filed: Filed = FILED, to: Destination = TO) -> Outcome:
    """What a message that came says of the request, or of what was said since."""
    letters = ADAPTER.open(body)
    [outcome] = ADAPTER.hear(letters, Saying(filed, STAMP if work is None else LATER, work), to)
    return outcome


def posted(document: bytes, handle: str, case: str = "case") -> Posted:
    return Posted(handle, document, TO, case)


CANCEL = Change(kind=ChangeKind.CANCEL, reason="The patient moved away.")
