"""What a 278 response answers: what was asked, or where nobody knows that, what the response says of it itself."""

from __future__ import annotations

from typing import NamedTuple

from adapters.x12_278.asked import Asked, Verb
from adapters.x12_278.asking.envelope import INQUIRY, NOTICE
from adapters.x12_278.hearing.loops import Event, Tree
from adapters.x12_278.interchange import Transaction

_CANCELLATION = "3"
"""UM02."""
_NOTICES = frozenset({"14", "22", "CN"})
"""BHT02 of a notice of the payer's own (X216): public sources do not agree on it, and none of these is a response's."""


class Answered(NamedTuple):
    """``notice`` is true for a filing that only told the payer (X216)."""

    verb: Verb
    notice: bool


def is_own_notice(transaction: Transaction, tree: Tree) -> bool:
    """True for what a payer tells by itself."""
    return transaction.guide == NOTICE and tree.bht.text(2) in _NOTICES


def answered_by(transaction: Transaction, tree: Tree, asked: Asked | None) -> Answered:
    """Nobody asks in X215 but to inquire; and a payer repeats UM of what it answers."""
    if asked:
        return Answered(asked.verb, asked.notice)
    cancels = any(map(is_of_cancellation, tree.events))
    verb: Verb = "inquire" if transaction.guide == INQUIRY else "cancel" if cancels else "file"
    return Answered(verb, transaction.guide == NOTICE and not is_own_notice(transaction, tree))


def is_of_cancellation(event: Event) -> bool:
    return any(um.text(2) == _CANCELLATION for um in event.loop.all("UM"))
