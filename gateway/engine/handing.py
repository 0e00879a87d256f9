"""An answer that decides nothing and hands the request on to somebody else, as the payer's profile knows them. Pure.

Precision before recall: one row's code, or its name in words that hand a request on, and no other row's. All else is
left as it was answered, with why a person must find out whom to ask. What was decided, no word turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.denials.read import Reader
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome, put_together
from gateway.model.people import LineOfBusiness
from gateway.model.reasons import NextAction, Reason, Word
from gateway.model.status import Attention, LineOutcome
from gateway.model.story import URGENCY
from gateway.profiles.handing import HandOff
from gateway.profiles.payer import PayerProfile
from gateway.profiles.terms import plain
from gateway.store.records import Verb

PAYER = "payer"
"""The code system of a follow-up that names a payer of the library."""
_WHY = "the payer says that another one decides it, which follow_up names"
_WRONG = Word.WRONG_PAYER_OR_DELEGATE


@dataclass(frozen=True)
class Handed:
    """The answer as it is recorded; ``unclear`` says why a person must find the way where it hands on to nobody that
    is known."""

    outcome: Outcome
    unclear: str | None = None


def hand_on(
    outcome: Outcome, verb: Verb, payer: PayerProfile, business: LineOfBusiness, reader: Reader, on: date
) -> Handed:
    """The answer, closed by the payer where one row says who is asked instead."""
    if not _decides_nothing(outcome, verb) or _names_already(outcome):
        return Handed(outcome)
    reasons = (*outcome.reasons, *(reason for line in outcome.lines for reason in line.reasons))
    rows = [row for row in payer.hands_on if row.holds(business, on)]
    handing = [text for text in _texts(outcome, reasons) if _hands_on(text, reasons, reader)]
    found = [row for row in rows if _is_said(row, reasons, handing)]
    named = {row.payer for row in found}
    if named and outcome.attention is Attention.OPERATOR:
        return _unclear(outcome, "the payer hands it on, and an operator must look first whether it means this request")
    if len(named) == 1:
        return Handed(_closed(outcome, found[0], reader))
    if named:
        return _unclear(outcome, "the payer hands it on, and names more than one that its profile knows")
    if handing and outcome.answer is not Answer.CLOSED:
        return _unclear(outcome, "the payer hands it on to somebody whom its profile does not know: read its words")
    return Handed(outcome)


def _unclear(outcome: Outcome, why: str) -> Handed:
    """A person is told, beside what else one is called for."""
    who = max(outcome.attention, Attention.PROVIDER, key=URGENCY.index)
    return Handed(outcome.model_copy(update={"attention": who, **put_together((*outcome.whys, why))}), why)


def _decides_nothing(outcome: Outcome, verb: Verb) -> bool:
    """Of what was filed; a refused inquiry is no word on the filing."""
    if outcome.answer is Answer.REJECTED:
        return verb is Verb.SUBMIT or outcome.of_filing
    if verb not in (Verb.SUBMIT, Verb.INQUIRE):
        return False
    if outcome.answer is Answer.REVIEWED:
        return bool(outcome.lines) and all(line.outcome is LineOutcome.CONTACT_PAYER for line in outcome.lines)
    return outcome.answer is Answer.CLOSED


def _names_already(outcome: Outcome) -> bool:
    return any(item.action is NextAction.REROUTE and item.code is not None for item in outcome.follow_up)


def _texts(outcome: Outcome, reasons: tuple[Reason, ...]) -> Iterator[str]:
    texts = (*(reason.text for reason in reasons), *outcome.messages)
    yield from dict.fromkeys(text for text in texts if text)


def _hands_on(text: str, reasons: tuple[Reason, ...], reader: Reader) -> bool:
    """By the rules that read payers' words, or because it stands beside a code that says so."""
    coded = any(reason.text == text and reason.word is _WRONG for reason in reasons)
    return coded or any(found.word is _WRONG for found in reader.read(text).reasons)


def _is_said(row: HandOff, reasons: tuple[Reason, ...], handing: list[str]) -> bool:
    codes = {(code.system, code.code) for code in row.codes}
    if any((reason.code_system, reason.code) in codes for reason in reasons):
        return True
    return any(f" {plain(name)} " in f" {plain(text)} " for name in row.names for text in handing)


def _closed(outcome: Outcome, row: HandOff, reader: Reader) -> Outcome:
    """Without a decision; each reason stays in its place, for journals point at them by number."""

    def told(reason: Reason, all_of: tuple[Reason, ...]) -> Reason:
        texts = [reason.text] if reason.text and _hands_on(reason.text, all_of, reader) else []
        said = _is_said(row, (reason,), texts)
        return reason.model_copy(update={"word": _WRONG, "rule": row.handoff}) if said else reason

    def line(result: LineResult) -> LineResult:
        own = tuple(told(reason, result.reasons) for reason in result.reasons)
        return result.model_copy(update={"outcome": LineOutcome.UNKNOWN, "reasons": own})

    return outcome.model_copy(
        update={
            "answer": Answer.CLOSED,
            "lines": tuple(line(result) for result in outcome.lines),
            "reasons": tuple(told(reason, outcome.reasons) for reason in outcome.reasons),
            "follow_up": (FollowUp(action=NextAction.REROUTE, code=row.payer, code_system=PAYER),),
            "attention": Attention.PROVIDER,
            **put_together((_WHY,)),
        }
    )
