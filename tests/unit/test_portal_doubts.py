"""What a visit must not believe: a number that is another member's, a namesake, a clock that goes wrong, a page that
contradicts itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.portal.names import Name
from adapters.portal.reading.words import us_moment
from conformance.replay import open_exchange
from gateway.contract.errors import MaybeSent, NeedsPerson, Unreadable
from gateway.contract.frames import Reply
from gateway.contract.turns import Click, Upload
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.unit.portal_material import bench, cases, exchange_of, played, replies_of


def reworded(name: str, said: bytes, instead: bytes) -> list[Reply]:
    """The replies of a case with other words on their pages, which must be there."""
    replies = replies_of(name)
    assert any(said in each.body for each in replies), said
    return [Reply(200, each.headers, each.body.replace(said, instead)) for each in replies]


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("ironwood_withdrawn", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
        ("ironwood_documents_sent", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
        ("juniper_information_sent", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
        *(
            (name, said, instead)
            for name in ("ironwood_withdrawn", "ironwood_documents_sent", "juniper_information_sent")
            for said, instead in ((rb"cell \"J1745\"", rb"cell \"J9035\""), (rb"cell \"40\"", rb"cell \"41\""))
        ),
    ],
)
def test_nothing_is_changed_of_another_request(name: str, said: bytes, instead: bytes) -> None:
    """A person may have settled the case with a number that is not the patient's, or is that of another therapy."""
    frames, end = played(exchange_of(name), reworded(name, said, instead))
    assert not any(frame.effect for frame in frames)
    assert isinstance(end, NeedsPerson)
    assert end.only_this


@pytest.mark.parametrize("name", ["ironwood_documents_that_were_sent_before", "juniper_information_sent_before"])
def test_another_document_of_the_same_id_and_size_is_sent(name: str) -> None:
    """A document is its content: what has only its name there was not sent before."""
    case = cases()[name]
    answers = case.file.answers
    assert answers is not None
    _, end = played(exchange_of(name), replies_of(name))
    assert isinstance(end, Outcome)
    others = tuple(
        each.model_copy(update={"content": each.content.replace(b"obj", b"OBJ")}) for each in answers.attachments
    )
    assert [len(each.content) for each in others] == [len(each.content) for each in answers.attachments]
    file = case.file.model_copy(update={"answers": answers.model_copy(update={"attachments": others})})
    changed_case = replace(case, file=file)
    exchange = open_exchange(changed_case, bench().adapter("portal"), bench().destination(changed_case))
    _, end = played(exchange, replies_of(name))
    assert isinstance(end, NeedsPerson)  # the page asks for nothing more


def test_the_hour_that_clocks_show_twice_tells_no_moment() -> None:
    """Read as the first of the two, what was filed in the second would be older than its own sending, and go again."""
    zone = ZoneInfo("America/New_York")
    assert us_moment("11/01/2026 01:30 AM", zone) is None
    assert us_moment("11/01/2026 02:00 AM", zone) == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert us_moment("03/08/2026 02:30 AM", zone) is None


@pytest.mark.parametrize(
    ("told", "last", "first", "same"),
    [
        ("Bo Testperson", "Testperson", "Bo", True),
        ("TESTPERSON, BO A", "Testperson", "Bo", True),
        ("Bo Testperson", "Testperson", None, True),
        ("Ann Testperson", "Testperson", "Anna", False),
        ("Mo Testperson", "Testperson", "Bo", False),
        ("Bo Testpersonsky", "Testperson", "Bo", False),
        ("Bo Nunez Mockford", "N\u00fa\u00f1ez", "Bo", True),
        ("SINEAD O BRIEN", "O\u2019Brien", "Sin\u00e9ad", True),
        ("SINEAD OBRIEN", "O'Brien", "Sine\u0301ad", True),
        ("Bo Smith Jones", "Smith-Jones", "Bo Rex", True),
        ("", "Testperson", "Bo", False),
    ],
)
def test_the_patient_is_known_by_whole_names_however_a_site_writes_them(
    told: str, last: str, first: str | None, same: bool
) -> None:
    assert Name(last, first or "").stands_in(told) is same
    assert Name(last, first or "").stands_in(f"SIMAPPROVE01 - {told}") is same


