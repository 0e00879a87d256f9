"""The calls of the simulated Juniper Health's page: look-ups as one types, documents, requests, answers.

Nothing keeps a request from being filed twice here: each final step that arrives is filed.
"""

from __future__ import annotations

import secrets

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from conformance.simulators.clock import timestamp
from conformance.simulators.portals import checking
from conformance.simulators.portals.accounts import Session
from conformance.simulators.portals.catalogue import DIAGNOSES, DOCUMENT_KINDS, PROCEDURES, found
from conformance.simulators.portals.challenges import Form
from conformance.simulators.portals.filings import Document, Filing
from conformance.simulators.portals.hindrance import after_recording, drain, hinder, unrecorded
from conformance.simulators.portals.juniper.form import FIELDS, Read, read_documents, read_form
from conformance.simulators.portals.juniper.site import (
    Json,
    Juniper,
    Problem,
    Upload,
    Visit,
    answered,
    pause,
    read,
    text_of,
)
from conformance.simulators.portals.misbehaviour import ANYWHERE, FINAL, UNRECORDED, Kind

PAGE = 10
"""Entries of a list before one asks for more."""
SHORTEST = 3
"""Characters before members are searched."""
_MOST_UPLOADS = 50
_MAGIC = (checking.PDF, *checking.IMAGES)


