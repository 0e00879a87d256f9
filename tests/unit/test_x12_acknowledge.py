"""999 and TA1 in place of an answer: accepted is no decision, refused names the place, and only ours counts."""

from __future__ import annotations

import pytest

from adapters.x12_278.tools.normalising import outcomes
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.reasons import Word
from gateway.model.status import Attention
from tests.x12_material import LATER, acknowledgement, destination, envelope, outcome_of, response, ta1

AK2 = "AK2*278*0001*005010X217"
SENT = {"inquire": ("HI", "278", "005010X215"), "answer": ("PI", "275", "006020X316")}


@pytest.mark.parametrize(
    ("code", "answer"), [*((c, Answer.RECEIVED) for c in "AE"), *((c, Answer.REJECTED) for c in "RMWX")]
)
def test_the_transactions_own_word_counts(code: str, answer: Answer) -> None:
    whole = "A" if answer is Answer.RECEIVED else code
    outcome = outcome_of(acknowledgement(AK2, f"IK5*{code}", f"AK9*{whole}*1*1*1"))
    assert (outcome.answer, outcome.lines, outcome.attention) == (answer, (), Attention.NONE)


@pytest.mark.parametrize(("code", "answer"), [("A", Answer.RECEIVED), ("E", Answer.RECEIVED), ("R", Answer.REJECTED)])
def test_a_group_that_names_no_transaction_is_judged_as_a_whole(code: str, answer: Answer) -> None:
    assert outcome_of(acknowledgement(f"AK9*{code}*1*1*0")).answer is answer


def test_a_partly_accepted_group_leaves_it_to_the_transaction() -> None:
    assert outcome_of(acknowledgement(AK2, "IK5*A", "AK9*P*2*2*1")).answer is Answer.RECEIVED
    assert outcome_of(acknowledgement(AK2, "IK5*R*5", "AK9*P*2*2*1")).answer is Answer.REJECTED
    assert outcome_of(acknowledgement("AK9*P*2*2*1")).answer is Answer.UNMAPPED


