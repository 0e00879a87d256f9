"""Writes documents for a request under review: a 275 006020X316, one LX for each document.

A document that was asked for carries the payer's control number (BGN01 11, TRN01 2), or the event's trace where it was
asked for by a code alone; one that our request announced carries the number of its PWK (BGN01 02, TRN01 1). Which of
these each is, ``Answers`` says and nobody guesses here; one 275 holds documents of one sort.

The order of loops is known from class names of a public writer [M]; the entity codes of 1000A and 1000B, and ISA12
00602, are inferred [I]: check a guide before going live.
"""

from __future__ import annotations

import base64
from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.asking.announce import DOCUMENT_TYPES
from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.asking.parties import coverage_of
from gateway.contract.adapter import Answers, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.model.request import Attachment

_FORMAT = MappingProxyType(
    {
        "application/pdf": "IA",
        "image/png": "IA",
        "image/jpeg": "IA",
        "text/plain": "TX",
        "application/xml": "HL",
    }
)
"""CAT02: image, text, HL7 document."""

LARGEST = 64 * 1024 * 1024
"""Bytes of one document. CORE asks a payer to take as much, and no more."""


def draft_documents(filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Draft:
    """The transaction that carries the documents. Losses point into ``answers``, those of names into its request."""
    draft = Draft(to, stamp)
    request = filed.request
    if draft.payer.attachments == "none":
        draft.refuse("/attachments", "this payer takes no documents this way", "Send them by another route.")
    numbers = [_control_number(draft, filed, answers, place) for place in range(len(answers.attachments))]
    solicited = any(asked for _, asked in numbers)
    if not all(asked for _, asked in numbers) and solicited and not draft.faults:
        draft.refuse(
            "/attachments",
            "a 275 holds documents that were asked for, or documents that were announced",
            "Send them apart.",
        )
    draft.add("BGN", "11" if solicited else "02", traces.submission(stamp), draft.date, draft.time[:4])
    requester = request.requester
    kind = "2" if requester.first_name is None else "1"
    last = draft.text(requester.last_name, "/requester/last_name", 60, required=True)
    first = draft.text(requester.first_name, "/requester/first_name", 35)
    # 1000A is who sends the documents, 1000B who receives them.
    draft.add("NM1", "1P", kind, last, first, "", "", "", "XX", requester.npi)
    name = draft.alphabet.written(draft.payer.umo_name or to.payer_name)[:60]
    umo = draft.exact(draft.payer.umo_id, "", 80)
    draft.add("NM1", "X3", "2", name, "", "", "", "", draft.payer.umo_qualifier, umo)
    asked, coverage = coverage_of(draft, request)
    patient = request.patient
    last = draft.text(patient.last_name, "/patient/last_name", 60, required=True)
    first = draft.text(patient.first_name, "/patient/first_name", 35, required=True)
    member = draft.exact(coverage.member_id, f"/coverages/{asked}/member_id", 80)
    draft.add("NM1", "QC", "1", last, first, "", "", "", "MI", member)
    # The patient event's trace is TRN02 of the filing's 2000E.
    draft.add("REF", "EJ", traces.event(filed.stamp))
    for place, (attachment, (number, asked)) in enumerate(zip(answers.attachments, numbers, strict=True)):
        _write_document(draft, attachment, place, number, asked)
    if not answers.attachments:
        draft.refuse("/attachments", "a 275 carries documents, and there is none", "Send a document.")
    if answers.note:
        draft.refuse("/note", "a 275 has no place for a note", "Send what the note says as a document (text/plain).")
    return draft


def _control_number(draft: Draft, filed: Filed, answers: Answers, place: int) -> tuple[str, bool]:
    """The number that ties a document to the request, and whether the payer asked for it."""
    attachment = answers.attachments[place]
    if given := answers.control_numbers.get(attachment.id):
        return draft.exact(given, f"/control_numbers/{attachment.id}", 50), True
    if attachment.id in answers.codes:
        # Asked for without a number: the event's trace is all there is to tie it to.
        return traces.event(filed.stamp), True
    if attachment in filed.request.attachments:  # the very document: another one may have its id
        return traces.attachment(filed.stamp, filed.request.attachments.index(attachment) + 1), False
    draft.refuse(
        f"/attachments/{place}",
        "nothing says which of the payer's requests this document answers",
        "Name the payer's control number for it in control_numbers, or the code of what it asks for in codes.",
    )
    return "", False


def _write_document(draft: Draft, attachment: Attachment, place: int, number: str, asked: bool) -> None:
    at = f"/attachments/{place}"
    if len(attachment.content) > LARGEST:
        draft.refuse(at, f"the document is larger than {LARGEST} bytes", "Split the document.")
        return
    draft.add("LX", str(place + 1))
    draft.add("TRN", "2" if asked else "1", number)
    draft.add("DTP", "368", "D8", draft.date)
    draft.add("CAT", DOCUMENT_TYPES[attachment.kind], _FORMAT[attachment.media_type])
    draft.add("OOI", "1", "47", "ATTACHMENT")
    title = draft.text(attachment.title, f"{at}/title", 80)
    data = base64.b64encode(_mime_entity(attachment, title)).decode()
    draft.add("BDS", "B64", str(len(data)), data)


def _mime_entity(attachment: Attachment, title: str) -> bytes:
    """BDS03 decodes to a MIME entity whose own body is base64 too, as public samples have it."""
    head = (
        "MIME-Version: 1.0\r\n"
        f"Content-Type: {attachment.media_type}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Description: {title}\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(attachment.content).replace(b"\n", b"\r\n")