@pytest.mark.parametrize(
    ("last", "first", "told", "same"),
    [
        ("St. James", "James", "Mary St James", False),
        ("St. James", "James", "James St James", True),
        ("De la Cruz", "Cruz", "DE LA CRUZ, MARIA", False),
        ("Lee", "Lee", "LEE, SUSAN", False),
        ("Lee", "Lee", "Lee Lee", True),
        ("Ann", "Jo", "Jo Ann Ann", True),
    ],
)
def test_a_word_of_a_name_is_one_name_and_not_two(last: str, first: str, told: str, same: bool) -> None:
    assert Name(last, first).stands_in(told) is same


@pytest.mark.parametrize("name", ["ironwood_filed", "juniper_filed"])
def test_a_twin_under_the_same_number_is_not_filed_for(name: str) -> None:
    frames, end = played(exchange_of(name), reworded(name, b"Bo Testperson", b"Mo Testperson"))
    assert not any(frame.effect for frame in frames)
    assert isinstance(end, NeedsPerson)
    assert "Testperson" not in str(end)


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("ironwood_approved", b"strong: Approved", b"strong: Pending clinical review"),
        ("ironwood_approved", b"strong: Approved", b"strong: No authorization required"),
        ("ironwood_denied", b"strong: Denied", b"strong: Approved"),
        ("ironwood_denied", b"strong: Denied", b"strong: Additional information requested"),
        ("juniper_certified", b"definition: Certified", b"definition: In review"),
    ],
)
def test_a_page_that_contradicts_itself_decides_nothing(name: str, said: bytes, instead: bytes) -> None:
    _, end = played(exchange_of(name), reworded(name, said, instead))
    assert isinstance(end, Outcome)
    assert {line.outcome for line in end.lines} == {LineOutcome.UNKNOWN}
    assert end.attention is Attention.OPERATOR
    assert not end.final


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("ironwood_approved", b"strong: Approved", b"strong: Rescinded"),
        ("ironwood_denied", b"strong: Denied", b"strong: Denial overturned"),
        ("juniper_certified", b"definition: Certified", b"definition: Reopened"),
    ],
)
def test_under_a_word_for_the_whole_that_nobody_knows_no_service_is_decided(
    name: str, said: bytes, instead: bytes
) -> None:
    """It may take back what still stands beside the services."""
    _, end = played(exchange_of(name), reworded(name, said, instead))
    assert isinstance(end, Outcome)
    assert {line.outcome for line in end.lines} == {LineOutcome.UNKNOWN}
    assert [each.kind for each in end.references] == [ReferenceKind.REVIEW]
    assert end.attention is Attention.OPERATOR
    assert not end.final


@pytest.mark.parametrize("name", ["ironwood_approved", "juniper_certified"])
@pytest.mark.parametrize("instead", [b"Pending", b"N/A", b"See letter", b"Issued 11/22"])
def test_what_stands_where_a_number_should_is_no_authorization_number(name: str, instead: bytes) -> None:
    found = {number for each in replies_of(name) for number in re.findall(rb"(?:IRWA|JNPC)[0-9]{7}", each.body)}
    [number] = found
    _, end = played(exchange_of(name), reworded(name, number, instead))
    assert isinstance(end, Outcome)
    assert {(line.outcome, line.authorization_number) for line in end.lines} == {(LineOutcome.CERTIFIED, None)}
    assert [each.kind for each in end.references] == [ReferenceKind.REVIEW]
    assert (end.attention, end.attention_why) == (Attention.OPERATOR, "what is granted has no number that can be read")


def test_what_is_found_for_the_first_signs_of_a_code_is_no_refusal() -> None:
    """The list is open while one types: without the code in it nobody has said that there is none."""
    name = "juniper_filed"
    first_signs = [
        (b'option \\"SIMAPPROVE01 - Bo Testperson\\"', b'option \\"SIMAPPROVE0 - Bo Testperson\\"'),
        (b'option \\"J1745 - ', b'option \\"J1744 - '),
    ]
    for said, instead in first_signs:
        frames, end = played(exchange_of(name), reworded(name, said, instead))
        assert not any(frame.effect for frame in frames)
        assert isinstance(end, NeedsPerson), said


