"""The payers behind a JSON service-review API: a review is filed with 202 and a Location, and read there until decided.

After what is public of such an API (README.md, Sources). What the payers decide is the desk's business; here it is put
into the API's words. ``in process`` for a moment of the payers' clock after each filing, as networks are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from conformance.simulators.answer import Reply278, approved_days, halved
from conformance.simulators.desk import Heard
from conformance.simulators.door import deliver
from conformance.simulators.filings import Filing
from conformance.simulators.findings import Findings
from conformance.simulators.members import CANCELLED, Decision, Refusal
from conformance.simulators.misbehaviour import REVIEWED_AS, UNRECORDED, Kind, Order
from conformance.simulators.payers import PAYERS, Payer
from conformance.simulators.reception import CHALLENGE, Delivery, Reception, page, spoilt
from conformance.simulators.review_shape import Illegal, read_review
from conformance.simulators.submission import Submission
from conformance.simulators.tokens import Tokens

PATH = "/v2/service-reviews"
IN_PROCESS = 1.0
"""Virtual seconds until a review can be read."""
CUSTOMER = "demo-customer"
_JSON = "application/json"


@dataclass(slots=True)
class _Review:
    """One review as the network holds it: on file at its payer, or refused there."""

    id: str
    payer: Payer
    told: dict[str, Any]
    submission: Submission
    filed_at: float
    filing: Filing | None
    refusal: Refusal | None


class Reviews:
    def __init__(self, reception: Reception, tokens: Tokens) -> None:
        self._reception = reception
        self._tokens = tokens
        self._reviews: dict[str, _Review] = {}

    def forget(self) -> None:
        self._reviews.clear()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(PATH, self.create)
        app.router.add_get(PATH, self.search)
        app.router.add_get(PATH + "/{id}", self.show)
        app.router.add_delete(PATH + "/{id}", self.void)

    async def create(self, request: web.Request) -> web.StreamResponse:
        early = self._reception.before_reading()
        if early is not None:
            return await deliver(request, early)
        body = await request.read()
        delivery, outcome = self._refused(request), "refused"
        if delivery is None:
            delivery, outcome = self._take(request, body)
        self._reception.keep(body, delivery, "request", outcome)
        return await deliver(request, delivery)

    def _take(self, request: web.Request, body: bytes) -> tuple[Delivery, str]:
        try:
            told, submission = read_review(body, request.content_type)
        except Illegal as fault:
            return _error(fault.status, fault.text, fault.field), f"illegal {fault.field}"
        payer = PAYERS[told["payer"]["id"]]
        order = self._reception.order(Heard(payer, "request", None, None, Findings(), submission))
        if order is not None and order.kind in UNRECORDED:
            return _unrecorded(order), f"misbehaved {order.kind}"
        word = REVIEWED_AS.get(order.kind) if order else None
        reply, outcome = self._reception.desk.review(payer, submission.reference, submission, word)
        review = self._file(payer, told, submission, reply)
        here = f"{request.scheme}://{request.host}{PATH}/{review.id}"
        delivery = Delivery(202, b"", _JSON, location=here)
        if order is None:
            return delivery, outcome
        return _misled(delivery, review, order), f"{outcome}, misbehaved {order.kind}"

    def _file(self, payer: Payer, told: dict[str, Any], submission: Submission, reply: Reply278) -> _Review:
        # As long as those that are public: 60 digits and more.
        number = f"{len(self._reviews) + 1:064d}"
        now = self._reception.clock.now()
        review = _Review(number, payer, told, submission, now, reply.filing, reply.refusal)
        self._reviews[number] = review
        return review

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._read)

    def _read(self, request: web.Request) -> Delivery:
        review = self._reviews.get(request.match_info["id"])
        if review is None:
            return _error(404, "The requested resource does not exist.")
        if self._now() < review.filed_at + IN_PROCESS:
            return Delivery(202, b"", _JSON, location=str(request.url))
        return Delivery(200, json.dumps(self._written(review)).encode(), _JSON)

    async def search(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._found)

    def _found(self, request: web.Request) -> Delivery:
        """By payer and reference; strict: anything else would put a patient into a URL."""
        if set(request.query) != {"payer.id", "referenceNumber"}:
            return _error(400, "Search by payer.id and referenceNumber.")
        found = [
            self._written(review)
            for review in self._reviews.values()
            if review.payer.receiver == request.query["payer.id"]
            and review.submission.reference == request.query["referenceNumber"]
            and (review.filing is None or review.filing.found_at(self._now()))
        ]
        told = {"totalCount": len(found), "count": len(found), "offset": 0, "limit": 50, "serviceReviews": found}
        return Delivery(200, json.dumps(told).encode(), _JSON)

    async def void(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._voided)

    def _voided(self, request: web.Request) -> Delivery:
        review = self._reviews.get(request.match_info["id"])
        if review is None or review.filing is None:
            return _error(404, "The requested resource does not exist.")
        if review.filing.member.keeps:
            return _error(400, "The service was given; the review stays open.")
        review.filing.cancelled_at = self._now()
        return Delivery(204, b"", _JSON)

    async def _answer(self, request: web.Request, answer: Any) -> web.StreamResponse:
        early = self._reception.before_reading()
        delivery: Delivery = early or self._refused(request) or answer(request)
        self._reception.keep(b"", delivery, request.method, str(delivery.status))
        return await deliver(request, delivery)

    def _refused(self, request: web.Request) -> Delivery | None:
        refusal = self._tokens.refusal(request)
        if refusal is not None:
            return Delivery(401, b"", _JSON, challenge=refusal.headers["WWW-Authenticate"])
        if request.headers.get("X-Customer-Id") != CUSTOMER:
            return _error(403, "The customer is not known here.")
        return None

    def _now(self) -> float:
        return self._reception.clock.now()

    def _written(self, review: _Review) -> dict[str, Any]:
        """The review as it stands now: what was told, and what the payer says."""
        told = {**review.told, "id": review.id, "customerId": CUSTOMER}
        told["payer"] = {**told["payer"], "name": review.payer.name}
        if review.refusal is not None:
            where = {"2010C": "subscriber.memberId", "2010B": "requestingProvider.npi"}
            field = where.get(review.refusal.loop, "procedures")
            message = review.refusal.message or "The payer refused it."
            return told | {
                "validationMessages": [{"field": field, "code": review.refusal.code, "errorMessage": message}]
            }
        if review.filing is None:
            return told | {"statusCode": "0", "status": "In Progress"}
        return _decided(told, review.filing, review.filing.decision(self._now()))


def _decided(told: dict[str, Any], filing: Filing, decision: Decision) -> dict[str, Any]:
    cancelled = decision is CANCELLED
    told = {**told, **_status(decision.action, decision.reason), "updatable": False, "deletable": not cancelled}
    if decision.message:
        told["payerNotes"] = [{"type": "Message", "message": decision.message}]
    if decision.contact:
        told["payer"] = {**told["payer"], "phone": filing.payer.phone, "contactName": "UTILIZATION REVIEW"}
    granted = decision.action in ("A1", "A2", "A6")
    if granted and decision.number:
        told["certificationNumber"] = filing.authorization
    procedures = []
    for place, procedure in enumerate(told["procedures"]):
        action, reason = decision.line(place)
        said = {**procedure, **_status(action, reason)}
        if action in ("A1", "A6"):
            start, end = approved_days(filing.submission, filing.submission.services[place], decision)
            said |= {"certificationEffectiveDate": f"{start}", "certificationExpirationDate": f"{end}"}
            if decision.number:
                said["certificationNumber"] = filing.authorization
        if (action == "A6" or decision.halved) and "quantity" in said:
            said["quantity"] = halved(said["quantity"])
        procedures.append(said)
    return told | {"procedures": procedures}


def _status(action: str, reason: str) -> dict[str, Any]:
    told: dict[str, Any] = {"statusCode": action, "status": "As decided"}
    return told | ({"statusReasons": [{"code": reason, "value": "As decided"}]} if reason else {})


def _unrecorded(order: Order) -> Delivery:
    match order.kind:
        case Kind.TOO_MANY:
            return page(order.kind, 429)
        case Kind.HTML_200:
            return page(order.kind, 200)
        case Kind.CREDENTIAL_EXPIRED:
            return Delivery(401, b"", _JSON, challenge=CHALLENGE)
        case Kind.LOST:
            return Delivery(202, b"", _JSON, then=Kind.LOST)
        case Kind.CORE_ENVELOPE_ERROR | Kind.SOAP_FAULT_RECEIVER:
            return _error(500, "The request was not processed.")
        case Kind.GUIDE_REJECT | Kind.INTERCHANGE_REJECT | Kind.NUMBER_USED | Kind.UNAVAILABLE:
            return _error(400, "The request was refused.", "requestTypeCode")
        case _:
            return page(order.kind, 503)


def _misled(delivery: Delivery, review: _Review, order: Order) -> Delivery:
    match order.kind:
        case Kind.WRONG_CORRELATION:
            return replace(delivery, location=f"http://elsewhere.example{PATH}/{review.id}")
        case Kind.QUALIFIED_CHILDREN:
            return replace(delivery, location="", body=json.dumps({"id": review.id}).encode())
        case Kind.GARBAGE | Kind.GZIP_GARBAGE | Kind.EMPTY | Kind.TRUNCATED | Kind.RESET:
            # Without a Location: with one, the filing would be told whatever the body is.
            told = json.dumps({"id": review.id, "status": "Accepted"}).encode()
            return spoilt(replace(delivery, location="", body=told), order)
        case _:
            return spoilt(delivery, order)


def _error(status: int, text: str, field: str = "") -> Delivery:
    """The API's envelope of errors."""
    told: dict[str, Any] = {"statusCode": status, "reasonCode": 0, "userMessage": text, "developerMessage": text}
    if field:
        told["errors"] = [{"field": field, "code": "1", "errorMessage": text}]
    return Delivery(status, json.dumps(told).encode(), _JSON)
