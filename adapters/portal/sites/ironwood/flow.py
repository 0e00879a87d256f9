"""The way of a new request through the Ironwood portal: member, service, dates, documents, review, and the click.

Before that click every page was the one described, in every control, and the review said what was asked for, field by
field. What the site says against a page ends the way: nothing is on file, and its words are told.
"""

from __future__ import annotations

from datetime import date

from adapters.portal.page import Page
from adapters.portal.recognising import Shape
from adapters.portal.sites.ironwood import pages as on
from adapters.portal.sites.ironwood import says
from adapters.portal.sites.ironwood.filed import filed, refused
from adapters.portal.sites.ironwood.form import Form, service_type
from adapters.portal.sites.ironwood.login import solve
from adapters.portal.sites.ironwood.review import unlike
from adapters.portal.visit import Answered, Steps, Visit
from gateway.contract.adapter import Stamp
from gateway.contract.errors import NeedsPerson
from gateway.contract.turns import Choose, Click, Element, Fill, Step, Upload
from gateway.model.outcome import Outcome

_MOST_MONTHS = 60
_LOOK = 15.0
"""Seconds to wait for a list that may stay empty."""


def submit(visit: Visit, page: Page, form: Form, stamp: Stamp) -> Steps[Outcome]:
    """From home, or from the review of this very request, to what the site says of it."""
    if not (visit.eye.is_on(page, on.REVIEW) and not unlike(page, form)):
        page = yield from home(visit, page)
        page = yield from _member(visit, form)
        page = yield from _service(visit, page, form)
        page = yield from _dates(visit, page, form)
        page = yield from _documents(visit, page, form)
        page = yield from _review(visit, page, form)
    after = yield from visit.commit(
        page,
        on.REVIEW,
        *(() if says.is_ticked(page, on.ATTEST) else (Click(on.ATTEST),)),
        Click(on.SUBMIT, says="Submit this request to Ironwood Plan?"),
        method="POST",
        path=on.SUBMITS,
        until=(*map(on.heading, ("Request submitted", "Request received", "Possible duplicate")), on.ALERT),
    )
    return filed(after, visit, form, stamp)


def home(visit: Visit, page: Page) -> Steps[Page]:
    """The home page, wherever the visit is."""
    if not visit.eye.is_on(page, on.HOME):
        page = yield from visit.open("/home", on.heading("Welcome"))
        visit.eye.expect(page, on.HOME)
    return page


def _member(visit: Visit, form: Form) -> Steps[Page]:
    page = yield from visit.turn(Click(on.NEW), until=(on.heading("Member and provider"),))
    visit.eye.expect(page, on.MEMBER)
    fields: list[Step] = [
        Fill(on.MEMBER_ID, form.member_id),
        Fill(on.BIRTH_DATE, form.birth_date),
        Fill(on.NPI, form.npi),
        Fill(on.RENDERING_NPI, form.rendering_npi),
        Fill(on.PHONE, form.phone),
    ]
    page = yield from visit.turn(*fields, Click(on.FIND_MEMBER), until=(on.MEMBER_FOUND, on.ALERT))
    _passed(visit, page, on.MEMBER)
    found = says.term(page, "Name")
    if found is None or not form.name.stands_in(found.told):
        raise NeedsPerson("ironwood: the site knows the member by another name", only_this=True)
    page = yield from visit.turn(*fields, Click(on.NEXT), until=(on.PLACES_LOADED, on.ALERT))
    if page.says("Member and provider"):
        _passed(visit, page, on.MEMBER)
    return page


