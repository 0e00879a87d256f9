"""The pages of a new request at the simulated Ironwood Plan: member, service (in an iframe), dates, documents, review.

Each page keeps what it took in the draft, so that one can go back. The final step is in ``finishing``.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from aiohttp.web_request import FileField

from conformance.simulators.portals import checking
from conformance.simulators.portals.accounts import Session
from conformance.simulators.portals.catalogue import (
    DOCUMENT_KINDS,
    PLACES,
    PROCEDURES,
    SERVICE_TYPES,
    found,
    procedures_of,
)
from conformance.simulators.portals.challenges import Form as ChallengeForm
from conformance.simulators.portals.filings import Document
from conformance.simulators.portals.ironwood.draft import MOST_SERVICES, STEPS, Draft
from conformance.simulators.portals.ironwood.site import Form, Ironwood, Visit, text_of
from conformance.simulators.portals.misbehaviour import Kind

_DIAGNOSES = ("diagnosis1", "diagnosis2", "diagnosis3", "diagnosis4")


async def begin(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = Draft()
    session.holds.drafts[draft.id] = draft
    return site.to(f"/new/{draft.id}/member")


async def show(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Any page of the wizard that can be reached; the first that is not done, for one that cannot."""
    draft, step = site.draft(request, session), request.path.rsplit("/", 1)[-1]
    if not draft.reachable(step):
        return site.to(f"/new/{draft.id}/{draft.first_missing()}")
    looks = step == "review" and not draft.passed_puzzle
    if looks and site.portal.order({Kind.CAPTCHA}, "submit", draft.member_id):
        session.holds.challenge = site.portal.challenges.make(ChallengeForm.PICTURE, session.account).id
        return site.to(f"/new/{draft.id}/puzzle")
    return _page(site, session, draft, step, {})


