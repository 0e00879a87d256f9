"""The X12 278 channel as the gateway sees it: four verbs, each one interchange out and one answer back.

Over a connection that takes batches the answer is fetched later (``batch``); over one that takes files it comes in
files (``files``, ``post``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import ClassVar

from adapters.x12_278.asked import Asked, Verb
from adapters.x12_278.asking.approval import approve
from adapters.x12_278.asking.attach import draft_documents
from adapters.x12_278.asking.cancel import draft_cancellation
from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.asking.encode import draft_request
from adapters.x12_278.asking.envelope import DOCUMENTS, INQUIRY, NOTICE, REVIEW, Guide, enclose
from adapters.x12_278.asking.inquire import draft_inquiry
from adapters.x12_278.asking.notify import draft_notice, is_notice
from adapters.x12_278.authorizations import Authorizations, authorizations_in, payer_numbers
from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused
from adapters.x12_278.carriers.sftp_x12 import spots
from adapters.x12_278.conversations.batch import fetch_batch, file_batch, refuse_message
from adapters.x12_278.conversations.files import look_for, put_down
from adapters.x12_278.conversations.post import heard_of, opened, placed, registered, word_of
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.prior import appealed, certain, changed
from adapters.x12_278.settings import (
    ConnectionSettings,
    PayerSettings,
    Transaction,
    connection_settings,
    payer_settings,
)
from adapters.x12_278.tables import CODE_ANCHORS, CODE_TABLES
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.guides import GuideFiles
from gateway.contract.mailbox import Letter, Placed, Posted, Saying, Spot
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.reasons import Reason, Word
from gateway.model.record import Record
from gateway.model.request import Intent, PARequest
from gateway.model.status import Attention

_GUIDES: Mapping[Transaction, Guide] = {
    "278_request": REVIEW,
    "278_inquiry": INQUIRY,
    "278_notification": NOTICE,
    "275": DOCUMENTS,
}
_INTENTS = {ChangeKind.REVISE: Intent.REVISION, ChangeKind.EXTEND: Intent.EXTENSION, ChangeKind.APPEAL: Intent.APPEAL}


class X12Review:
    """Implements ``gateway.contract.adapter.Adapter``."""

    channel: ClassVar[str] = "x12_278"
    announces: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = PayerSettings
    connection_settings: ClassVar[type[Record]] = ConnectionSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = CODE_TABLES
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = CODE_ANCHORS
    guides: ClassVar[str] = "x12"

    def read_guides(self, files: GuideFiles) -> Guides:
        return Guides(files.files, files.rules)

    def parties(self, to: Destination) -> tuple[str, str]:
        """Interchange sender and receiver: ISA13 is unique between them."""
        connection = connection_settings(to)
        return (
            f"{connection.isa_sender_qualifier}:{connection.isa_sender_id}",
            f"{connection.isa_receiver_qualifier}:{connection.isa_receiver_id}",
        )

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        asked = _asked("file", request, stamp, stamp, to)
        if is_notice(request, payer_settings(to)):
            notice = replace(asked, notice=True)
            return (yield from _converse(draft_notice(request, to, stamp), "278_notification", notice))
        return (yield from _converse(draft_request(request, to, stamp), "278_request", asked))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        _refuse_of_notice(filed.request, to)
        if _in_batches(to):
            raise refuse_message("change of them")
        if change.kind is ChangeKind.CANCEL:
            asked = _asked("cancel", filed.request, stamp, filed.stamp, to, filed)
            draft = draft_cancellation(filed, change.reason, to, stamp, certain(filed))
            return (yield from _converse(draft, "278_request", asked))
        if change.request is None:
            raise CannotExpress(
                Inexpressible("/request", "a change needs its new wording", "Send the request as it should be now.")
            )
        prior = appealed(filed) if change.kind is ChangeKind.APPEAL else changed(filed, change.request)
        request = change.request.model_copy(update={"intent": _INTENTS[change.kind]})
        before = authorizations_in(filed.references).all | {number for number in (prior.authorization,) if number}
        asked = replace(_asked("file", request, stamp, stamp, to), authorizations=before)
        return (yield from _converse(draft_request(request, to, stamp, prior), "278_request", asked))

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        if _in_batches(to):
            raise refuse_message("documents for them")
        if answers.questions:
            why, fix = "a 275 carries no answers to questions", "Send them by the payer's own way."
            raise CannotExpress(Inexpressible("/questions", why, fix))
        asked = _asked("answer", filed.request, stamp, filed.stamp, to, filed)
        return (yield from _converse(draft_documents(filed, answers, to, stamp), "275", asked))

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        if _in_batches(to):
            return (yield from _fetch(filed, to, stamp))
        if _in_files(to):
            return (yield from look_for(filed.stamp, to))
        _refuse_of_notice(filed.request, to)
        asked = _asked("inquire", filed.request, stamp, filed.stamp, to, filed)
        return (yield from _converse(draft_inquiry(filed, to, stamp, certain(filed)), "278_inquiry", asked))

    def registered(self, document: bytes, to: Destination) -> frozenset[str]:
        return registered(document, to)

    def numbers(self, references: Sequence[Reference]) -> frozenset[str]:
        return frozenset(word_of(each.value) for each in payer_numbers(references))

    def open(self, body: bytes) -> tuple[Letter, ...]:
        return opened(body)

    def place(self, letters: Sequence[Letter], known: Sequence[Posted]) -> tuple[Placed, ...]:
        return placed(letters, known)

    def puts_into(self, to: Destination) -> tuple[Spot, ...]:
        """Where what is said lies until the payer takes it: nowhere, but for files."""
        return spots(to)

    def answers_inquiries(self, to: Destination) -> bool:
        return not _in_files(to)

    def hear(self, letters: Sequence[Letter], said: Saying, to: Destination) -> tuple[Outcome, ...]:
        return heard_of(letters, _said(said, to), to, of_filing=said.work is None)


def _said(said: Saying, to: Destination) -> Asked:
    """What an attempt asked, for whoever reads a file that came since."""
    filed, work = said.filed, said.work
    if isinstance(work, Answers):
        return _asked("answer", filed.request, said.stamp, filed.stamp, to, filed)
    if isinstance(work, Change) and work.kind is ChangeKind.CANCEL:
        return _asked("cancel", filed.request, said.stamp, filed.stamp, to, filed)
    request = work.request if work is not None and work.request is not None else filed.request
    asked = _asked("file", request, said.stamp, said.stamp, to, filed)
    return replace(asked, notice=work is None and is_notice(request, payer_settings(to)))


def _refuse_of_notice(request: PARequest, to: Destination) -> None:
    """A payer that does not know a notice when it is asked about reviews would have it sent again (law 1)."""
    if is_notice(request, payer_settings(to)):
        raise CannotExpress(
            Inexpressible(
                "/review",
                "this payer was told of the admission, and a notice is neither changed nor asked about in X12",
                "Call the payer.",
            )
        )


def _in_batches(to: Destination) -> bool:
    return connection_settings(to).carrier == "core_batch"


def _in_files(to: Destination) -> bool:
    return connection_settings(to).carrier == "sftp_x12"


def _fetch(filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
    """What is fetched answers the filing, and is read as the answer to that."""
    asked = _asked("file", filed.request, filed.stamp, filed.stamp, to, filed)
    asked = replace(asked, notice=is_notice(filed.request, payer_settings(to)))
    try:
        return (yield from fetch_batch(asked, to, stamp))
    except EnvelopeRefused as refusal:
        return _refused(refusal, asked)


def _converse(draft: Draft, transaction: Transaction, asked: Asked) -> Exchange:
    losses = draft.settled_losses()
    document = enclose(draft, _GUIDES[transaction])
    # A cancellation says of the request what was filed: what the payer has come to want since must not keep it here.
    approve(document, draft.to, layers=asked.verb != "cancel")
    if _in_batches(draft.to):
        try:
            return (yield from file_batch(document, transaction, losses, asked, draft.to))
        except EnvelopeRefused as refusal:
            return _refused(refusal, asked)
    if _in_files(draft.to):
        return (yield from put_down(document, transaction, losses, draft.to, draft.stamp))
    carrier = CARRIERS[draft.connection.carrier]
    effect = transaction != "278_inquiry"
    reply = yield carrier.wrap(document, transaction, effect, losses, draft.to, draft.stamp)
    try:
        answer = carrier.unwrap(reply, draft.to, draft.stamp, effect)
    except EnvelopeRefused as refusal:
        return _refused(refusal, asked)
    return hear(answer, asked, draft.to)


def _refused(refusal: EnvelopeRefused, asked: Asked) -> Outcome:
    """The payer's application never saw it."""
    return Outcome(
        answer=Answer.CANCEL_REFUSED if asked.verb == "cancel" else Answer.REJECTED,
        reasons=(Reason(word=Word.CHANNEL_NOT_SUPPORTED, code=refusal.code, code_system="core_error"),),
        messages=(refusal.words,) if refusal.words else (),
        attention=Attention.OPERATOR,
        attention_why="the connection's envelope was refused; its settings need a look",
    )


def _asked(
    verb: Verb, request: PARequest, stamp: Stamp, about: Stamp, to: Destination, filed: Filed | None = None
) -> Asked:
    return Asked(
        verb=verb,
        request=request,
        stamp=stamp,
        filed=about,
        company=connection_settings(to).company_id,
        numbers=_known(filed) if filed else {},
        known=authorizations_in(filed.references) if filed else Authorizations(),
    )


def _known(filed: Filed) -> dict[str, ReferenceKind]:
    """Each number as what it was last granted to be: one that came with a review may have become an authorization."""
    return {
        reference.value: reference.kind
        for reference in sorted(
            payer_numbers(filed.references), key=lambda reference: reference.kind is ReferenceKind.AUTHORIZATION
        )
    }
