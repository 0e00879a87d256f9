"""What a payer says of what it was sent, by TA1, 999 and 824: a word for each message it names, as the adapter itself
has it for whoever sent that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from adapters.x12_278.acknowledgement.advice import Advised
from adapters.x12_278.acknowledgement.advice_reading import AdviceReader
from adapters.x12_278.acknowledgement.sent import bare
from adapters.x12_278.acknowledgement.told import Told, text_of
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, TransactionVerdict
from adapters.x12_278.asking.envelope import INQUIRY, NOTICE
from adapters.x12_278.hearing.acknowledge import acknowledged_by_ta1, groups_in, said_by_999
from adapters.x12_278.hearing.advice import said_by_824
from adapters.x12_278.hearing.reading import unmapped
from adapters.x12_278.interchange import Interchange, Transaction
from adapters.x12_278.tools.messages import Message, named
from gateway.contract.destination import Destination
from gateway.model.outcome import Answer, Outcome

_KINDS = frozenset({"TA1", "999", "997", "824"})
_OF_GUIDE: Mapping[str, str] = MappingProxyType({INQUIRY: "an inquiry", NOTICE: "a notice"})


class Word(NamedTuple):
    """``about`` is what was sent, by its control numbers: of the interchange or group, and of the transaction."""

    name: str
    outcome: Outcome
    supposed: str
    about: tuple[str, str] = ("", "")

    def refuses(self) -> bool:
        return self.outcome.answer in (Answer.REJECTED, Answer.NUMBER_USED)


def acknowledges(message: Message) -> bool:
    return message.kind in _KINDS


def words_of(message: Message, interchange: Interchange, to: Destination) -> Iterator[Word]:
    if message.kind == "TA1":
        (ta1,) = interchange.ta1
        yield Word(message.name, acknowledged_by_ta1(message.text, ta1, None, to), "a filing", (bare(ta1.text(1)), ""))
        return
    for transaction in interchange.transactions():
        yield from (_advised if message.kind == "824" else _acknowledged)(message, transaction, to)


def beside(words: Sequence[Word]) -> Iterator[Word]:
    """The same words, but that nobody knows what it means where one message is taken and refused: a message of ours has
    one number as interchange and as group. What a TA1 takes a 999 may refuse, but not the reverse; so it is with a 999
    and an 824."""
    refused = {(word.name[:3], word.about) for word in words if word.refuses() and any(word.about)}
    for word in words:
        number, control = word.about
        above = {"999": ("TA1",), "997": ("TA1",), "824": ("TA1", "999", "997")}.get(word.name[:3], ())
        against = {(kind, about) for kind in above for about in ((number, ""), (number, control))}
        if number and not word.refuses() and against & refused:
            why = "the reply refuses what was sent and accepts it"
            yield word._replace(outcome=unmapped(word.outcome.document or b"", why))
        else:
            yield word


def _acknowledged(message: Message, transaction: Transaction, to: Destination) -> Iterator[Word]:
    groups = groups_in(transaction)
    if isinstance(groups, str):
        yield Word(message.name, unmapped(message.text, groups), "")
        return
    kinds = [(text_of(each.kind).upper(), bare(text_of(each.control))) for each in groups]
    for group, kind in zip(groups, kinds, strict=True):
        name = f"{message.name}, group {kind[1]}" if named(kind[1]) else message.name
        if kinds.count(kind) > 1:
            why = "the 999 acknowledges several groups that could be ours"
            yield Word(name, unmapped(message.text, why), _sent(group.version, kind[0]))
            continue
        yield from _of_group(message, name, group, to)


def _of_group(message: Message, name: str, group: GroupVerdict, to: Destination) -> Iterator[Word]:
    """Where no transaction has a word of its own, that on the group is the word on each."""
    number, kind = bare(text_of(group.control)), text_of(group.kind).upper()
    told: dict[tuple[str, str], list[TransactionVerdict]] = {}
    for each in group.transactions:
        told.setdefault((text_of(each.kind), bare(text_of(each.control))), []).append(each)
    if not any(each.end for each in group.transactions):
        outcome = said_by_999(message.text, group, (), None, to)
        yield Word(name, outcome, _sent(group.version, kind), (number, ""))
        return
    for (what, control), all_ in told.items():
        ended = [each for each in all_ if each.end]
        outcome = (
            said_by_999(message.text, group, ended, None, to)
            if ended
            else unmapped(message.text, "the 999 names the transaction and gives no verdict on it")
        )
        of = named(what, text_of(all_[0].control)) or "a transaction"
        yield Word(f"{name}, {of}", outcome, _sent(all_[0].guide or group.version, kind), (number, control))


def _advised(message: Message, transaction: Transaction, to: Destination) -> Iterator[Word]:
    """What it says of one message in several places is one word."""
    told: dict[tuple[str, ...], list[Advised]] = {}
    for each in AdviceReader().read(transaction.st, transaction.body).verdicts:
        numbers = (bare(text_of(each.group)), bare(text_of(each.control)))
        reference = (text_of(each.kind), text_of(each.reference))
        told.setdefault(numbers if each.group and each.control else ("", *reference), []).append(each)
    if not told:
        yield Word(message.name, unmapped(message.text, "the 824 names nothing that it is about"), "")
    for key, all_ in told.items():
        of = named(text_of(all_[0].transaction), text_of(all_[0].control)) or named(text_of(all_[0].reference))
        about = (key[0], key[1]) if len(key) == 2 else ("", "")
        kind = "PI" if text_of(all_[0].transaction) == "275" else ""
        outcome = said_by_824(message.text, all_, None, to)
        yield Word(f"{message.name}, {of or 'a message'}", outcome, _sent(all_[0].guide, kind), about)


def _sent(guide: Told | None, kind: str) -> str:
    """What was sent, as far as it is told."""
    if kind == "PI":
        return "documents"
    told = text_of(guide).upper()
    return next((what for known, what in _OF_GUIDE.items() if told.startswith(known)), "a filing")