@pytest.mark.parametrize(
    "segments",
    [[AK2, "IK5*Z", "AK9*A*1*1*1"], [AK2, "IK5", "AK9*A*1*1*1"], ["AK9*Z*1*1*1"], [AK2, "IK5*A", "AK9*R*1*1*0"], []],
)
def test_an_acknowledgement_that_says_neither_is_unmapped(segments: list[str]) -> None:
    outcome = outcome_of(acknowledgement(*segments))
    assert (outcome.answer, outcome.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_errors_name_segment_loop_and_element() -> None:
    outcome = outcome_of(
        acknowledgement(
            AK2,
            "IK3*NM1*12*2010C*8",
            "CTX*SITUATIONAL TRIGGER*NM1*12**9",
            "IK4*9:2*67*7*MEMBER-ID-OF-SOMEBODY",
            "IK3*HI*20**3",
            "CTX*SUBSCRIBER NAME NM109:MEMBER-ID-OF-SOMEBODY",
            "IK5*R*5*I5",
            "AK9*R*1*1*0*6",
        )
    )
    found = [(reason.code, reason.word) for reason in outcome.reasons]
    assert found == [
        ("IK403.7", Word.INVALID_CODE),
        ("IK304.3", Word.MISSING_IDENTIFIER),
        ("IK502.5", Word.WRONG_FORMAT),
        ("IK502.I5", Word.WRONG_FORMAT),
        ("AK905.6", Word.WRONG_FORMAT),
    ]
    texts = [reason.text or "" for reason in outcome.reasons]
    assert texts[0].startswith("segment NM1 (number 12) in loop 2010C, element 9-2: ")
    assert texts[1].startswith("segment HI (number 20): ")
    assert texts[1].endswith("(see SUBSCRIBER NAME NM109)")
    assert "MEMBER-ID-OF-SOMEBODY" not in "".join(texts)


def test_an_error_that_no_table_knows_is_for_a_person() -> None:
    outcome = outcome_of(acknowledgement(AK2, "IK3*NM1*12*2010C*ZZ", "IK5*R*5", "AK9*R*1*1*0"))
    assert (outcome.answer, outcome.attention) == (Answer.REJECTED, Attention.OPERATOR)
    assert outcome.reasons[0].word is Word.UNMAPPED


@pytest.mark.proves("AK-01")
@pytest.mark.parametrize(
    "document",
    [
        acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1", number=LATER.number),
        acknowledgement("AK2*278*0002", "IK5*A", "AK9*A*1*1*1"),
        acknowledgement("AK2*278*1000", "IK5*A", "AK9*A*1*1*1"),
        acknowledgement("AK2*278", "IK5*A", "AK9*A*1*1*1"),
        acknowledgement(AK2, "IK5*R*5", "AK9*R*1*1*0").replace(b"*ZZ*SENDER ", b"*ZZ*ANOTHER"),
        ta1("R", "006").replace(b"*ZZ*SENDER ", b"*ZZ*ANOTHER"),
        acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1").replace(b"AK1*HI*17*", b"AK1*HI*17a*"),
        envelope([AK2, "IK5*A", "AK9*A*1*1*1"], kind="999"),
        ta1("A", number=LATER.number),
    ],
)
def test_an_acknowledgement_of_something_else_is_not_applied(document: bytes) -> None:
    outcome = outcome_of(document)
    assert (outcome.answer, outcome.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_an_acknowledgement_whose_sender_and_receiver_are_not_swapped_is_ours() -> None:
    for document in (acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1"), ta1("A")):
        turned = (
            document.replace(b"RECEIVER", b"........")
            .replace(b"SENDER  ", b"RECEIVER")
            .replace(b"........", b"SENDER  ")
        )
        assert turned.count(b"*ZZ*SENDER         *ZZ*RECEIVER       *") == 1
        assert outcome_of(turned).answer is Answer.RECEIVED


@pytest.mark.parametrize("number", ["17", "017", "000000017"])
def test_control_numbers_are_compared_as_numbers(number: str) -> None:
    named = acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1").replace(b"AK1*HI*17*", f"AK1*HI*{number}*".encode())
    told = ta1("A").replace(b"TA1*000000017*", f"TA1*{number}*".encode())
    assert outcome_of(named).answer is outcome_of(told).answer is Answer.RECEIVED


def acknowledged(verb: str, group: str, *ak2: str, word: str = "R") -> Answer:
    """What a 999 under our control number comes to, with this AK1 (without its number) and AK2."""
    number = 17 if verb == "file" else LATER.number
    kind, _, guide = group.partition("*")
    segments = [*ak2, *[f"IK5*{word}*5"][: len(ak2)], f"AK9*{word}*1*1*0"]
    return outcome_of(acknowledgement(*segments, number=number, group=kind, guide=guide), verb=verb).answer


@pytest.mark.parametrize(
    ("verb", "group", "ak2"),
    [
        ("file", "HS*005010X279A1", ["AK2*270*0001*005010X279A1"]),
        ("file", "HS*005010X279A1", []),
        ("file", "HS", []),
        ("file", "PI*006020X316", ["AK2*275*0001"]),
        ("file", "HI*005010X217", ["AK2*270*0001*005010X217"]),
        ("file", "HI*005010X215", ["AK2*278*0001"]),
        ("file", "HI*005010X217", ["AK2*278*0001*005010X215"]),
        ("cancel", "HI*005010X215", []),
        ("inquire", "HI*005010X217", []),
        ("inquire", "HI", ["AK2*278*0001*005010X217"]),
        ("answer", "HI*005010X217", ["AK2*278*0001*005010X217"]),
        ("answer", "PI*006020X316", ["AK2*278*0001"]),
        ("answer", "PI*005010X210", []),
        ("answer", "", []),
    ],
)
@pytest.mark.parametrize("word", ["A", "R"])
def test_an_acknowledgement_of_another_kind_of_message_is_not_applied(
    verb: str, group: str, ak2: list[str], word: str
) -> None:
    assert acknowledged(verb, group, *ak2, word=word) is Answer.UNMAPPED


@pytest.mark.parametrize(
    ("verb", "group", "ak2"),
    [
        ("file", "HI", ["AK2*278*0001"]),
        ("file", "HI", ["AK2*278*1"]),
        ("file", "HI", ["AK2*278*000000001"]),
        ("file", "HI*005010", ["AK2*278*0001*005010X217E1"]),
        ("file", "hi*005010x217", ["AK2*278*0001*005010x217"]),
        ("inquire", "HI*005010X215", []),
        ("answer", "PI", ["AK2*275*0001*006020X316"]),
    ],
)
def test_an_acknowledgement_need_not_name_its_guide_in_full(verb: str, group: str, ak2: list[str]) -> None:
    assert acknowledged(verb, group, *ak2) is Answer.REJECTED


def test_of_several_transactions_in_an_acknowledgement_ours_counts() -> None:
    other = ["AK2*270*0001*005010X279A1", "IK5*R*5"]
    assert outcome_of(acknowledgement(*other, AK2, "IK5*A", "AK9*P*2*2*1")).answer is Answer.RECEIVED


@pytest.mark.parametrize(
    ("code", "note", "answer"),
    [
        ("A", "000", Answer.RECEIVED),
        ("E", "022", Answer.RECEIVED),
        ("R", "006", Answer.REJECTED),
        ("R", "000", Answer.REJECTED),
        ("Z", "000", Answer.UNMAPPED),
        ("", "000", Answer.UNMAPPED),
    ],
)
def test_an_envelope_is_taken_or_refused(code: str, note: str, answer: Answer) -> None:
    outcome = outcome_of(ta1(code, note))
    assert outcome.answer is answer
    assert [reason.code for reason in outcome.reasons] == ([] if note == "000" else [note])


def test_a_refused_envelope_is_for_those_who_keep_the_connection() -> None:
    assert outcome_of(ta1("R", "006")).attention is Attention.OPERATOR


@pytest.mark.parametrize(
    ("verb", "taken", "refused"),
    [
        ("file", Answer.RECEIVED, Answer.REJECTED),
        ("cancel", Answer.RECEIVED, Answer.CANCEL_REFUSED),
        ("answer", Answer.RECEIVED, Answer.REJECTED),
        ("inquire", Answer.UNAVAILABLE, Answer.REJECTED),
    ],
)
def test_what_an_acknowledgement_means_depends_on_what_was_sent(verb: str, taken: Answer, refused: Answer) -> None:
    number = 17 if verb == "file" else LATER.number
    group, kind, guide = SENT.get(verb, ("HI", "278", "005010X217"))
    ak2 = f"AK2*{kind}*0001*{guide}"
    yes = acknowledgement(ak2, "IK5*A", "AK9*A*1*1*1", number=number, group=group, guide=guide)
    no = acknowledgement(ak2, "IK5*R*5", "AK9*R*1*1*0", number=number, group=group, guide=guide)
    assert outcome_of(yes, verb=verb).answer is taken
    assert outcome_of(no, verb=verb).answer is refused


def test_an_answer_counts_over_its_acknowledgement() -> None:
    decided = response("UM*HS*I", "HCR*A1*AUTH1")
    acknowledged = acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1")
    group = acknowledged[acknowledged.index(b"GS*") : acknowledged.index(b"IEA*")]
    both = decided.replace(b"IEA*1*", group + b"IEA*2*")
    assert outcome_of(both).answer is Answer.REVIEWED


def test_a_ta1_beside_an_answer_does_no_harm() -> None:
    decided = response("UM*HS*I", "HCR*A1*AUTH1")
    both = decided.replace(b"GS*HI", b"TA1*000000017*260301*1004*A*000~GS*HI", 1)
    assert outcome_of(both).answer is Answer.REVIEWED


@pytest.mark.proves("AK-01")
def test_an_acknowledgement_that_nobody_waits_for_says_whose_it_is() -> None:
    ((_, outcome, _),) = outcomes(acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1"), destination())
    assert isinstance(outcome, Outcome)
    assert [(ref.kind, ref.value) for ref in outcome.references] == [(ReferenceKind.TRACE, "17")]


def test_other_transactions_are_unmapped() -> None:
    outcome = outcome_of(envelope(["AK1*HI*17"], kind="997", group="FA"))
    assert (outcome.answer, outcome.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_several_answers_in_one_reply_are_unreadable() -> None:
    decided = response("UM*HS*I", "HCR*A1*AUTH1")
    group = decided[decided.index(b"GS*") : decided.index(b"IEA*")]
    with pytest.raises(Unreadable, match="2 transactions"):
        outcome_of(decided.replace(b"IEA*1*", group + b"IEA*2*"))


def test_an_interchange_without_anything_is_unreadable() -> None:
    document = ta1("A")
    with pytest.raises(Unreadable, match="no transaction"):
        outcome_of(document[: document.index(b"TA1")] + document[document.index(b"IEA") :])