@pytest.mark.parametrize("name", ["ironwood_found_by_a_search", "juniper_found_in_the_list"])
@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b'cell \\"J1745, Q5103\\"', b'cell \\"J1745 (40 units), Q5103 (2 units)\\"'),
        (b'cell \\"J1745, Q5103\\"', b'cell \\"J1745; Q5103\\"'),
        (b'cell \\"J1745, Q5103\\"', b'cell \\"J1745, +1 more\\"'),
        (b'cell \\"J1745, Q5103\\"', b'cell \\"Made-up infusion\\"'),
        (b'cell \\"SIMAPPROVE01\\"', b'cell \\"****VE01\\"'),
    ],
)
def test_a_row_that_is_written_otherwise_than_it_was_is_not_another_request(
    name: str, said: bytes, instead: bytes
) -> None:
    """Were it, nothing would be on file, and a lost filing would go again."""
    _, end = played(exchange_of(name), reworded(name, said, instead))
    assert isinstance(end, Outcome)
    assert (end.answer, end.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


@pytest.mark.parametrize("name", ["ironwood_found_by_a_search", "juniper_found_in_the_list"])
def test_a_member_id_is_the_same_with_and_without_blanks_and_hyphens(name: str) -> None:
    _, end = played(exchange_of(name), reworded(name, b'cell \\"SIMAPPROVE01\\"', b'cell \\"SIM-APPROVE 01\\"'))
    assert isinstance(end, Outcome)
    assert end.answer is Answer.REVIEWED


def test_a_duplicate_whose_procedures_cannot_be_read_may_be_of_an_earlier_sending() -> None:
    name = "ironwood_duplicate_of_an_earlier_sending"
    told = reworded(name, b'cell \\"J1745, Q5103\\"', b'cell \\"Made-up infusion\\"')
    _, end = played(exchange_of(name, again=True), told)
    assert isinstance(end, MaybeSent)


def test_a_box_that_is_ticked_already_is_not_clicked() -> None:
    """A click would take the tick back, and what is filed would be another thing than what was shown."""
    name, box = "ironwood_filed", b'checkbox \\"I attest that the information is correct\\"'
    for told, clicks in ((replies_of(name), 2), (reworded(name, box, box + b" [checked]"), 1)):
        frames, _ = played(exchange_of(name), told)
        [filing] = [frame for frame in frames if frame.effect]
        assert sum(isinstance(step, Click) for step in filing.steps) == clicks


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("juniper_not_found_in_the_list", b"status: No requests.", b"status: Loading requests"),
        ("juniper_not_found_in_the_list", b"status: No requests.", b"status: The list is not complete just now."),
        ("juniper_not_found_in_the_list", b'member ID\\": SIMAPPROVE01', b'member ID\\": SIMAPPROVE'),
        ("juniper_not_found_in_the_list", b'member ID\\": SIMAPPROVE01', b'member ID\\"'),
        ("ironwood_not_found_by_a_search", b"No requests match.", b"No requests match.\\n  - status: So far."),
        ("ironwood_not_found_by_a_search", b'\\"Submitted to\\"', b'\\"Submitted to\\": 01/01/2026'),
        ("ironwood_not_found_by_a_search", b'\\"Reference number\\"', b'\\"Reference number\\": IRW'),
        ("ironwood_not_found_by_a_search", b'\\"Member ID\\": SIMAPPROVE01', b'\\"Member ID\\": SIMAPPROVE'),
    ],
)
def test_a_search_for_something_else_or_one_that_has_not_ended_finds_nothing_absent(
    name: str, said: bytes, instead: bytes
) -> None:
    """Were it believed, a filing that is lost would go again."""
    _, end = played(exchange_of(name), reworded(name, said, instead))
    assert isinstance(end, NeedsPerson | Unreadable)


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("ironwood_approved", b'cell \\"12/01/2026\\"', b'cell \\"04/01/2027\\"'),
        ("juniper_certified", b'cell \\"2026-12-01\\"', b'cell \\"2027-04-01\\"'),
    ],
)
def test_a_grant_that_ends_before_it_begins_is_none(name: str, said: bytes, instead: bytes) -> None:
    _, end = played(exchange_of(name), reworded(name, said, instead))
    assert isinstance(end, Outcome)
    assert {(line.outcome, line.period) for line in end.lines} == {(LineOutcome.UNKNOWN, None)}
    assert end.attention is Attention.OPERATOR


