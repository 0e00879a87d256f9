"""Answers that come in files, mixed with those of others: which letter answers what, and what it says of that.

Two judge of every letter, each by itself. ``acknowledgement.correspondence`` places it among all that was sent, by
control numbers, traces and BHT03; then whoever reads it holds it against the one that it was placed to. Where they
differ it is nobody's, and a person looks. So it is where a letter is about anybody else too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress

from adapters.x12_278.acknowledgement.arrived import Arrival, arrivals_in
from adapters.x12_278.acknowledgement.correspondence import place
from adapters.x12_278.acknowledgement.findings import Known, Match, Quarantined, Reason
from adapters.x12_278.acknowledgement.sent import Key, Party, Sent, sent_in
from adapters.x12_278.asked import Asked
from adapters.x12_278.conversations.batch import read_about
from adapters.x12_278.conversations.letters import Cut, letters_in
from adapters.x12_278.conversations.pickup import find
from adapters.x12_278.hearing.loops import tree_of
from adapters.x12_278.hearing.matching import is_of_others, numbers_in
from adapters.x12_278.interchange import read_each
from adapters.x12_278.settings import connection_settings
from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Letter, Placed, Posted
from gateway.model.outcome import Outcome

_ANSWER = "278"


def registered(document: bytes, to: Destination) -> frozenset[str]:
    """The keys of what is sent."""
    return frozenset().union(*(map(_word, sent.keys()) for sent in _sent(Posted("", document, to))))


def opened(body: bytes) -> tuple[Letter, ...]:
    """The letters of a file, with those that nobody can read. Raises Unreadable where that is all of it."""
    return tuple(
        Letter(cut.what, cut.place, frozenset(), cut.body, cut.fault)
        if cut.fault
        else Letter(cut.what, cut.place, _keys(_arrival(cut.body)), cut.body, None, _numbers(cut))
        for cut in letters_in(body)
    )


def placed(letters: Sequence[Letter], known: Sequence[Posted]) -> tuple[Placed, ...]:
    """What each letter answers. Each is held only against what shares a key with it: files have many of both."""
    sent = [each for posted in known for each in _sent(posted)]
    found: dict[Key, list[int]] = {}
    for place_of, each in enumerate(sent):
        keys = each.keys()
        for key in keys:
            found.setdefault(key, []).append(place_of)
    arrivals = [None if letter.fault else _arrival(letter.body) for letter in letters]
    named = [came.keys() if came else () for came in arrivals]
    near = [sorted({one for key in keys for one in found.get(key, ())}) for keys in named]
    return tuple(
        _numbered(_placed(letter, came, tuple(sent[one] for one in ones)), known, sent)
        if came
        else Placed(letter, reason=letter.fault)
        for letter, came, ones in zip(letters, arrivals, near, strict=True)
    )


def heard_of(letters: Sequence[Letter], asked: Asked, to: Destination, *, of_filing: bool) -> tuple[Outcome, ...]:
    """What these letters say of what was asked: its acknowledgements, which are one verdict, and each answer."""
    verdict = b"".join(letter.body for letter in letters if letter.what != _ANSWER)
    documents = [verdict] if verdict else []
    documents += [letter.body for letter in letters if letter.what == _ANSWER]
    if any(find(document, asked, to).others for document in documents):
        raise Unreadable("what was placed by its numbers is not about this filing")
    return tuple(read_about(document, asked, to, of_filing=of_filing) for document in documents)


def _sent(posted: Posted) -> tuple[Sent, ...]:
    acknowledgers = connection_settings(posted.to).acknowledged_by
    parties = frozenset(Party(each.qualifier, each.id.strip().upper()) for each in acknowledgers)
    return sent_in(posted.document, posted.handle, parties, posted.case)


def _arrival(cut: bytes) -> Arrival:
    return arrivals_in(cut)[0]


def _placed(letter: Letter, came: Arrival, sent: tuple[Sent, ...]) -> Placed:
    findings = place(came, Known(sent)).findings
    lost = [each for each in findings if isinstance(each, Quarantined)]
    handles = {each.place.key for each in findings if isinstance(each, Match)}
    if lost:
        candidates = {spot.key for each in lost for spot in each.candidates} | handles
        return Placed(letter, reason=lost[0].reason.value, candidates=tuple(sorted(candidates)))
    if len(handles) > 1:
        return Placed(letter, reason=Reason.SEVERAL.value, candidates=tuple(sorted(handles)))
    if not handles:
        return Placed(letter, reason=Reason.NO_ANSWER.value)
    if letter.what == _ANSWER and _is_of_others(letter, handles, sent):
        return Placed(letter, reason=Reason.SEVERAL.value, candidates=tuple(handles))
    return Placed(letter, handle=handles.pop())


def _numbered(placed: Placed, known: Sequence[Posted], sent: Sequence[Sent]) -> Placed:
    """Where it has no name of ours, the filing whose number of the payer's it has, if that is one alone."""
    letter = placed.letter
    if placed.reason != Reason.UNKNOWN.value or not letter.numbers:
        return placed
    handles = sorted({posted.handle for posted in known if posted.numbers & letter.numbers})
    if not handles:
        return placed
    if len(handles) > 1:
        return Placed(letter, reason=Reason.AMBIGUOUS.value, candidates=tuple(handles))
    if _is_of_others(letter, handles, sent):
        return Placed(letter, reason=Reason.SEVERAL.value, candidates=tuple(handles))
    return Placed(letter, handle=handles[0])


def _is_of_others(letter: Letter, handles: Collection[str], sent: Sequence[Sent]) -> bool:
    """Whether somebody else would be seen by who is told of this letter. One that cannot be read is told to nobody."""
    cases = {each.about for each in sent if each.key in handles}
    groups = [group for each in sent if each.about in cases for group in each.groups]
    ours = frozenset(trace.number for group in groups for each in group.transactions for trace in each.traces)
    with suppress(Unreadable):
        transactions = [each for interchange in read_each(letter.body) for each in interchange.transactions()]
        return any(is_of_others(tree_of(each), ours) for each in transactions)
    return False


def _numbers(cut: Cut) -> frozenset[str]:
    """Words for the payer's own numbers in a 278. One that cannot be read names none."""
    found: set[str] = set()
    if cut.what == _ANSWER:
        with suppress(Unreadable):
            for interchange in read_each(cut.body):
                found.update(*(numbers_in(tree_of(each)) for each in interchange.transactions()))
    return frozenset(map(word_of, found))


def word_of(number: str) -> str:
    """For a number of the payer's."""
    return hashlib.sha256(f"number\x1f{number}".encode()).hexdigest()


def _keys(came: Arrival) -> frozenset[str]:
    return frozenset(map(_word, came.keys() - {came.seen.key()}))


def _word(key: Key) -> str:
    """The same for the same key, of one length, and nothing can be read in it."""
    return hashlib.sha256("\x1f".join((key.by, key.number, *key.between)).encode()).hexdigest()
