"""A filing as operators see it: everything, under plain names."""

from __future__ import annotations

from typing import Any

from conformance.simulators.portals.filings import Document, Filing
from conformance.simulators.portals.portal import Portal


def told(portal: Portal, filing: Filing) -> dict[str, Any]:
    view, wish = portal.view(filing), filing.wish
    return {
        "reference": filing.reference,
        "member": wish.member_id,
        "codes": [each.code for each in wish.services],
        "services": [
            {
                "code": line.service.code,
                "units": line.service.units,
                "start": line.service.start.isoformat(),
                "end": line.service.end.isoformat(),
                "place": line.service.place,
                "status": line.status,
            }
            for line in view.lines
        ],
        "diagnoses": list(wish.diagnoses),
        "npi": wish.npi,
        "rendering_npi": wish.rendering_npi,
        "phone": wish.phone,
        "urgent": wish.urgent,
        "comments": wish.comments,
        "documents": [_document(each) for each in wish.documents],
        "answers": [_document(each) for each in filing.answers],
        "answer_comments": list(filing.comments),
        "asked": list(view.asked),
        "account": filing.account,
        "status": view.status,
        "authorization": view.authorization,
        "notes": list(view.notes),
        "filed_at": filing.filed_at,
        "draft": filing.draft,
        "posts": portal.ledger.finals[filing.draft] if filing.draft else 0,
        "alike": portal.alike(filing),
    }


def _document(document: Document) -> dict[str, Any]:
    return {"sha256": document.sha256, "size": document.size, "kind": document.kind}
