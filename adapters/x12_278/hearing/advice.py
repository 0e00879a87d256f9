"""Reads an 824, by which a payer's application says that it took what a 999 had let through, or refused it.

TA and TE mean that it holds what was sent, TR that it does not; any other word is for a person. A refusal as a
duplicate is none: what the payer holds then, it does not say. The payer's own sentences are messages; a copy of what it
found faulty is left where it is, for it may be PHI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.x12_278 import traces
from adapters.x12_278.acknowledgement.advice import Advice, Advised, Fault
from adapters.x12_278.acknowledgement.advice_reading import AdviceReader
from adapters.x12_278.acknowledgement.told import Told, text_of
from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.reading import Given, Reading, unmapped
from adapters.x12_278.hearing.taken import Verdict, element_of, is_number, outcome_of, sent_as, with_contexts
from adapters.x12_278.interchange import Transaction
from gateway.contract.destination import Destination
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Scope, Word
from gateway.model.status import Attention

_TAKEN = frozenset({"TA", "TE"})
_REFUSED = "TR"
_NO_REFERENCE = frozenset({"", "NA"})


def advised_by_824(document: bytes, transaction: Transaction, asked: Asked, to: Destination) -> Outcome | None:
    """What an 824 says of what was asked; None where it is about something else."""
    advice = AdviceReader().read(transaction.st, transaction.body)
    ours = [each for each in advice.verdicts if _is_ours(each, advice, asked)]
    if not ours:
        return None
    return said_by_824(document, ours, asked, to)


def said_by_824(document: bytes, ours: Sequence[Advised], asked: Asked | None, to: Destination) -> Outcome:
    """What it says of a transaction, in all that it says of it."""
    words = {text_of(each.verdict) for each in ours}
    said = ours[0].verdict
    if len(words) > 1:
        return unmapped(document, "the 824 gives two verdicts on one transaction")
    if said is None or said.text not in _TAKEN | {_REFUSED}:
        return unmapped(document, "the 824 neither accepts nor refuses")
    reading = Reading(to)
    given = [one for each in ours for one in _reasons(each, reading)]
    verdict = Verdict(said.text in _TAKEN, said.value(), "824")
    outcome = outcome_of(document, verdict, given, None, asked, reading, text_of(ours[0].guide))
    sentences = [text for each in ours for text in _sentences(each)]
    for count, sentence in enumerate(sentences):
        reading.keep(f"/messages/{count}", "824", sentence.value())
    outcome = outcome.model_copy(
        update={"messages": tuple(each.text for each in sentences), "sources": reading.sources()}
    )
    if verdict.taken or not any(one.reason.word is Word.DUPLICATE_IN_PROCESS for one in given):
        return outcome
    why = "the payer refused it as a duplicate: ask it what it holds"
    return outcome.model_copy(update={"answer": Answer.UNMAPPED, "attention": Attention.OPERATOR, "attention_why": why})


def refused_by_824(transaction: Transaction, asked: Asked | None) -> bool:
    """True for an 824 that does not accept what was asked, or does not accept something and names nothing of ours."""
    advice = AdviceReader().read(transaction.st, transaction.body)
    ours = [each for each in advice.verdicts if asked is not None and _is_ours(each, advice, asked)]
    return any(text_of(each.verdict) not in _TAKEN for each in ours or advice.verdicts)


def speaks_of_others(transaction: Transaction, asked: Asked) -> bool:
    """True for an 824 with a verdict on anything else than what was asked."""
    advice = AdviceReader().read(transaction.st, transaction.body)
    return not all(_is_ours(each, advice, asked) for each in advice.verdicts)


def _is_ours(said: Advised, advice: Advice, asked: Asked) -> bool:
    """True for what names our message by its control numbers, or by its reference, and nothing else of ours besides. A
    trace is enough only beside the kind of what was sent: documents carry that of their filing."""
    _, kind, guide = sent_as(asked)
    told_kind, told_guide = text_of(said.transaction), text_of(said.guide).upper()
    if told_kind not in ("", kind) or not (guide.startswith(told_guide) or told_guide.startswith(guide)):
        return False
    own = traces.submission(asked.stamp)
    named = {text_of(said.reference)} if text_of(said.kind) == "TN" else set()
    named |= {text_of(advice.purpose.answered)} if advice.purpose else set()
    named -= _NO_REFERENCE
    if named and own not in named and any(asked.names(name) for name in named):
        return False  # another message of this case
    if said.group and said.control:
        numbered = is_number(text_of(said.group), asked.stamp.number)
        return numbered and is_number(text_of(said.control), int(traces.TRANSACTION))
    traced = told_kind == kind and any(text_of(each.value).startswith(own) for each in said.references)
    return own in named or traced


def _reasons(said: Advised, reading: Reading) -> Iterator[Given]:
    """Each fault with its place and our words for it, and each code of somebody else's."""
    for fault in said.faults:
        if fault.code:
            yield with_contexts(_of_fault(fault, fault.code, reading), fault.contexts)
    for source in said.sources:
        for code in source.codes:
            if code.code:
                system = f"x12_lq_{text_of(code.table)}".lower().rstrip("_")
                yield Given(Reason(word=Word.OTHER, code=code.code.text, code_system=system), code.code.value())


def _of_fault(fault: Fault, code: Told, reading: Reading) -> Given:
    entry = reading.entry("x12_824", code.value())
    place = "as a whole"
    if fault.tag:
        place = f"segment {fault.tag.text} (number {text_of(fault.ordinal)})"
    if fault.tag and fault.position:
        place = f"{place}, element {element_of(fault.position)}"
    says = entry.says if entry else "an error that is not in our table"
    reason = Reason(
        word=Word(entry.means) if entry else Word.UNMAPPED,
        code=code.text,
        code_system="x12_824",
        text=f"{place}: {says}",
        scope=Scope.CASE,
        suggested=entry.next if entry else None,
    )
    return Given(reason, code.value())


def _sentences(said: Advised) -> Iterator[Told]:
    """What the payer wrote for people."""
    for fault in said.faults:
        yield from (each for each in (fault.text, *(note.text for note in fault.notes)) if each)