def _service(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    visit.eye.expect(page, on.service(()))
    place = says.option(page, on.PLACE, f"{form.place} - ")
    if place is None:
        raise visit.eye.drift("Service details", "expected the place of service among its choices")
    for number, service in enumerate(form.services):
        page = yield from visit.turn(
            Choose(on.PLACE, place),
            Choose(on.SERVICE_TYPE, service_type(service.code)),
            Fill(on.FIND_PROCEDURE, service.code, slowly=True),
            until=(on.PROCEDURES_LOADED,),
            deadline=_LOOK,
        )
        if says.offers_nothing(page):
            raise Answered(refused(page, ("The site does not offer this procedure.",)))
        visit.eye.expect(page, on.service(form.codes[:number]))
        offered = says.option(page, on.PROCEDURE, f"{service.code} - ")
        if offered is None:
            raise visit.eye.drift("Service details", "expected the procedure that was searched among its choices")
        diagnoses = [] if number else [Fill(*each) for each in zip(on.DIAGNOSES, form.diagnoses, strict=False)]
        page = yield from visit.turn(
            *diagnoses,
            Choose(on.PROCEDURE, offered),
            Click(on.ADD_SERVICE),
            until=(on.service_added(service.code), on.PROBLEM_IN_FRAME),
        )
        if problems := says.problems(page):
            raise Answered(refused(page, problems))
        visit.eye.expect(page, on.service(form.codes[: number + 1]))
    page = yield from visit.turn(Click(on.NEXT), until=(on.heading("Dates and units"), on.ALERT))
    _passed(visit, page, on.dates(form.codes))
    return page


def _dates(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    start, end = Click(on.choose(on.START)), Click(on.choose(on.END))
    page = yield from visit.turn(start, until=(on.calendar(on.START),))
    to_start = _days(visit, page, form, on.START, form.start)
    page = yield from visit.turn(*to_start, end, until=(on.calendar(on.END),))
    to_end = _days(visit, page, form, on.END, form.end)
    page = yield from visit.turn(
        *to_end,
        *(Fill(on.units_of(service.code), service.units) for service in form.services),
        Click(on.URGENT if form.urgent else on.STANDARD),
        Click(on.NEXT),
        until=(on.heading("Documents"), on.ALERT),
    )
    if page.says("Dates and units"):
        _passed(visit, page, on.dates(form.codes))
    visit.eye.expect(page, on.documents(()))
    return page


def _days(visit: Visit, page: Page, form: Form, which: str, day: date) -> tuple[Step, ...]:
    """The clicks from the month that the calendar shows to a day."""
    shown = on.month_shown(page, which)
    if shown is None:
        visit.eye.expect(page, on.dates(form.codes, on.calendar_without_days(which)))
        raise visit.eye.drift("Dates and units", "expected a calendar with its month")
    visit.eye.expect(page, on.dates(form.codes, on.open_calendar(which, *shown)))
    months = (day.year - shown[0]) * 12 + day.month - shown[1]
    if abs(months) > _MOST_MONTHS:
        raise NeedsPerson("ironwood: the date is too far away to be clicked", only_this=True)
    move = Element("button", "Next month" if months > 0 else "Previous month", inside=on.calendar(which))
    return (*(Click(move) for _ in range(abs(months))), Click(on.day_in(which, day)))


def _documents(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    names: tuple[str, ...] = ()
    for paper in form.papers:
        page = yield from visit.turn(
            Choose(on.KIND, paper.kind),
            Upload(on.FILE, paper.name, paper.media_type, paper.content),
            Click(on.UPLOAD),
            until=(on.uploaded(paper.name), on.ALERT),
        )
        names = (*names, paper.name)
        _passed(visit, page, on.documents(names))
    comments = [Fill(on.COMMENTS, form.comments)] if form.comments else []
    return (yield from visit.turn(*comments, Click(on.NEXT), until=(on.heading("Review and submit"), on.ALERT)))


def _review(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    if visit.eye.is_on(page, on.PUZZLE_ON_THE_WAY):
        page = yield from solve(visit, signing_in=False)
    if page.says("Documents"):
        _passed(visit, page, on.documents(tuple(paper.name for paper in form.papers)))
    visit.eye.expect(page, on.REVIEW)
    if differing := unlike(page, form):
        told = f"the review differs from what was entered: {', '.join(differing)}"
        raise NeedsPerson(f"ironwood: {told}; nothing was submitted", only_this=True)
    return page


def _passed(visit: Visit, page: Page, shape: Shape) -> None:
    """The page is the one described and has nothing against what was entered. Raises Answered where it has."""
    visit.eye.expect(page, shape)
    if problems := says.problems(page):
        raise Answered(refused(page, problems))
