"""The four requests of a case, each a whole message. Raises CannotExpress with every fault at once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType

from adapters.script_epa.asking.answering import answered, asked_in
from adapters.script_epa.asking.body import refuse_changes, write_body
from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.codec import messages
from adapters.script_epa.codec.form import LONG, Malformed, Part
from adapters.script_epa.codec.messages import (
    Appealing,
    Attachment,
    Cancelling,
    Message,
    Solicited,
    Unsolicited,
    write,
)
from adapters.script_epa.settings import address_to, connection_settings, payer_settings, version_of
from gateway.contract.adapter import Answers, Change, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Loss
from gateway.model.outcome import ReferenceKind
from gateway.model.request import PARequest

_MEDIA: Mapping[str, str] = MappingProxyType(
    # image/jpeg is none of the standard's.
    {"application/pdf": "application/pdf", "image/jpeg": "application/jpeg", "image/png": "application/png"}
)
_OTHER_REASON = "BY"
Written = tuple[bytes, tuple[Loss, ...]]


def write_initiation(request: PARequest, to: Destination, stamp: Stamp) -> Written:
    """PAInitiationRequest; PARequest for a payer that is not asked what it wants to know first."""
    draft = _draft(to)
    refuse_changes(draft, request)
    body = write_body(draft, request, to, stamp)
    if payer_settings(to).unsolicited:
        return _whole(draft, messages.PARequest(**body, request=Unsolicited()), to, stamp)
    return _whole(draft, messages.PAInitiationRequest(**body), to, stamp)


def write_answers(filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Written:
    """PARequest, or PAAppealRequest where the questions are those of an appeal."""
    draft = _draft(to)
    if filed.asked is None:
        raise CannotExpress(
            Inexpressible("/questions", "the payer has not asked anything", "Wait for the payer's questions.")
        )
    asked = asked_in(filed.asked)
    if answers.round != asked.round:
        raise CannotExpress(
            Inexpressible(
                "/round", "these answers are not for what the payer asked last", "Answer its latest questions."
            )
        )
    questions = answered(draft, asked, answers)
    document = _attachment(draft, answers, to)
    body = write_body(draft, filed.request, to, filed.stamp)
    if asked.appeal:
        appeal = Appealing(case=asked.case, appeal_case=asked.appeal_case, deadline=asked.deadline, questions=questions)
        return _whole(draft, messages.PAAppealRequest(**body, attachment=document, request=appeal), to, stamp)
    said = Solicited(case=asked.case, deadline=asked.deadline, questions=questions)
    return _whole(draft, messages.PARequest(**body, attachment=document, request=said), to, stamp)


def write_cancellation(filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Written:
    """PACancelRequest."""
    draft = _draft(to)
    said = Cancelling(
        case=_case(filed),
        reason=_OTHER_REASON if change.reason else None,
        note=draft.text("/reason", change.reason, LONG),
    )
    body = write_body(draft, filed.request, to, filed.stamp)
    return _whole(draft, messages.PACancelRequest(**body, request=said), to, stamp)


def write_appeal(filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Written:
    """PAAppealRequest as the question what an appeal needs; its answers are the appeal. Its reason is said whole: cut
    off, it may say something else."""
    draft = _draft(to)
    request = change.request or filed.request
    told = ("/reason", change.reason) if change.reason else ("/request/note", request.note)
    said = Appealing(case=_case(filed), note=draft.text(*told, LONG, whole=True))
    document = _attachment(draft, Answers.model_construct(attachments=change.attachments), to)
    body = write_body(draft, request.model_copy(update={"note": None, "attachments": ()}), to, filed.stamp)
    return _whole(draft, messages.PAAppealRequest(**body, attachment=document, request=said), to, stamp)


def _draft(to: Destination) -> Draft:
    return Draft(version_of(to.connection_settings))


def _case(filed: Filed) -> str:
    """PACaseID, by the payer's latest word."""
    told = [each.value for each in filed.references if each.kind is ReferenceKind.REVIEW and each.line is None]
    if not told and any(each.kind is ReferenceKind.PREVIOUS_REVIEW for each in filed.references):
        raise CannotExpress(
            Inexpressible(
                "/kind",
                "the only number that the payer has named is an earlier request's, and it takes no change without one",
                "Change or cancel the earlier request, or call the payer.",
            )
        )
    if not told:
        raise CannotExpress(
            Inexpressible(
                "/kind",
                "the payer has not said under which number it has the case, and takes no change without one",
                "Wait for its first answer, or call the payer.",
            )
        )
    return told[-1]


def _whole(draft: Draft, content: Part, to: Destination, stamp: Stamp) -> Written:
    losses = draft.settled_losses()
    try:
        return write(Message(draft.version, address_to(to).header(stamp), content)), losses
    except Malformed as error:
        why = f"the message would break the bounds of the standard ({error})"
        fix = "Tell whoever keeps the gateway; it is a fault of the channel."
        raise CannotExpress(Inexpressible("", why, fix)) from None


def _attachment(draft: Draft, answers: Answers, to: Destination) -> Attachment | None:
    """The one document that a message may have."""
    for place in range(1, len(answers.attachments)):
        why = "a message has one document"
        draft.refuse(f"/attachments/{place}", why, "Put all documents into one PDF.")
    for where in ("control_numbers", "codes"):
        for name in getattr(answers, where):
            escaped = name.replace("~", "~0").replace("/", "~1")
            draft.lose(f"/{where}/{escaped}", "the payer knows the document by its case")
    for document in answers.attachments[:1]:
        media = _MEDIA.get(document.media_type)
        if media is None:
            draft.refuse("/attachments/0/media_type", "SCRIPT takes no documents of this type", "Send it as a PDF.")
        for name in ("title", "kind"):
            draft.lose(f"/attachments/0/{name}", "a document has no name in SCRIPT")
        return Attachment(
            source=connection_settings(to.connection_settings).attachment_source,
            data=base64.b64encode(document.content).decode(),
            media_type=media,
        )
    return None