@pytest.mark.parametrize("name", ["ironwood_documents_sent", "juniper_information_sent"])
def test_a_document_that_the_request_was_filed_with_is_sent_where_the_site_asks_for_it(name: str) -> None:
    """It stands in the list of documents since then, and that answers nothing."""
    case = cases()[name]
    assert case.request is not None
    assert case.file.answers is not None
    filed_with = [each for each in case.request.attachments if each.kind == "laboratory_results"][:1]
    codes = {each.id: "Laboratory results" for each in filed_with}
    answers = case.file.answers.model_copy(update={"attachments": tuple(filed_with), "codes": codes})
    same = replace(case, file=case.file.model_copy(update={"answers": answers}))
    exchange = open_exchange(same, bench().adapter("portal"), bench().destination(same))
    frames, end = played(exchange, replies_of(name))
    uploads = [step.name for frame in frames for step in frame.steps if isinstance(step, Upload)]
    assert len(uploads) == 1, end


@pytest.mark.parametrize("name", ["ironwood_found_on_the_second_page", "juniper_found_after_more_was_loaded"])
def test_a_list_that_moves_on_while_it_is_read_finds_nothing_absent(name: str) -> None:
    """One that arrives meanwhile stands where one has looked already, and another one comes twice."""
    replies = replies_of(name)
    lists = [n for n, each in enumerate(replies) if re.search(rb'table \\"(?:Results|Requests)\\"', each.body)]
    *before, last = replies[: lists[-1] + 1]
    numbers = re.findall(rb"(?:IRW|JNP)-[0-9]{6}-[0-9]{5}", last.body)
    first = re.findall(rb"(?:IRW|JNP)-[0-9]{6}-[0-9]{5}", before[-1].body)[-1]
    assert numbers[-1] != first
    again = Reply(200, last.headers, last.body.replace(numbers[-1], first))
    _, end = played(exchange_of(name), [*before, again])
    assert isinstance(end, Unreadable)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [("ironwood_approved", b"Approved", b"Denied"), ("juniper_certified", b"Certified", b"Not certified")],
)
def test_a_service_that_is_denied_in_a_request_that_is_granted_is_a_persons(name: str, yes: bytes, no: bytes) -> None:
    *before, last = replies_of(name)
    head, said, rest = last.body.rpartition(b'cell \\"' + yes + b'\\"')
    assert said
    told = Reply(200, last.headers, head + said.replace(yes, no) + rest)
    _, end = played(exchange_of(name), [*before, told])
    assert isinstance(end, Outcome)
    assert [line.outcome for line in end.lines] == [LineOutcome.CERTIFIED, LineOutcome.UNKNOWN]
    assert (end.attention, end.final) == (Attention.OPERATOR, False)


@pytest.mark.parametrize("name", sorted(cases()))
def test_no_recorded_page_holds_a_credential(name: str) -> None:
    for body in cases()[name].received:
        assert isinstance(body, bytes)
        for secret in (b"demo-portal-password", b"GEZDGNBVGY3TQOJQ"):
            assert secret not in body
        assert not re.search(rb'textbox \\?"(?:Password|6-digit code)\\?": (?!\(secret\))', body)


def looked(name: str, number: str, *replies: Reply) -> Outcome:
    """What an inquiry by a number comes to where the browser sent what was filed."""
    case = cases()[name]
    filed = case.file.filed
    assert filed is not None
    numbered = filed.model_copy(update={"references": (Reference(kind=ReferenceKind.REVIEW, value=number),)})
    case = replace(case, file=case.file.model_copy(update={"filed": numbered}))
    to = bench().destination(case)
    settings = to.connection_settings.model_copy(update={"guard": "observe"})
    to = to.model_copy(update={"connection_settings": settings})
    _, end = played(open_exchange(case, bench().adapter("portal"), to), replies)
    assert isinstance(end, Outcome), end
    return end


def test_what_a_browser_may_have_sent_twice_is_searched_for_and_two_are_a_persons() -> None:
    one, two = replies_of("ironwood_found_by_a_search"), replies_of("ironwood_several_found")
    page = replies_of("ironwood_approved")[-1]
    alone = looked("ironwood_found_by_a_search", "IRW-261122-00001", *one)
    assert (alone.answer, alone.attention) == (Answer.REVIEWED, Attention.NONE)
    twice = looked("ironwood_several_found", "IRW-261122-00001", *two, page)
    assert twice.answer is Answer.REVIEWED
    assert {line.outcome for line in twice.lines} == {LineOutcome.CERTIFIED}
    assert twice.attention is Attention.OPERATOR
    assert "filed twice" in (twice.attention_why or "")
    none = replies_of("ironwood_not_found_by_a_search")
    unseen = looked("ironwood_not_found_by_a_search", "IRW-261122-00001", *none, page)
    assert (unseen.answer, unseen.attention) == (Answer.REVIEWED, Attention.NONE)
