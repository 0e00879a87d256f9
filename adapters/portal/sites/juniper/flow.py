"""The way of a new request through the Juniper Health portal: one form, what it looks up as one types, and the question
before it is submitted.

Before the last click the form was the one described, in every control, and said what was asked for, field by field.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.portal.page import Page
from adapters.portal.recognising import Shape
from adapters.portal.sites.juniper import pages as on
from adapters.portal.sites.juniper.filed import filed, refused
from adapters.portal.sites.juniper.form import Form, Service
from adapters.portal.sites.juniper.login import AT_HOME, PUZZLED, SOLVE, WRONG
from adapters.portal.sites.juniper.review import unlike
from adapters.portal.visit import Answered, Steps, Visit
from gateway.contract.adapter import Stamp
from gateway.contract.errors import NeedsPerson
from gateway.contract.turns import Choose, Click, Element, Fill, Step, Upload
from gateway.model.outcome import Outcome

_QUESTION = Element("dialog", on.ASKED)
_MOST_PUZZLES = 3
_LOOK = 15.0
"""Seconds to wait for a question that comes only if the puzzle was met."""


def submit(visit: Visit, page: Page, form: Form, stamp: Stamp) -> Steps[Outcome]:
    """From the list of requests, or from the form of this very request, to what the site says of it."""
    whole = _whole(form)
    if visit.eye.is_on(page, _puzzled(whole)) and not unlike(page, form):
        page = yield from _question(visit, page, form)
    elif not (visit.eye.is_on(page, _asked(whole)) and not unlike(page, form)):
        page = yield from _fill(visit, page, form)
        page = yield from _check(visit, page, form)
    after = yield from visit.commit(
        page,
        _asked(whole),
        Click(on.YES),
        method="POST",
        path=on.SUBMITS,
        until=(on.DONE, on.FAILED),
    )
    return filed(after, form, stamp)


def home(visit: Visit, page: Page) -> Steps[Page]:
    """The list of requests, wherever the visit is."""
    if not visit.eye.is_on(page, on.HOME):
        page = yield from visit.open("/app/requests", AT_HOME)
        visit.eye.expect(page, on.HOME)
    return page


def _fill(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    """The form, filled in: each choice of what is found as one types takes a look at what was found."""
    yield from home(visit, page)
    page = yield from visit.turn(Click(on.NEW), until=(on.heading("New request"),))
    visit.eye.expect(page, on.form())
    pending: tuple[Step, ...] = ()
    member = yield from _found(visit, pending, on.MEMBER, on.MEMBERS, form.member_id, on.form())
    if not form.name.stands_in(member):
        raise NeedsPerson("juniper: the site knows the member by another name", only_this=True)
    page = yield from visit.turn(
        Choose(on.MEMBERS, member), Fill(on.BIRTH_DATE, form.birth_date), until=(on.ELIGIBLE, on.FAULT)
    )
    _passed(visit, page, on.form())
    pending = (Fill(on.NPI, form.npi), Fill(on.RENDERING_NPI, form.rendering_npi), Fill(on.PHONE, form.phone))
    for number, code in enumerate(form.diagnoses):
        seen = on.form(diagnoses=form.diagnoses[:number])
        entry = yield from _found(visit, pending, on.DIAGNOSIS, on.DIAGNOSES, code, seen)
        pending = (Choose(on.DIAGNOSES, entry),)
    for number, service in enumerate(form.services):
        if number:
            pending = (*pending, Click(on.ADD))
        box, found = (on.field(number, role, "Procedure code") for role in ("combobox", "listbox"))
        seen = on.form(services=number + 1, diagnoses=form.diagnoses)
        entry = yield from _found(visit, pending, box, found, service.code, seen)
        pending = (Choose(found, entry), *_service(number, service))
    return (yield from _papers(visit, pending, form))


def _found(visit: Visit, before: tuple[Step, ...], box: Element, found: Element, code: str, shape: Shape) -> Steps[str]:
    """What the site finds for a code that is typed. Where it finds none, it has nothing of the kind."""
    page = yield from visit.turn(*before, Fill(box, code), until=(on.offered(code), on.NOTHING))
    visit.eye.expect(page, _with_list(shape, found.name))
    entry = on.option(page, f"{code} - ")
    if entry is None and on.offers_nothing(page):
        raise Answered(refused(page, (f"{box.name}: nothing found",)))
    if entry is None:
        raise visit.eye.drift(shape.name, f"expected one choice of what was typed for {box.name}")
    return entry


def _with_list(shape: Shape, name: str) -> Shape:
    """The form while a list of what was found is open."""
    return replace(shape, controls=(*shape.controls, ("listbox", name)))


def _service(number: int, service: Service) -> tuple[Step, ...]:
    return (
        Fill(on.field(number, "textbox", "Units"), service.units),
        Choose(on.field(number, "combobox", "Place of service"), service.place),
        Fill(on.field(number, "textbox", "Start date"), service.start),
        Fill(on.field(number, "textbox", "End date"), service.end),
    )


def _papers(visit: Visit, before: tuple[Step, ...], form: Form) -> Steps[Page]:
    """Each document is uploaded by itself, and then has a kind."""
    last = (Choose(on.PRIORITY, form.priority), Fill(on.COMMENTS, form.comments))
    names: tuple[str, ...] = ()
    for paper in form.papers:
        drop = Upload(on.DROP, paper.name, paper.media_type, paper.content, drop=True)
        page = yield from visit.turn(*before, drop, until=(on.kind_of(paper.name), on.PROBLEM))
        names = (*names, paper.name)
        _passed(visit, page, on.form(services=len(form.services), diagnoses=form.diagnoses, papers=names))
        before = (Choose(on.kind_of(paper.name), paper.kind),)
    page = yield from visit.turn(*before, *last, until=(on.heading("New request"),))
    visit.eye.expect(page, _whole(form))
    return page


def _check(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    """The site looks at the form, and asks whether it is to be submitted."""
    page = yield from visit.turn(Click(on.SUBMIT), until=(_QUESTION, PUZZLED, on.FAILED))
    return (yield from _question(visit, page, form))


def _question(visit: Visit, page: Page, form: Form) -> Steps[Page]:
    """The question, once a person has met the puzzle that may stand before it. After a wrong answer there is another
    picture, and what was said of that one stands there still."""
    for _ in range(_MOST_PUZZLES):
        puzzle = page.tree.only("dialog", on.PERSON)
        if puzzle is None:
            break
        visit.eye.expect(page, _puzzled(_whole(form)))
        if puzzle.all("alert"):
            page = yield from visit.turn(*SOLVE, until=(_QUESTION,), deadline=_LOOK)
        else:
            page = yield from visit.turn(*SOLVE, until=(_QUESTION, WRONG))
    if page.tree.only("dialog", on.ASKED) is None:
        _passed(visit, page, _whole(form))
    visit.eye.expect(page, _asked(_whole(form)))
    if differing := unlike(page, form):
        told = f"the form differs from what was entered: {', '.join(differing)}"
        raise NeedsPerson(f"juniper: {told}; nothing was submitted", only_this=True)
    return page


def _whole(form: Form) -> Shape:
    """The form with everything in it."""
    names = tuple(paper.name for paper in form.papers)
    return on.form(services=len(form.services), diagnoses=form.diagnoses, papers=names)


def _puzzled(shape: Shape) -> Shape:
    """The same, under a puzzle for a person."""
    return replace(shape, dialog=on.PUZZLED)


def _asked(shape: Shape) -> Shape:
    """The same, under the question whether it is to be submitted."""
    return replace(shape, dialog=on.QUESTION)


def _passed(visit: Visit, page: Page, shape: Shape) -> None:
    """The page is the one described and has nothing against what was entered. Raises Answered where it has."""
    visit.eye.expect(page, shape)
    problems = on.problems(page)
    on.check_that_it_works(problems)
    if problems:
        raise Answered(refused(page, problems))
