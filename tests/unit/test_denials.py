"""Payers' words: phrases, cues that take each other back, facts, and what text may add to an outcome."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.denials.read import Reader, Verdict
from gateway.denials.refine import refine
from gateway.denials.words import LARGEST
from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.reasons import NextAction, Reason, Scope, Word
from gateway.model.status import LineOutcome
from gateway.profiles.library import Library
from tests.denials.corpus import TUNED, measure

_SITE = "Hospital outpatient setting is denied. Use home infusion."


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Library.load(PROJECT / "mappings", load_adapters()).reference.denials)


def test_what_the_rules_were_written_beside_is_read_right(reader: Reader) -> None:
    """That a new rule took nothing from the others; how well unseen texts are read is measured in tests/promises."""
    readings = [(labelled, reader.read(labelled.text)) for labelled in TUNED]
    result = measure((labelled, one.verdict, [found.word for found in one.reasons]) for labelled, one in readings)
    assert result.crossed == ()
    assert result.verdicts >= 0.95, result
    assert result.reasons >= 0.93, result


@pytest.mark.parametrize(
    "text",
    [
        "The request was not approved.",
        "We cannot approve it.",
        "The drug was previously approved.",
        "An approved alternative must be used.",
        "It is not an approved indication.",
        "The request can be approved if labs are sent.",
        "If your appeal is approved we will write.",
        "Approved by the FDA.",
        "Part was approved and part was denied.",
        "0 of 12 visits approved",
        "Approved units: 0",
        "Authorized: FALSE",
        "Approved? N",
        "Was the drug approved by the plan?",
        "[ ] Approved  [X] Denied",
        "The approval issued on 10/1 is no longer valid.",
        "Authorization was granted in error and is void.",
        "Approval lapsed.",
        "An approval cannot be issued for this drug.",
        "We have approved the denial recommendation of the nurse reviewer.",
        "Tentatively approved subject to eligibility verification.",
        "Approved by nurse, awaiting physician sign-off.",
        "You were approved last year.",
        "Patient assistance approved by the manufacturer.",
        "Enter approval number here:",
        "We approve of your commitment to patient care.",
    ],
)
def test_what_somebody_else_or_nobody_approved_is_no_approval(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is not Verdict.APPROVAL


@pytest.mark.parametrize(
    "text",
    [
        "Approval was rescinded on 9/1.",
        "None of the requested lines were approved.",
        "Approval of this request is not possible under the plan.",
        "We decided not to cover this drug for you.",
        "Coverage of this drug will not be extended after 11/30.",
        "Reviewed by a physician: authorization refused.",
    ],
)
def test_a_refusal_without_the_word_is_adverse(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is Verdict.ADVERSE


@pytest.mark.parametrize(
    "text",
    [
        "This is not a denial.",
        "The claim may be denied if records are missing.",
        "We received your appeal of the denied request.",
        "Send the records or your request will be denied.",
        "Missing records may result in a denial for lack of medical necessity.",
        "[X] Approved  [ ] Denied",
        "APPROVED/DENIED: APPROVED",
        "Was the request denied?",
        "Status changed from Denied to Approved.",
        "The first request was denied, and after the peer-to-peer the decision was changed to approved.",
    ],
)
def test_what_only_may_be_denied_is_not_adverse(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is not Verdict.ADVERSE


@pytest.mark.parametrize(
    "text",
    [
        "Partially approved: six months.",
        "Line 1 certified. Line 2 not certified.",
        "Split decision. The drug is granted, the second course is not approved.",
        "We approved the knee. It can be done with a day of observation if needed, so the stay is not approved.",
    ],
)
def test_a_part_that_is_granted_is_neither_yes_nor_no(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert reading.verdict is Verdict.UNMAPPED
    assert reading.doubt


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("A scan can be had if wanted, but the drug is denied.", Verdict.ADVERSE),
        ("If the notes do not come by May 5, the drug is denied.", Verdict.UNMAPPED),
        ("A day more, if the pain goes on, has been approved.", Verdict.UNMAPPED),
    ],
)
def test_a_condition_takes_back_a_yes_wherever_it_stands_and_a_no_only_of_its_own_clause(
    reader: Reader, text: str, verdict: Verdict
) -> None:
    assert reader.read(text).verdict is verdict


@pytest.mark.parametrize(
    "text",
    [
        "Overturned. The case previously denied on 2/11 is now authorized.",
        "Denied. The plan has authorized its preferred version instead.",
        "HOPD denied. Drug approved at an infusion center.",
    ],
)
def test_a_no_beside_a_yes_is_neither(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is Verdict.UNMAPPED


TAKEN_BACK_OR_OF_SOMETHING_ELSE = (
    "Your request has been approved. However, J2506 is not covered and was denied.",
    "Your request has been approved. However, J2506 is not covered.",
    "The medication was approved; the home infusion was not.",
    "Part A of your request has been approved; part B was not.",
    "The infusion was approved. The second drug isn't.",
    "Approved. This approval has been withdrawn.",
    "Approved 9/2. The approval was retracted on 9/9.",
    "This authorization was approved and later retracted.",
    "Your authorization has been approved. Update 11/3: this approval was issued in error and is void.",
    "Your authorization is approved. That letter was sent by mistake.",
    "Approved. Our notice of 3 May was incorrect.",
    "Correction: the approval notice dated 10/1 was incorrect.",
    "Please disregard the approval letter sent on 10/1.",
    "Please ignore our approval of 10/1.",
    "The approval has been reversed.",
    "Approval was reversed on audit.",
    "We have reconsidered our approval.",
    "Decision reversed: approved -> denied",
    "We have approved a different drug than the one requested.",
    "An alternative medication has been approved.",
    "Certified - partial",
    "Certified - modified",
    "Certified w/ modification: 3 units",
    "Authorized with modifications.",
    "Approval: partial.",
    "Approved for a lesser quantity than requested",
    "Approved at a lower dose than you asked for.",
    "The stay is approved at a lower level of care.",
    "Certified for 3 of 5 days",
    "Approved 1 unit of the 4 requested.",
    "Your request for an expedited review is approved. A decision on the drug will follow.",
    "Your request for a peer-to-peer review has been approved.",
    "A peer to peer has been granted for Tuesday.",
    "Your request for an appeal has been granted.",
    "Your request for extension of time is approved.",
    "Your request to cancel was approved.",
    "We have approved your request to withdraw.",
    "n0t approved",
    "Approved - on hold",
    "Approved, subject to medical director sign-off.",
    "Authorized subject to final review by the plan.",
    "Your request for a tier exception was approved. The drug itself still requires prior authorization.",
    "Approved and subsequently voided.",
    "Approved. Effective 01/01/2025 through 12/31/2025. This authorization has expired.",
    "Request approved. Units approved 0.",
    "Preliminarily approved",
    "Your appeal request was approved for review",
    "Site of care exception approved.",
    "Transition fill approved.",
    "Emergency supply approved",
    "Exception approved: continue to appeal",
    "Approved by NCCN",
    "Approved then overruled by the medical director.",
)


@pytest.mark.parametrize("text", TAKEN_BACK_OR_OF_SOMETHING_ELSE)
def test_a_yes_that_is_taken_back_or_of_something_else_or_of_less_is_none(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict in (Verdict.UNMAPPED, Verdict.PEND, Verdict.ADVERSE)


@pytest.mark.parametrize(
    "text",
    [
        "Denied: No",
        "Denied = N",
        "Denied? No",
        "Services denied: none.",
        "Units denied: 0",
        "No reason to deny.",
        "We found no reason to deny this request.",
        "The reviewer did not find grounds to deny.",
        "There is no basis for a denial.",
        "The request does not meet the criteria for denial.",
        "The appeal has been denied and the original approval stands.",
        "Your request for expedited review is denied. It will be processed as standard.",
        "Expedited handling was denied; we decide within 7 days.",
        "Your request for a peer-to-peer has been denied.",
        "Your request to cancel was denied.",
        "Days 1-3 certified. Days 4-6 non-certified.",
        "3 days certified. 2 days not certified.",
        "Your appeal is upheld.",
        "Do not treat this as an approval",
    ],
)
def test_a_no_that_denies_nothing_or_something_else_is_none(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert reading.verdict in (Verdict.UNMAPPED, Verdict.PEND, Verdict.APPROVAL)
    assert not [each for each in reading.reasons if each.word in (Word.GUIDELINE_NOT_MET, Word.APPEAL_UPHELD)]


@pytest.mark.parametrize(
    "text",
    [
        "Your request has been approved. However, this is not a guarantee of payment.",
        "Approved. Payment is subject to eligibility and benefits on the day of service.",
        "Approved for 6 units. This approval is valid until 12/31/2026.",
        "The drug is approved. Please disregard the denial letter sent on 10/1.",
        "Approved. If your plan changes, tell us.",
        "Your urgent request for Keytruda has been approved.",
        "Approved. You may cancel this authorization at any time.",
    ],
)
def test_a_plain_yes_stays_one_beside_what_every_letter_says(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is Verdict.APPROVAL


@pytest.mark.parametrize(
    "text",
    [
        "Your urgent request for Keytruda has been denied.",
        "Denied. No prior authorization is on file.",
        "Denied: no evidence of a trial of methotrexate.",
        "The criteria are not met. Reason for denial: no stage.",
        "Your request for an extension of the stay was denied.",
    ],
)
def test_a_plain_no_stays_one(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict is Verdict.ADVERSE


@pytest.mark.parametrize(
    "text",
    [
        "Pending - MD review. Nurse unable to approve at first level.",
        "Pended: cannot be approved without the pathology report.",
        "This is not a denial. We are unable to approve it before the laboratory results are here.",
    ],
)
def test_what_is_open_is_not_denied(reader: Reader, text: str) -> None:
    assert reader.read(text).verdict in (Verdict.PEND, Verdict.INFORMATION_REQUEST)


def test_markup_and_typing_errors_are_read_through_and_offsets_hold(reader: Reader) -> None:
    text = "<p>Request denied.</p>\n<p>It isn&#39;t medicaly&nbsp;neccessary</p>"
    [reason] = reader.read(text).reasons
    assert reason.word is Word.MEDICAL_NECESSITY
    assert text[reason.start : reason.end] == "isn&#39;t medicaly&nbsp;neccessary"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MRI without contrast: not medically necessary.", [Word.MEDICAL_NECESSITY]),
        ("Genetic panel before resection appears not medically necessary.", [Word.MEDICAL_NECESSITY]),
        ("MRI without contract: denied.", [Word.OUT_OF_NETWORK]),
        ("NOT MEDICALY NECCESSARY", [Word.MEDICAL_NECESSITY]),
        ("N0T MEDICA1LY NECESSAYR", [Word.MEDICAL_NECESSITY]),
        ("NUT MEDICA1LY NECESSAYR", []),
        ("NOT MEDICA11Y NECESSARY. NOT MEDICAL1Y NECESSARY", [Word.MEDICAL_NECESSITY]),
    ],
)
def test_a_slip_is_mended_and_another_word_is_not(reader: Reader, text: str, words: list[Word]) -> None:
    assert [each.word for each in reader.read(text).reasons] == words


def test_facts_of_a_letter(reader: Reader) -> None:
    text = (
        "Denied. A peer-to-peer may be asked for within 7 business days at (555) 555-0142. You may appeal in 60 days."
    )
    facts = reader.read(text).facts
    assert facts.phones == ("5555550142",)
    told = [(each.purpose, each.length, each.unit) for each in facts.windows]
    assert told == [("peer_to_peer", 7, "business_days"), ("appeal", 60, "calendar_days")], "each in its sentence"
    both = "Denied. Ask for a peer-to-peer within 7 days, or appeal within 60 days."
    assert reader.read(both).facts.windows == (), "both words are near both"
    apart = f"Ask for a peer-to-peer within 7 business days. {'Filler words stand here. ' * 12}Appeal within 60 days."
    told = [(each.purpose, each.length, each.unit) for each in reader.read(apart).facts.windows]
    assert told == [("peer_to_peer", 7, "business_days"), ("appeal", 60, "calendar_days")]


@pytest.mark.parametrize(
    ("text", "no_talk"),
    [
        ("Not medically necessary. Peer-to-peer is no longer available.", True),
        ("The peer to peer window has expired. You may appeal in 60 days.", True),
        ("A peer-to-peer was held on 3 May; the denial stands.", True),
        ("P2P not offered for this plan.", True),
        ("A peer-to-peer is available within 7 days. The benefit has ended.", False),
        ("Not medically necessary. Call for a peer-to-peer.", False),
        ("The drug is no longer available.", False),
    ],
)
def test_that_there_is_no_talk_of_peers_stands_beside_it(reader: Reader, text: str, no_talk: bool) -> None:
    assert reader.read(text).facts.no_talk is no_talk


def outcome_of(word: Word, decided: LineOutcome, code: str | None = None, text: str = _SITE) -> Outcome:
    reason = Reason(word=word, code=code, code_system="x12_hcr03" if code else None, text=text, scope=Scope.LINE)
    return Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=decided, reasons=(reason,)),))


def test_text_refines_a_reason_and_leaves_the_outcome(reader: Reader) -> None:
    before = outcome_of(Word.UNMAPPED, LineOutcome.NOT_CERTIFIED)
    [line] = refine(before, reader).lines
    [reason] = line.reasons
    assert (line.outcome, reason.word, reason.scope) == (LineOutcome.NOT_CERTIFIED, Word.SITE_OF_SERVICE, Scope.SITE)
    assert (reason.next_action, reason.text, bool(reason.rule)) == (NextAction.CHANGE_SITE, _SITE, True)
    assert Reason.model_validate_json(reason.model_dump_json()) == reason


def test_a_general_code_keeps_its_place_and_a_specific_one_stands_alone(reader: Reader) -> None:
    [general] = refine(outcome_of(Word.MEDICAL_NECESSITY, LineOutcome.NOT_CERTIFIED, "0F"), reader).lines
    assert [each.word for each in general.reasons] == [Word.MEDICAL_NECESSITY, Word.SITE_OF_SERVICE]
    specific = outcome_of(Word.OUT_OF_NETWORK, LineOutcome.NOT_CERTIFIED, "9")
    assert refine(specific, reader) == specific


@pytest.mark.parametrize("decided", [LineOutcome.CERTIFIED, LineOutcome.PENDING, LineOutcome.UNKNOWN])
def test_no_text_touches_what_is_not_refused(reader: Reader, decided: LineOutcome) -> None:
    before = outcome_of(Word.UNMAPPED, decided)
    assert refine(before, reader) == before


def test_an_approval_in_words_adds_nothing_to_a_denial(reader: Reader) -> None:
    before = outcome_of(Word.UNMAPPED, LineOutcome.NOT_CERTIFIED, text="Your request has been approved.")
    assert refine(before, reader) == before


@pytest.mark.parametrize("piece", ["not ", "denied ", "not medically ", ".", "<", "\n ", "3 days ", "NCD 1.1 ", "a-"])
def test_hostile_text_takes_time_that_grows_with_its_length(reader: Reader, piece: str) -> None:
    text = (piece * LARGEST)[:LARGEST]
    begun = time.process_time()
    reader.read(text)
    assert time.process_time() - begun < 5
    assert reader.read(text + "x").doubt


@given(text=st.text(max_size=200), words=st.lists(st.sampled_from(["not", "approved", "denied", "if", "-", "."])))
def test_any_text_is_read_and_spans_lie_in_it(reader: Reader, text: str, words: list[str]) -> None:
    whole = text + " ".join(words)
    reading = reader.read(whole)
    assert all(0 <= each.start < each.end <= len(whole) for each in reading.reasons)