async def members(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    await pause()
    query = request.query.get("q", "").strip()
    listed = site.portal.people.found(query) if len(query) >= SHORTEST else []
    return answered([{"id": each, "name": person.name} for each, person in listed])


async def eligibility(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Whether the member has this birth date and is covered."""
    asked = await read(request, {"member", "birth_date"})
    member_id = text_of(asked, "member")
    faults = checking.member(site.portal.people, member_id, checking.iso_date(text_of(asked, "birth_date")))
    person = site.portal.people.named(member_id)
    if faults or person is None:
        raise Problem(422, "Look at the fields that are marked.", faults)
    return answered({"name": person.name, "birth_date": person.birth.isoformat(), "coverage": "Active"})


async def procedures(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    await pause()
    return answered([{"id": code, "name": words} for code, words in found(PROCEDURES, request.query.get("q", ""))])


async def diagnoses(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    await pause()
    return answered([{"id": code, "name": words} for code, words in found(DIAGNOSES, request.query.get("q", ""))])


async def upload(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """One file (``file`` of a multipart form). The oldest of an account give way to the newest."""
    if request.content_type != "multipart/form-data":
        raise Problem(415, "This is not a form with a file.")
    try:
        part = await (await request.multipart()).next()
    except ValueError:
        raise Problem(400, "This is not a form with a file.") from None
    if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
        raise Problem(400, "The request has fields that we do not know.")
    body = b""
    while len(body) <= checking.MOST_BYTES and (chunk := await part.read_chunk(1 << 16)):
        body += chunk
    while await part.read_chunk(1 << 16):
        continue
    if fault := checking.document(body, 0, _MAGIC, "PDF, PNG or JPEG"):
        raise Problem(422, fault, {"file": fault})
    uploads = site.uploads(session)
    if len(uploads) >= _MOST_UPLOADS:
        del uploads[next(iter(uploads))]
    name = secrets.token_hex(6)
    uploads[name] = Upload(part.filename, Document.of(part.filename, "", body))
    return answered({"id": name, "name": part.filename, "size": len(body)}, 201)


async def check(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Looks at a request without filing it. 403 where a person must look at a picture first."""
    asked = await _form(site, request, session)
    if site.portal.order({Kind.SESSION}, "review", asked.member_id):
        site.end(session)
        raise Problem(401, "Your session has timed out.")
    if asked.wish is None:
        raise Problem(422, "Look at the fields that are marked.", asked.faults)
    held = site.portal.challenges.find(session.holds.challenge)
    if held is not None and held.met:
        session.holds.passed_puzzle = True
        site.portal.challenges.drop(held)
    if not session.holds.passed_puzzle and (
        held is not None or site.portal.order({Kind.CAPTCHA}, "submit", asked.member_id)
    ):
        challenge = held or site.portal.challenges.make(Form.PICTURE, session.account)
        session.holds.challenge = challenge.id
        raise Problem(403, "Are you a person?", challenge=challenge.id)
    return answered({"ready": True})


async def submit(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """The final step. 201 with the reference, each time it comes."""
    form_id = request.headers.get("X-Form-Id", "")
    if not 8 <= len(form_id) <= 64:
        raise Problem(400, "The request has no number of its form.")
    asked = await _form(site, request, session)
    stands = await hinder(site.portal.order(ANYWHERE - {Kind.SESSION}, "submit", asked.member_id))
    if stands is not None:
        return stands
    if asked.wish is None:
        raise Problem(422, "Look at the fields that are marked.", asked.faults)
    order = site.portal.order(FINAL, "submit", asked.member_id)
    if order is not None and order.kind in UNRECORDED:
        return unrecorded(order, request)
    filing = site.portal.record(asked.wish, session.account, form_id)
    session.holds.passed_puzzle = False
    if order is None:
        return answered({"reference": filing.reference}, 201)
    if order.kind is Kind.RECEIVED:
        return answered({"reference": ""}, 202)
    return after_recording(order, request)


async def requests(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """What was filed, the newest first, ten at a time; ``member`` and ``reference`` narrow it."""
    member, reference = (request.query.get(name, "").strip().upper() for name in ("member", "reference"))
    listed = [
        each
        for each in site.portal.visible()
        if each.wish.member_id.startswith(member) and each.reference.startswith(reference)
    ]
    given = request.query.get("from", "0")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0
    rows = [_row(site, each) for each in listed[start : start + PAGE]]
    return answered({"items": rows, "next": start + PAGE if len(listed) > start + PAGE else None})


async def one(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    return answered(_whole(site, _named(site, request)))


async def send_information(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Documents and a comment for everything that is asked for."""
    filing = _named(site, request)
    asked = await read(request, {"comment", "documents"})
    documents, faults = read_documents(asked.get("documents", []), site.uploads(session))
    comment = text_of(asked, "comment")
    if not documents and not faults:
        faults = {"documents": "Add at least one document."}
    if fault := checking.text(comment):
        faults["comment"] = fault
    if not any(not each.answered for each in filing.asked):
        raise Problem(409, "Nothing is asked for.")
    if faults:
        raise Problem(422, "Look at the fields that are marked.", faults)
    order = site.portal.order(FINAL, "answer", filing.wish.member_id)
    if order is not None and order.kind in UNRECORDED:
        return unrecorded(order, request)
    site.portal.answer(filing, documents, comment)
    return answered(_whole(site, filing)) if order is None else after_recording(order, request)


async def sign_out(site: Juniper, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    await drain(request)
    site.end(session)
    return web.Response(status=204)


async def _form(site: Juniper, request: web.Request, session: Session[Visit]) -> Read:
    sent = await read(request, FIELDS)
    return read_form(sent, site.portal.people, site.uploads(session), site.portal.today())


def _named(site: Juniper, request: web.Request) -> Filing:
    filing = site.portal.named(request.match_info["reference"])
    if filing is None:
        raise Problem(404, "We have no such request.")
    return filing


def _row(site: Juniper, filing: Filing) -> Json:
    return {
        "reference": filing.reference,
        "member": filing.wish.member_id,
        "name": filing.wish.person.name,
        "codes": [each.code for each in filing.wish.services],
        "start": min(each.start for each in filing.wish.services).isoformat(),
        "submitted": timestamp(filing.filed_at),
        "status": site.portal.view(filing).status,
    }


def _whole(site: Juniper, filing: Filing) -> Json:
    view = site.portal.view(filing)
    return _row(site, filing) | {
        "birth_date": filing.wish.person.birth.isoformat(),
        "certification": view.authorization,
        "services": [
            {
                "code": line.service.code,
                "name": line.service.words,
                "units": line.service.units,
                "granted": line.units,
                "start": (line.start or line.service.start).isoformat(),
                "end": (line.end or line.service.end).isoformat(),
                "status": line.status,
            }
            for line in view.lines
        ],
        "notes": list(view.notes),
        "asked": list(view.asked),
        "documents": [
            {"name": each.name, "kind": DOCUMENT_KINDS[each.kind], "size": each.size}
            for each in (*filing.wish.documents, *filing.answers)
        ],
        "timeline": [
            *({"at": timestamp(at), "what": what} for at, what in filing.events),
            {"at": timestamp(site.portal.clock.now()), "what": f"Status: {view.status}"},
        ],
    }