async def show_puzzle(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """A picture in the way of the review; a fresh one where the last came to its end."""
    draft = site.draft(request, session)
    challenge = site.portal.challenges.find(session.holds.challenge)
    if challenge is None and not draft.passed_puzzle:
        challenge = site.portal.challenges.make(ChallengeForm.PICTURE, session.account)
        session.holds.challenge = challenge.id
    error, status = "", 200
    if request.method == "POST":
        form = await site.form(request, session, {"answer"})
        if challenge is not None and not site.portal.challenges.try_answer(challenge, text_of(form, "answer")):
            error, status = "That is not right. Look at the new picture.", 422
    if challenge is None or challenge.met:
        draft.passed_puzzle = True
        return site.to(f"/new/{draft.id}/review")
    back = f"/new/{draft.id}/puzzle"
    return site.render("puzzle", "puzzle.html", session, status, error=error, back=back)


async def take_member(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = site.draft(request, session)
    form = await site.form(request, session, {"member", "birth_date", "npi", "rendering_npi", "phone", "action"})
    given = {name: text_of(form, name) for name in ("member", "birth_date", "npi", "rendering_npi", "phone")}
    member_id = given["member"].upper()
    faults = checking.member(site.portal.people, member_id, checking.us_date(given["birth_date"]))
    draft.person = None if faults else site.portal.people.named(member_id)
    draft.member_id = "" if faults else member_id
    if text_of(form, "action") == "next":
        faults |= _faults(
            npi=checking.npi(given["npi"], member_id),
            rendering_npi=checking.npi(given["rendering_npi"]) if given["rendering_npi"] else "",
            phone=checking.phone(given["phone"]),
        )
        if not faults:
            draft.npi, draft.rendering_npi, draft.phone = given["npi"], given["rendering_npi"], given["phone"]
            return site.to(f"/new/{draft.id}/service")
    return _page(site, session, draft, "member", faults, given)


async def show_service_form(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """What is in the iframe."""
    draft = site.draft(request, session)
    return _service(site, session, draft, {}, dict(zip(_DIAGNOSES, draft.diagnoses, strict=False)))


async def take_service(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Adds one service, or removes one."""
    draft = site.draft(request, session)
    known = {"place", "service_type", "procedure", "remove", "find", *_DIAGNOSES}
    form = await site.form(request, session, known)
    removed = text_of(form, "remove")
    if removed:
        draft.codes = [code for code in draft.codes if code != removed]
        draft.units.pop(removed, None)
        return _service(site, session, draft, {}, dict(zip(_DIAGNOSES, draft.diagnoses, strict=False)))
    given = {name: text_of(form, name) for name in ("place", "service_type", *_DIAGNOSES)}
    code = text_of(form, "procedure").upper()
    diagnoses = [given[name].upper() for name in _DIAGNOSES if given[name]]
    faults = _faults(
        place="" if given["place"] in PLACES else "Choose a place of service.",
        service_type="" if given["service_type"] in SERVICE_TYPES else "Choose a service type.",
        procedure=checking.procedure(code, procedures_of(given["service_type"])) if code else "Choose a procedure.",
        diagnosis1="" if given["diagnosis1"] else "Enter the primary diagnosis.",
    ) | _faults(**{name: checking.diagnosis(given[name].upper()) for name in _DIAGNOSES if given[name]})
    if not faults and code in draft.codes:
        faults = {"procedure": "This procedure is in the request already."}
    if not faults and len(draft.codes) >= MOST_SERVICES:
        faults = {"procedure": f"At most {MOST_SERVICES} services in one request."}
    if not faults:
        draft.place, draft.service_type, draft.diagnoses = given["place"], given["service_type"], diagnoses
        draft.codes.append(code)
    return _service(site, session, draft, faults, given, saved="" if faults else code)


async def leave_service(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = site.draft(request, session)
    await site.form(request, session, ())
    if not draft.codes:
        return _page(site, session, draft, "service", {"service": "Add at least one service first."})
    return site.to(f"/new/{draft.id}/dates")


async def take_dates(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = site.draft(request, session)
    fields = {f"units_{code}": code for code in draft.codes}
    form = await site.form(request, session, {"start", "end", "urgency", *fields})
    start, end = checking.us_date(text_of(form, "start")), checking.us_date(text_of(form, "end"))
    given = {name: text_of(form, name) for name in ("start", "end", "urgency", *fields)}
    faults = checking.period(start, end, site.portal.today(), draft.member_id)
    faults |= _faults(
        urgency="" if given["urgency"] in ("standard", "urgent") else "Choose how urgent the request is.",
        **{name: checking.units(given[name]) for name in fields},
    )
    if faults:
        return _page(site, session, draft, "dates", faults, given)
    draft.start, draft.end, draft.urgent = start, end, given["urgency"] == "urgent"
    draft.units = {code: int(given[name]) for name, code in fields.items()}
    return site.to(f"/new/{draft.id}/documents")


async def take_documents(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Adds a document, removes one, or goes on, by which button was pressed."""
    draft = site.draft(request, session)
    form = await site.form(request, session, {"kind", "file", "action", "remove", "comments"})
    removed = text_of(form, "remove")
    if removed:
        draft.documents = [each for each in draft.documents if each.sha256 != removed]
    elif text_of(form, "action") == "next":
        comments = text_of(form, "comments")
        if fault := checking.text(comments):
            return _page(site, session, draft, "documents", {"comments": fault})
        draft.comments = comments
        return site.to(f"/new/{draft.id}/review")
    else:
        document = uploaded(form, len(draft.documents))
        if document.faults:
            return _page(site, session, draft, "documents", document.faults)
        draft.documents += document.taken
    return site.to(f"/new/{draft.id}/documents")


async def places(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    return web.json_response([{"code": code, "name": f"{code} - {words}"} for code, words in PLACES.items()])


async def procedures(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Procedures of ``type`` that ``q`` finds; twelve at most."""
    offered = procedures_of(request.query.get("type", ""))
    listed = [{"code": code, "name": f"{code} - {words}"} for code, words in found(offered, request.query.get("q", ""))]
    return web.json_response(listed)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A document out of a form, or why it is none, by field."""

    faults: dict[str, str]
    taken: list[Document]


def uploaded(form: Form, already: int) -> Uploaded:
    """Reads the fields ``kind`` and ``file``. Only PDF, by its first bytes."""
    kind, file = text_of(form, "kind"), form.get("file")
    faults = {} if kind in DOCUMENT_KINDS else {"kind": "Choose a kind of document."}
    if not isinstance(file, FileField):
        return Uploaded(faults | {"file": "Choose a file."}, [])
    body = file.file.read(checking.MOST_BYTES + 1)
    if fault := checking.document(body, already, (checking.PDF,), "PDF"):
        faults["file"] = fault
    return Uploaded(faults, [] if faults else [Document.of(file.filename, kind, body)])


def _faults(**found_at: str) -> dict[str, str]:
    return {name: text for name, text in found_at.items() if text}


def _page(
    site: Ironwood,
    session: Session[Visit],
    draft: Draft,
    step: str,
    faults: dict[str, str],
    given: dict[str, str] | None = None,
) -> web.StreamResponse:
    held = given if given is not None else _held(draft)
    # The page without the birth date is used up by each time it is seen.
    gone = step == "member" and site.portal.orders.next({Kind.FIELD_GONE}, step, draft.member_id) is not None
    place = STEPS.index(step)
    return site.render(
        step,
        f"{step}.html",
        session,
        422 if faults else 200,
        draft=draft,
        faults=faults,
        given=held,
        birth_date_gone=gone,
        procedures=PROCEDURES,
        places=PLACES,
        kinds=DOCUMENT_KINDS,
        back=f"/new/{draft.id}/{STEPS[place - 1]}" if place else "/home",
    )


def _held(draft: Draft) -> dict[str, str]:
    return {
        "member": draft.member_id,
        "birth_date": f"{draft.person.birth:%m/%d/%Y}" if draft.person else "",
        "npi": draft.npi,
        "rendering_npi": draft.rendering_npi,
        "phone": draft.phone,
        "start": f"{draft.start:%m/%d/%Y}" if draft.start else "",
        "end": f"{draft.end:%m/%d/%Y}" if draft.end else "",
        "urgency": "urgent" if draft.urgent else "standard" if draft.start else "",
        **{f"units_{code}": str(draft.units.get(code, "")) for code in draft.codes},
    }


def _service(
    site: Ironwood,
    session: Session[Visit],
    draft: Draft,
    faults: dict[str, str],
    given: dict[str, str],
    saved: str = "",
) -> web.StreamResponse:
    held = dict.fromkeys(("place", "service_type", *_DIAGNOSES), "")
    held |= {"place": draft.place, "service_type": draft.service_type} | given
    return site.render(
        "service",
        "service_form.html",
        session,
        422 if faults else 200,
        draft=draft,
        faults=faults,
        given=held,
        saved=saved,
        procedures=PROCEDURES,
        types=SERVICE_TYPES,
    )
