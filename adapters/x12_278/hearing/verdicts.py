"""Reads what a payer decided at one place of a 278 response: HCR and its reasons, and the documents it asks for.

Meanings: tables ``x12_hcr01`` (line outcomes), ``x12_hcr03`` (reasons, and what a decision for them comes to),
``x12_hcr04`` (what a decision is tied to), ``pwk01`` (kinds of documents).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Given, Reading, messages_in
from adapters.x12_278.segment import Value
from gateway.model.numbers import identifies, is_placeholder
from gateway.model.outcome import RequestedItem
from gateway.model.reasons import Scope
from gateway.model.status import LineOutcome

_UNCONDITIONAL = "N"
"""HCR04."""
_REASONS = "x12_hcr03"
_IN_PART = "A2"
"""HCR01."""
GRANTED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
CHANGES = frozenset({LineOutcome.CERTIFIED_MODIFIED, LineOutcome.NOT_CERTIFIED})
"""What a service's own word may be, where its event says A6 of all of them together."""


@dataclass(slots=True)
class Verdict:
    """One HCR. ``value`` is its HCR01 and ``said`` what that means by itself; ``outcome`` is what it comes to with its
    reasons. ``number`` is its HCR02, unless that is a placeholder, or the REF BB that stands for it; ``asks`` where a
    reason asks for documents; ``reasoned`` is the loop of its reasons, where they are those of the event."""

    loop: str
    value: Value
    said: LineOutcome
    outcome: LineOutcome
    number: Value | None
    reasons: list[Given] = field(default_factory=list)
    asks: list[Value] = field(default_factory=list)
    reasoned: str = ""
    named: frozenset[str] = frozenset()
    """The authorizations that its loop names, in HCR02 or REF BB."""

    def is_partial(self) -> bool:
        """True where it says that a part is certified, and leaves to the services which."""
        return self.value.text == _IN_PART

    def authorizes(self) -> bool:
        """True when its number is an authorization, for services that are granted: not where the event as a whole is
        pended or refused. Where its lines decide (A2), it is."""
        return self.said in GRANTED or self.said is LineOutcome.UNKNOWN


@dataclass(slots=True)
class Request:
    """One document asked for, and where its code, number and text were read."""

    loop: str
    item: RequestedItem
    values: dict[str, Value]

    def says_which(self) -> bool:
        """True unless it stands for a reason that asks for documents and names none."""
        return self.item.code_system != _REASONS


def is_number(text: str, asked: Asked | None) -> bool:
    """True for what may be a number of the payer's, and is none of our own names."""
    return not is_placeholder(text) and not (asked and asked.has_said(text))


def verdict_of(loop: Loop, reading: Reading, asked: Asked | None = None) -> Verdict | None:
    """The loop's decision, None where it has none."""
    decisions = loop.all("HCR")
    if not decisions:
        return None
    hcr = decisions[0]
    value, number = hcr.value(1), hcr.value(2)
    if number and not is_number(number.text, asked):
        number = None
    told = [number, *(ref.value(2) for ref in loop.all("REF") if ref.text(1) == "BB")]
    named = frozenset(each.text for each in told if each and identifies(each.text) and is_number(each.text, asked))
    if value is None:
        reading.doubt(f"segment {hcr.number} decides without a word")
        whole = Value("", "HCR", hcr.number, hcr.start, hcr.end)
        return Verdict(loop.name, whole, LineOutcome.UNKNOWN, LineOutcome.UNKNOWN, number, named=named)
    if len(decisions) > 1:
        reading.doubt(f"segment {decisions[1].number} decides a second time in its loop")
    entry = reading.entry("x12_hcr01", value)
    said = LineOutcome(entry.means) if entry and len(decisions) == 1 else LineOutcome.UNKNOWN
    codes = [parts[0] for parts in hcr.repeats(3) if parts[0]]
    outcome = _weighed(said, codes, reading)
    verdict = Verdict(loop.name, value, said, outcome, number, named=named)
    messages = list(messages_in(loop)) if codes else []
    sentence = messages[0] if len(messages) == len(codes) == 1 else None
    scope = Scope.LINE if loop.name == "2000F" else Scope.CASE
    for code in codes:
        verdict.reasons.append(reading.give("x12_hcr03", code, scope, sentence))
        known = reading.to.entry("x12_hcr03", code.text)
        # A refusal for want of documents asks for none: they go with an appeal.
        if known and known.asks and outcome is LineOutcome.PENDING:
            verdict.asks.append(code)
    condition = hcr.value(4)
    if condition and condition.text != _UNCONDITIONAL:
        reading.doubt(f"segment {hcr.number} ties its decision to a second opinion (HCR04)")
        verdict.reasons.append(reading.give("x12_hcr04", condition, scope))
    return verdict


def verdicts_of(
    services: Sequence[Loop], event: Verdict | None, reading: Reading, asked: Asked | None
) -> list[Verdict | None]:
    """The decision of each service, None where it has none, with what the reasons of the event's make of it."""
    words = [verdict_of(service, reading, asked) for service in services]
    if event is None or not event.reasons:
        return words
    said = [word for word in words if word]
    codes = {given.reason.code for given in event.reasons}
    refusing = {given.reason.code for word in said if word.said not in GRANTED for given in word.reasons}
    taken_back = event.said in GRANTED and event.outcome is LineOutcome.UNKNOWN and not codes <= refusing
    changed = event.outcome is LineOutcome.CERTIFIED_MODIFIED and not any(word.outcome in CHANGES for word in said)
    needless = event.outcome is LineOutcome.NOT_REQUIRED and bool(codes & refusing)
    return [word and _under(word, event, taken_back, changed, needless) for word in words]


