"""Reads why a case was closed. Closed is no denial: it may need no authorization, have one, or be somebody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from adapters.script_epa.asking.parties import coverage_of
from adapters.script_epa.codec.form import places
from adapters.script_epa.codec.tree import Node
from adapters.script_epa.codec.verdicts import Closed
from adapters.script_epa.hearing.parts import Parts, reviewed
from adapters.script_epa.hearing.terms import limits_of, meets, number_of, period_of, reference_of, tell_processor
from adapters.script_epa.tables import CLOSURE
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome
from gateway.model.reasons import IMPLICATIONS, NextAction, Reason, Scope, Word
from gateway.model.status import Attention, LineOutcome

_OUTCOMES: Mapping[Word, LineOutcome] = MappingProxyType(
    {
        Word.NOT_REQUIRED: LineOutcome.NOT_REQUIRED,
        Word.QUANTITY_OR_FREQUENCY_LIMIT: LineOutcome.NOT_REQUIRED,
        Word.DUPLICATE_APPROVED: LineOutcome.CERTIFIED,
        Word.DUPLICATE_IN_PROCESS: LineOutcome.PENDING,
        Word.DUPLICATE_DENIED: LineOutcome.NOT_CERTIFIED,
    }
)
"""What a closure comes to for the drug; for every other reason the case is closed, and nothing was decided."""
_WHO: Mapping[Word, tuple[Attention, str]] = MappingProxyType(
    {
        Word.QUANTITY_OR_FREQUENCY_LIMIT: (
            Attention.PROVIDER,
            "no authorization is needed up to a limit: look whether the order is within it",
        ),
        Word.DUPLICATE_IN_PROCESS: (
            Attention.PROVIDER,
            "the payer is at work on an earlier request for the same, and answers that one",
        ),
        Word.UNTIMELY: (Attention.PROVIDER, "the answers came after the payer's deadline: submit the request anew"),
        Word.CHANNEL_NOT_SUPPORTED: (
            Attention.PROVIDER,
            "the payer takes no electronic request for this drug: ask it by its portal, by fax or by telephone",
        ),
        Word.OTHER: (Attention.OPERATOR, "the payer closed the case for a reason that only its note tells"),
    }
)
_EARLIER = frozenset({Word.DUPLICATE_APPROVED, Word.DUPLICATE_IN_PROCESS})
"""What is said of an earlier request, which goes on or holds. One that was denied is left out: its number is what an
appeal needs, and nothing is there to cancel."""
# For whoever goes on; where it is sure of the way, that is the gateway.
_NAMED = (
    Attention.PROVIDER,
    "another processor has to be asked, which follow_up names: submit the request anew with its BIN, PCN and group",
)
_UNNAMED = (
    Attention.PROVIDER,
    "another processor has to be asked, and the payer does not say which: look at the patient's card",
)
_CARD = ("IINNumber", "ProcessorIdentificationNumber", "GroupID", "CardholderID")
_SEVERAL = "the payer names more than one processor"
_MOST_CODES, _SHOWN = 10, 2000
_CLOSED = (Attention.PROVIDER, "the payer closed the case without a decision")


def close(parts: Parts, status: Closed) -> Outcome:
    words, reasons = _reasons(parts, status)
    parts.earlier = not _EARLIER.isdisjoint(words)
    tell_processor(parts, status)
    results = {_OUTCOMES.get(word) for word in words}
    if not words or Word.UNMAPPED in words or len(results) > 1:
        parts.reading.doubt("the payer closed the case, and its reasons do not come to one thing that is known")
        return reviewed(parts, status, _line(parts, LineOutcome.UNKNOWN), answer=Answer.UNMAPPED, reasons=reasons)
    outcome = results.pop()
    parts.more = next((_WHO[word] for word in words if word in _WHO), _CLOSED if outcome is None else None)
    if outcome is None:
        follow_up = _follow_up(parts, status, words)
        if Word.WRONG_PAYER_OR_DELEGATE in words:
            parts.more = _NAMED if any(each.code for each in follow_up) else _UNNAMED
        return reviewed(
            parts, status, _line(parts, LineOutcome.UNKNOWN), answer=Answer.CLOSED, reasons=reasons, follow_up=follow_up
        )
    line = _line(parts, outcome).model_copy(update={"reasons": reasons})
    for pointer in [pointer for pointer in parts.reading.sources if pointer.startswith("/reasons/")]:
        parts.reading.sources[f"/lines/0{pointer}"] = parts.reading.sources.pop(pointer)
    if outcome is not LineOutcome.CERTIFIED:
        limits_of(parts, status)
        parts.reading.sources.pop("/lines/0/quantity", None)
        return reviewed(parts, status, line, final=outcome is not LineOutcome.PENDING)
    return _existing(parts, status, line)


def _existing(parts: Parts, status: Closed, line: LineResult) -> Outcome:
    """An authorization that there is already, and maybe for less than was asked now."""
    quantity, number, period = limits_of(parts, status), number_of(parts, status), period_of(parts, status)
    limited = bool(status.limits) or not meets(parts, period)
    update = {
        "outcome": LineOutcome.CERTIFIED_MODIFIED if limited else LineOutcome.CERTIFIED,
        "quantity": quantity,
        "period": period,
        "authorization_number": number,
    }
    return reviewed(parts, status, line.model_copy(update=update), references=reference_of(parts, number))


def _line(parts: Parts, outcome: LineOutcome) -> LineResult:
    return LineResult(line=parts.line, outcome=outcome)


def _reasons(parts: Parts, status: Closed) -> tuple[list[Word], tuple[Reason, ...]]:
    """Every code, with the note beside the first."""
    nodes = places(status, "codes", parts.tags)[:_MOST_CODES]
    note = parts.reading.place(status, "note")
    words: list[Word] = []
    reasons: list[Reason] = []
    for place, node in enumerate(nodes):
        entry = parts.to.entry(CLOSURE, node.text)
        words.append(Word(entry.means) if entry else Word.UNMAPPED)
        parts.reading.keep(f"/reasons/{place}", node)
        reasons.append(
            Reason(
                word=words[-1],
                code=node.text[:80],
                code_system=CLOSURE,
                text=note.text[:_SHOWN] if note is not None and not place else None,
                scope=Scope.QUANTITY if words[-1] is Word.QUANTITY_OR_FREQUENCY_LIMIT else Scope.CASE,
                suggested=entry.next if entry else None,
            )
        )
    if not nodes:
        parts.reading.tell(note)
    return words, tuple(reasons)


def _follow_up(parts: Parts, status: Closed, words: list[Word]) -> tuple[FollowUp, ...]:
    """What to do, and to whom to turn where the payer says who processes the drug: BIN, PCN and group."""
    actions = list(dict.fromkeys(IMPLICATIONS[word].next_action for word in words))
    if NextAction.REROUTE not in actions:
        return ()
    code = system = None
    place = parts.reading.place(status, "processor")
    if Word.WRONG_PAYER_OR_DELEGATE in words:
        named = [place] if place is not None else parts.message.content.all(parts.tags["BenefitsCoordination"])
        source, code, system = _processor(parts, named)
        parts.reading.keep("/follow_up/0", place if place is not None else source)
    return (FollowUp(action=NextAction.REROUTE, code=code, code_system=system),)


def _processor(parts: Parts, named: Sequence[Node]) -> tuple[Node | None, str | None, str | None]:
    """Where another card than the asked one is named, the card, and how it is written. Of several nobody knows which
    is meant."""
    cards: dict[tuple[str, str], Node] = {}
    for node in named:
        told = _told(parts, node)
        if told is None:
            return None, None, None
        if (card := _card(parts, told)) is not None:
            cards.setdefault(card, node)
    if len(cards) > 1:
        parts.reading.doubt(_SEVERAL)
    elif cards:
        [((code, system), source)] = cards.items()
        return source, code, system
    return None, None, None


def _told(parts: Parts, named: Node) -> dict[str, str] | None:
    """The words of one card, None where there are several."""
    names = [parts.tags[name] for name in _CARD]
    found = [node for node in named.walk() if node.name in names and node.text]
    told = {node.name: node.text for node in found}
    if any(told[node.name] != node.text for node in found):
        parts.reading.doubt(_SEVERAL)
        return None
    return told


def _card(parts: Parts, told: dict[str, str]) -> tuple[str, str] | None:
    """A card, and how it is written: with the cardholder's number where that is not the one asked by, for the new
    processor knows the patient by it. None for the card that was asked, and for none."""
    names = [parts.tags[name] for name in _CARD]
    holder = told.pop(names[-1], None)
    if not told or _is_asked(parts, told, names[:-1]):
        return None
    said = [told.get(name, "") for name in names[:-1]]
    _, coverage = coverage_of(parts.said.filed.request, parts.to.payer)
    if holder is not None and _signs(holder) != _signs(coverage.member_id):
        return "/".join([*said, holder]), "bin/pcn/group/cardholder"
    return "/".join(said), "bin/pcn/group"


def _signs(number: str) -> str:
    """A number as it is compared: payers drop blanks, hyphens and case."""
    return "".join(filter(str.isalnum, number)).casefold()


def _is_asked(parts: Parts, told: Mapping[str, str], names: Sequence[str]) -> bool:
    """Whether it is the very one that was asked: a payer mirrors the benefits where it names nobody else."""
    _, coverage = coverage_of(parts.said.filed.request, parts.to.payer)
    card = coverage.pharmacy
    own = (card.bin, card.pcn, card.group or coverage.group_number) if card else (None, None, coverage.group_number)
    return all(told.get(name) in (None, each) for name, each in zip(names, own, strict=True))
