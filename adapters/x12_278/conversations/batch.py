"""How a filing goes in a batch of its own: it is filed and heard to be taken, and fetched later, again and again.

To ask is to fetch, by the PayloadID of the filing's batch, which follows from its stamp: first what became of the batch
(TA1, 999), then the results, whose receipt is confirmed once they lie in the journal and are recorded as the answer.
Only a file that holds our answer, and nothing besides, is confirmed: confirmed files may be taken away. What was not
confirmed is fetched again while anything is still asked for, and is the same answer; a decision that was recorded is
not asked for again to confirm it.

Knows no envelope, and not how a file is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.writing import Me, numbers_needed, write_acknowledgement
from adapters.x12_278.asked import Asked
from adapters.x12_278.carriers import core_batch
from adapters.x12_278.carriers.refusal import EnvelopeRefused
from adapters.x12_278.conversations.pickup import find
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.settings import BatchSettings, Transaction, connection_settings
from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, ExchangeError, Inexpressible, MaybeSent, NeedsPerson
from gateway.contract.frames import Loss, Reply
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention

_OPERATOR = Attention.OPERATOR


class _File(NamedTuple):
    """What came of one question: the file, or nothing; or the word that nobody knows the batch."""

    document: bytes | None = None
    unknown: bool = False


def file_batch(
    document: bytes, transaction: Transaction, losses: Sequence[Loss], asked: Asked, to: Destination
) -> Exchange:
    """One interchange in one batch. Raises EnvelopeRefused besides the errors of the contract."""
    reply = yield core_batch.submission(document, transaction, losses, to, asked.stamp)
    come_along = core_batch.read_receipt(reply, to)
    # A 999 has no place in the answer to a submission (CORE); one that is there all the same is read.
    return Outcome(answer=Answer.RECEIVED) if come_along is None else hear(come_along, asked, to)


def fetch_batch(asked: Asked, to: Destination, stamp: Stamp) -> Exchange:
    """What has become of a filing; ``asked`` is about that, ``stamp`` is this inquiry's. Raises EnvelopeRefused too."""
    first, failure, heard = _File(), None, list[Outcome]()
    try:
        reply = yield core_batch.question("acknowledgement", asked.filed, to, stamp)
        first = _file(reply, "acknowledgement", to)
    except NeedsPerson:
        raise
    except (ExchangeError, EnvelopeRefused) as told_nothing:
        failure = told_nothing  # the results may lie there all the same, and say more
    if first.document is not None:
        told = read_about(first.document, asked, to)
        if told.answer not in (Answer.RECEIVED, Answer.UNAVAILABLE):
            return told
        heard.append(told)
    reply = yield core_batch.question("results", asked.filed, to, stamp)
    second = _file(reply, "results", to)
    if second.document is None:
        if failure is not None:
            raise failure
        if first.unknown and second.unknown:
            return _unknown(to)
        return heard[0] if heard else Outcome(answer=Answer.UNAVAILABLE)
    outcome = read_about(second.document, asked, to)
    if heard and heard[0].attention is _OPERATOR:
        outcome = _called(outcome, heard[0].attention_why or "the acknowledgement needs a look")
    if outcome.attention is _OPERATOR or not _batch(to).confirm:
        return outcome
    receipt = _acknowledge(second.document, to, stamp)
    if receipt is not None:
        # What was not confirmed stays there, and what is fetched again is the same answer.
        with suppress(ExchangeError, EnvelopeRefused):
            # Known before it is confirmed: a payer may take away what was, and then nobody can ask again.
            reply = yield replace(core_batch.confirmation(receipt, asked.filed, to, stamp), known=outcome)
            core_batch.read_confirmed(reply)
    return outcome


def refuse_message(what: str) -> CannotExpress:
    """Its answer would lie under a PayloadID of its own, which nobody asks for: the filing's is asked for."""
    return CannotExpress(
        Inexpressible("", f"this connection carries filings in batches, and no {what}", "Call the payer.")
    )


def _batch(to: Destination) -> BatchSettings:
    return connection_settings(to).batch or BatchSettings()


def _file(reply: Reply, about: core_batch.Question, to: Destination) -> _File:
    try:
        return _File(core_batch.read_file(reply, about, to))
    except core_batch.Unknown:
        return _File(unknown=True)


def read_about(document: bytes, asked: Asked, to: Destination, *, of_filing: bool = True) -> Outcome:
    """What a file says of what was asked: its answer, else the verdict on it, else nothing. What was asked is a filing,
    unless told: what refuses a change or documents refuses only these."""
    try:
        found = find(document, asked, to)
    except MaybeSent as doubt:
        return _called(Outcome(answer=Answer.UNAVAILABLE, document=document), str(doubt))
    answer, verdict = found.answer(), found.acknowledgement()
    if answer is not None and verdict is not None and verdict.answer is not Answer.RECEIVED:
        return _called(
            answer.model_copy(update={"answer": Answer.UNMAPPED}), "the file answers the filing and refuses it"
        )
    outcome = _as_told_later(answer or verdict or Outcome(answer=Answer.UNAVAILABLE, document=document), of_filing)
    if not found.others:
        return outcome
    says = f"the file that was fetched holds {found.others} more, which are not about this filing: it was not confirmed"
    return _called(outcome, says)


def _as_told_later(outcome: Outcome, of_filing: bool) -> Outcome:
    """An answer as one that came by itself. Nothing goes again because of a file: what the payer could not take is a
    refusal, after which a person may send it anew."""
    refused = outcome.answer is Answer.REJECTED or (outcome.answer is Answer.UNAVAILABLE and outcome.reasons)
    if refused:
        return outcome.model_copy(update={"answer": Answer.REJECTED, "of_filing": of_filing, "retry_after": None})
    if outcome.answer is Answer.NUMBER_USED:
        # By some other message, or by an earlier sending of this one: which of them, no file tells.
        why = "the payer has seen the batch's control number before: ask it whether it holds the filing"
        return _called(outcome.model_copy(update={"answer": Answer.UNAVAILABLE}), why)
    return outcome


def _unknown(to: Destination) -> Outcome:
    if _batch(to).unknown == "absent":
        return Outcome(answer=Answer.NOT_FOUND)
    why = "the payer does not know the batch: ask it by other means whether it holds the filing"
    reason = Reason(word=Word.OTHER, code="PayloadIDIllegal", code_system="core_error")
    return Outcome(answer=Answer.UNAVAILABLE, reasons=(reason,), attention=_OPERATOR, attention_why=why)


def _called(outcome: Outcome, why: str) -> Outcome:
    whole = f"{outcome.attention_why}; {why}" if outcome.attention is _OPERATOR and outcome.attention_why else why
    return outcome.model_copy(update={"attention": _OPERATOR, "attention_why": whole})


def _acknowledge(document: bytes, to: Destination, stamp: Stamp) -> bytes | None:
    """The 999 that takes the results, under the inquiry's number, which nothing else has.

    None where it would refuse what was read all the same (they break the guide), or would need more numbers than one
    (they stand in several interchanges). A payer that writes so does it every day, and nothing is lost with a receipt
    that is not confirmed: nobody is called for it.
    """
    if not isinstance(to.guides, Guides):
        return None
    settings = connection_settings(to)
    me = Me(settings.isa_sender_qualifier, settings.isa_sender_id, settings.gs_sender_id or settings.isa_sender_id)
    report, received = check(document, to.guides), received_envelopes(document)
    if not report.ok or numbers_needed(report, received, me) != 1:
        return None
    return write_acknowledgement(report, received, me, (stamp.number,), stamp.at).document
