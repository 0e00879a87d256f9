"""The pages of the Juniper Health portal, which are one: how each state of it is recognised, and what it says. Pure.

Its parts are in shadow trees, which the accessibility snapshot sees into; dialogs and notices stand outside the main
region. Times on it are those of the browser, which is in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC

from adapters.portal.finding import Row
from adapters.portal.page import Page
from adapters.portal.reading.node import Node
from adapters.portal.reading.tables import alerts, read_table, read_terms
from adapters.portal.reading.words import browser_moment, codes_in, iso_date, number_in
from adapters.portal.recognising import Shape
from adapters.portal.status import Standing, service_of
from adapters.portal.visit import RETRY_SECONDS, Obstacle
from gateway.contract.errors import NotSent, Unreadable
from gateway.contract.landmarks import Control
from gateway.contract.turns import Element

REFERENCE = re.compile(r"JNP-[0-9]{6}-[0-9]{5}")
_A_REFERENCE = ("link", "JNP-000000-00000")
MAIN = Element("main")
DONE = Element("status", inside=Element("region", "Notifications"))
"""A notice that something was done; it is gone after some seconds."""
FAILED = Element("alert", inside=Element("region", "Notifications"))
PROBLEM = Element("alert", inside=MAIN)


def heading(text: str) -> Element:
    return Element("heading", text)


def in_dialog(role: str, name: str, title: str) -> Element:
    return Element(role, name, inside=Element("dialog", title))


# What may stand in the way

_SIGNING_IN = (("textbox", "User name"), ("textbox", "Password"), ("button", "Log in"))
SIGN_IN = Shape("Log in", "/app/login", _SIGNING_IN, heading="Log in")
PERSON = "Are you a person?"
PICTURE, ANSWER = (
    in_dialog("img", "Puzzle", PERSON),
    in_dialog("textbox", "How many triangles are in the picture?", PERSON),
)
VERIFY = in_dialog("button", "Verify", PERSON)
PUZZLED = Shape(PERSON, "", (("textbox", "How many triangles are in the picture?"), ("button", "Verify")))
PUZZLE = Shape(PERSON, "/app/login", _SIGNING_IN, heading="Log in", dialog=PUZZLED)
WENT_WRONG = "Something went wrong"
TIMED_OUT = "Your session has timed out"
WAITS = Element("status", inside=MAIN)
ANYWHERE = tuple(heading(text) for text in ("Log in", TIMED_OUT, "Scheduled maintenance", WENT_WRONG))


def obstacle(page: Page) -> Obstacle | None:
    """What stands in the way of the state that was wanted, if anything."""
    if any("Approve the login" in node.said for node in page.main.all("status")):
        return Obstacle.APPROVAL
    if page.main.only("heading", "Log in") or page.tree.only("dialog", TIMED_OUT):
        return Obstacle.SIGNED_OUT
    return Obstacle.MAINTENANCE if page.says("Scheduled maintenance") else None


# The list of requests, and the form of a new one

MENU = Element("navigation", "Main")
NEW = Element("link", "New request", inside=MENU)
HOME = Shape(
    "My requests",
    "/app/requests",
    (("searchbox", "Filter by member ID"),),
    optional=frozenset({_A_REFERENCE, ("button", "Load more")}),
    heading="My requests",
)
FILTER = Element("searchbox", "Filter by member ID", otherwise=(Element(css="input.filter"),))
MORE = Element("button", "Load more")
LIST = (Element("table", "Requests"), Element("status", "", inside=MAIN))

MEMBER, MEMBERS = Element("combobox", "Member"), Element("listbox", "Member")
BIRTH_DATE = Element("textbox", "Date of birth")
ELIGIBLE = Element(css="output:has-text('Eligible:')")
NPI = Element("textbox", "Requesting provider NPI")
RENDERING_NPI = Element("textbox", "Rendering provider NPI (optional)")
PHONE = Element("textbox", "Callback phone", otherwise=(Element(css="input[placeholder='Callback phone']"),))
NOTHING = Element(css="[role=listbox] li:text-is('Nothing found')")
DIAGNOSIS, DIAGNOSES = Element("combobox", "Diagnosis code"), Element("listbox", "Diagnosis code")
ADD = Element("button", "Add another service")
DROP = Element("button", "Drop files here or browse")
PRIORITY = Element("combobox", "Priority")
COMMENTS = Element("textbox", "Comments")
SUBMIT = Element("button", "Submit request")
ASKED = "Submit this request?"
YES = in_dialog("button", "Yes, submit", ASKED)
SUBMITS = "/api/requests"
QUESTION = Shape(ASKED, "", (("button", "Go back"), ("button", "Yes, submit")))
FAULT = Element(css="p.error:visible")
"""What stands at a field that something is wrong with."""
_SERVICE = (
    *(("combobox", "Procedure code"), ("textbox", "Units"), ("combobox", "Place of service")),
    *(("textbox", "Start date"), ("textbox", "End date")),
)


def offered(code: str) -> Element:
    """The choice of a code in an open list. The list is open already with what was found for the first signs of it."""
    return Element(css=f"[role=listbox] [role=option]:text-matches('^{re.escape(code)} - ')")


def field(service: int, role: str, name: str) -> Element:
    """A field of a service, counted from 0."""
    return Element(role, name, inside=Element("group", f"Service {service + 1}"))


def form(
    *, services: int = 1, diagnoses: tuple[str, ...] = (), papers: tuple[str, ...] = (), dialog: Shape | None = None
) -> Shape:
    """The form with so many services, with these diagnoses taken and these documents uploaded."""
    files = (control for name in papers for control in _of_paper(name))
    return Shape(
        "New request",
        "/app/requests/new",
        (
            *(
                ("combobox", "Member"),
                ("textbox", "Date of birth"),
                ("textbox", NPI.name),
                ("textbox", RENDERING_NPI.name),
            ),
            *(("textbox", "Callback phone"), ("combobox", "Diagnosis code")),
            *(("button", f"Remove {code}") for code in diagnoses),
            *(_SERVICE * services),
            *(("button", "Add another service"), ("button", DROP.name), *files),
            *(("combobox", "Priority"), ("textbox", "Comments"), ("button", "Submit request")),
        ),
        heading="New request",
        dialog=dialog,
    )


def _of_paper(name: str) -> tuple[Control, ...]:
    return ("combobox", f"Document type for {name}"), ("button", f"Remove {name}")


def kind_of(name: str) -> Element:
    """Where the kind of an uploaded document is chosen."""
    return Element("combobox", f"Document type for {name}")


# One request

ANSWERING = Element("region", "Information needed")
DROP_ANSWER = Element("button", "Drop files here or browse", inside=ANSWERING)
COMMENT = Element("textbox", "Comment", inside=ANSWERING)
SEND = Element("button", "Send information", inside=ANSWERING)
SENDS = "/api/requests/{}/information"
_ANSWERING = (("button", DROP.name), ("textbox", "Comment"), ("button", "Send information"))


def request_page(reference: str, *, answering: bool = False, papers: tuple[str, ...] = ()) -> Shape:
    """The page of a request; ``answering`` where information is to be sent on it."""
    files = tuple(control for name in papers for control in _of_paper(name))
    return Shape(
        "Request",
        "/app/requests/{}",
        (*_ANSWERING, *files) if answering else (),
        optional=frozenset() if answering else frozenset(_ANSWERING),
        heading=f"Request {reference}",
    )


# What the page says


def problems(page: Page) -> tuple[str, ...]:
    """What the page says is wrong, at its fields and in notices, each once."""
    found = dict.fromkeys(each.said for each in alerts(page.main))
    for node in page.main.all("paragraph"):
        if _FAULTS.search(node.said):
            found[node.said] = None
    for each in alerts(page.tree):
        found.setdefault(each.said)
    return tuple(found)


def check_that_it_works(problems: Iterable[str]) -> None:
    """Raises NotSent where what the page says is wrong is the site itself: a call that was not answered in order, or no
    more in time."""
    if any(said.startswith((WENT_WRONG, "It was not done in time")) for said in problems):
        raise NotSent("juniper: the site does not work just now", RETRY_SECONDS)


_FAULTS = re.compile(
    r"^(Enter|Choose|At most|No member matches|This|Units are|The (start|end|service|file)|A (request|document)) "
)
"""How the sentences at fields begin; they have no role."""


def option(page: Page, opening: str) -> str | None:
    """The text of the one choice of an open list that begins so; None where there is none, or more than one."""
    lists = page.main.all("listbox")
    found = [each.said for box in lists for each in box.all("option") if each.said.startswith(opening)]
    return found[0] if len(found) == 1 else None


def offers_nothing(page: Page) -> bool:
    """True where the site says that it has found nothing for what was typed."""
    return [each.said for box in page.main.all("listbox") for each in box.all("listitem")] == ["Nothing found"]


def notice(page: Page) -> tuple[Node, ...]:
    """What the page says was done."""
    region = page.tree.only("region", "Notifications")
    return region.all("status") if region else ()


_COLUMNS = ("Request", "Member ID", "Member name", "Procedures", "Start date", "Submitted", "Status")
_OF_SERVICES = ("Procedure", "Description", "Units requested", "Units certified", "From", "To", "Status")


def sought(page: Page) -> str:
    """What stands in the filter of the list."""
    box = page.main.only("searchbox", FILTER.name)
    return box.text if box else ""


def tells_all(page: Page) -> bool:
    """True where the list has requests, or the page says that there are none. Any other word of it says that they are
    still to come, or that some are left out."""
    said = [node.said for node in page.main.all("status")]
    return said == ([] if page.main.all("table", "Requests") else ["No requests."])


def rows(page: Page) -> Iterator[Row]:
    """The requests of the list. Raises Unreadable where they are not as they were."""
    for table in page.main.all("table", "Requests"):
        read = read_table(table)
        if read.columns != _COLUMNS or read.ragged:
            raise Unreadable("the list of requests has other columns than it had")
        for row in read.rows:
            reference = number_in(row["Request"].said, REFERENCE)
            if reference is None:
                raise Unreadable("a request of the list has no number")
            codes = codes_in(row["Procedures"].said)
            start, submitted = iso_date(row["Start date"].said), browser_moment(row["Submitted"].said, UTC)
            member_id, name = (row[each].said or None for each in ("Member ID", "Member name"))
            yield Row(reference, member_id, codes, start, submitted, name)


def standing(page: Page) -> Standing:
    """All that the page of a request says. Raises Unreadable where it is none."""
    terms = read_terms(page.main)
    told = {name: terms.get(name, ()) for name in ("Request", "Status", "Member ID", "Certification number")}
    tables = page.main.all("table", "Services")
    if any(len(nodes) != 1 for nodes in told.values()) or len(tables) != 1:
        raise Unreadable("the page of a request does not say which it is, or where it stands")
    read = read_table(tables[0])
    if read.columns != _OF_SERVICES:
        raise Unreadable("the services of a request have other columns than they had")
    number = told["Certification number"][0]
    return Standing(
        reference=told["Request"][0].told,
        member_id=told["Member ID"][0].told,
        status=told["Status"][0],
        services=tuple(service_of(dict(row), "Units certified", iso_date) for row in read.rows),
        document=page.document,
        authorization=number if number.told not in ("", "Not assigned") else None,
        notes=_items(page.main, "Messages"),
        wanted=_items(page.main, "Information needed"),
        whole=not read.ragged,
    )


def documents_listed(page: Page) -> frozenset[str]:
    """What the page tells of the documents that are there: name, kind and size."""
    return frozenset(item.said for item in _items(page.main, "Documents"))


def _items(main: Node, region: str) -> tuple[Node, ...]:
    """The entries of a part of the page, but for documents that are still being added to it."""
    found = main.only("region", region)
    lists = [node for node in found.children if node.role == "list" and not node.name] if found else []
    return tuple(item for each in lists for item in each.children if item.role == "listitem")