def _under(word: Verdict, event: Verdict, taken_back: bool, changed: bool, needless: bool) -> Verdict:
    """A service's decision that repeats the event's (or both grant) and gives no reason has the event's.

    One that takes a grant back (``taken_back``) does so to all that is granted, unless it is why another service is
    not. One that changes a grant is that of the services that are changed or denied themselves, if there are any
    (``changed``: none; ``lines`` has the rest). That no authorization is needed is said of the services that say so
    themselves, if there are any (``needless``).
    """
    if word.said in GRANTED and event.said in GRANTED:
        shared = taken_back or changed or word.outcome is event.outcome
        outcome = event.outcome if taken_back else word.outcome
    else:
        shared, outcome = word.said is event.said and not (word.reasons or needless), event.outcome
    if not shared:
        return word
    if word.reasons:
        return replace(word, outcome=outcome)
    return replace(word, outcome=outcome, reasons=event.reasons, reasoned=event.loop)


def find_numbers(words: Sequence[tuple[Loop, Verdict | None]], asked: Asked) -> None:
    """Where no HCR02 has a number, the one REF BB beside a grant is its authorization; unless it is one we sent."""
    if any(word and word.number for _, word in words):
        return
    for loop, word in words:
        if word and word.said in GRANTED:
            values = [ref.value(2) for ref in loop.all("REF") if ref.text(1) == "BB"]
            numbers = {value.text: value for value in values if value and is_number(value.text, asked)}
            new = [value for text, value in numbers.items() if not asked.has_sent(text)]
            word.number = new[0] if len(numbers) == len(new) == 1 else None


def _weighed(said: LineOutcome, codes: Sequence[Value], reading: Reading) -> LineOutcome:
    """What a decision comes to for its reasons, where they agree. A refusal may deny nothing (the review is not
    finished, none is needed); a grant may be taken back in the same breath, which nobody can tell what it means."""
    entries = [reading.to.entry("x12_hcr03", code.text) for code in codes]
    if said is LineOutcome.NOT_CERTIFIED:
        turned = {LineOutcome(entry.refused) if entry and entry.refused else said for entry in entries}
    elif said in GRANTED:
        turned = {LineOutcome(entry.granted) if entry and entry.granted else said for entry in entries}
    elif said is LineOutcome.NOT_REQUIRED:
        turned = {LineOutcome.UNKNOWN if entry and entry.granted else said for entry in entries}
    else:
        return said
    if len(turned) > 1:
        reading.doubt("the reasons of a decision do not agree on what it is")
        return LineOutcome.UNKNOWN
    outcome = turned.pop() if turned else said
    if outcome is LineOutcome.UNKNOWN and said is not LineOutcome.NOT_CERTIFIED:
        reading.doubt("the payer grants and gives a reason against it")
    return outcome


def in_part(event: Verdict, reading: Reading) -> LineOutcome:
    """What its services' grants come to under an event that is certified in part, where none of them says of what."""
    reading.doubt("the payer certifies a part, and grants every service as it was asked for")
    codes = [given.code for given in event.reasons if given.reason.code_system == _REASONS]
    return _weighed(LineOutcome.CERTIFIED_MODIFIED, codes, reading)


def requests_in(
    loop: Loop, line: str | None, verdict: Verdict | None, asked: Asked | None, reading: Reading
) -> list[Request]:
    """The documents that the loop asks for: by type (PWK), by LOINC code (HI with LOI), or by a reason alone."""
    found: list[Request] = []
    for pwk in loop.all("PWK"):
        code, control, text = pwk.value(1), pwk.value(6), pwk.value(7)
        # Some payers repeat the request's own PWK; its number is ours.
        if code is None or (control and asked and asked.names(control.text)):
            continue
        entry = reading.to.entry("pwk01", code.text)
        item = RequestedItem(
            kind=entry.means if entry else "other",
            code=code.text,
            code_system="x12_755",
            text=text.text if text else None,
            control_number=control.text if control else None,
            line=line,
        )
        values = {"code": code, "control_number": control, "text": text}
        found.append(Request(loop.name, item, {name: value for name, value in values.items() if value}))
    for hi in loop.all("HI"):
        for place in range(1, len(hi) + 1):
            for parts in hi.repeats(place):
                if len(parts) > 1 and parts[0] and parts[1] and parts[0].text == "LOI":
                    item = RequestedItem(kind="other", code=parts[1].text, code_system="loinc", line=line)
                    found.append(Request(loop.name, item, {"code": parts[1]}))
    if not found and verdict:
        for code in verdict.asks:
            told = next(messages_in(loop), None)
            item = RequestedItem(
                kind="other",
                code=code.text,
                code_system=_REASONS,
                text=told.text if told else None,
                line=line,
            )
            found.append(Request(loop.name, item, {"code": code} | ({"text": told} if told else {})))
    return found


def told_of(requests: Sequence[Request]) -> list[Request]:
    """The documents asked for. That the event wants some is no document more where its services say which."""
    told = any(request.says_which() for request in requests)
    return [request for request in requests if request.says_which() or request.item.line or not told]
