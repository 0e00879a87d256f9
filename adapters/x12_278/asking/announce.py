"""Announces documents in a 278 request: PWK, each with the number under which the document follows in a 275.

The patient event (2000E) has room for ten, and so has every service (2000F); a request holds at most twenty. The first
ten stand at the event; those beyond stand at the first service, which every request has.
"""

from __future__ import annotations

from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.asking.draft import Draft
from gateway.model.request import PARequest

DOCUMENTS_PER_LOOP = 10

DOCUMENT_TYPES = MappingProxyType(
    {
        "clinical_notes": "M1",
        "pathology_report": "P4",
        "laboratory_results": "LA",
        "imaging_report": "RR",
        "medication_history": "D2",
        "treatment_plan": "08",
        "letter_of_medical_necessity": "03",
        "other": "77",
    }
)
"""PWK01 for each kind of document. The table ``pwk01`` reads the same codes, and more, the other way."""


def announce_at_event(draft: Draft, request: PARequest) -> None:
    """PWK of 2000E."""
    _announce(draft, request, 0)


def announce_at_service(draft: Draft, request: PARequest, place: int) -> None:
    """PWK of the 2000F of the line at ``place``."""
    if place == 0:
        _announce(draft, request, DOCUMENTS_PER_LOOP)


def _announce(draft: Draft, request: PARequest, first: int) -> None:
    """The documents from ``first`` on for which a loop has room."""
    for place, attachment in enumerate(request.attachments[first : first + DOCUMENTS_PER_LOOP], start=first):
        at = f"/attachments/{place}"
        if draft.payer.attachments == "none":
            draft.lose(at, "this payer takes no documents this way")
        else:
            title = draft.text(attachment.title, f"{at}/title", 80)
            control = traces.attachment(draft.stamp, place + 1)
            draft.add("PWK", DOCUMENT_TYPES[attachment.kind], "EL", "", "", "AC", control, title)
            if attachment.dated_on is not None:
                draft.lose(f"{at}/dated_on", "the document bears its date itself", "attachment")
            draft.lose(f"{at}/content", "the document itself follows in a 275", "attachment")
            draft.lose(f"{at}/media_type", "the document itself follows in a 275", "attachment")
