"""The pages of the Ironwood portal: how each is recognised, its elements, and what it says. Pure readers."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.portal.finding import Row
from adapters.portal.page import Page
from adapters.portal.reading.node import Node
from adapters.portal.reading.tables import alerts, read_table, read_terms
from adapters.portal.recognising import Shape
from adapters.portal.status import Service, Standing
from adapters.portal.visit import Obstacle
from gateway.contract.errors import Unreadable
from gateway.contract.turns import Element

ZONE = ZoneInfo("America/New_York")
"""Where the plan is: its pages tell times without a zone."""
REFERENCE = re.compile(r"IRW-[0-9]{6}-[0-9]{5}")

ALERT = Element("alert")
NEXT = Element("button", "Next")
VERIFY = Element("button", "Verify")
_BACK = ("link", "Back")
_A_REFERENCE = ("link", "IRW-000000-00000")


def heading(text: str) -> Element:
    return Element("heading", text)


# What may stand in the way

SIGN_IN = Shape("Sign in", "/login", (("textbox", "User name"), ("textbox", "Password"), ("button", "Sign in")))
CODE = Shape("Verification code", "/login/code", (("textbox", "6-digit code"), ("button", "Verify")))
_PUZZLE = (("textbox", "How many triangles are in the picture?"), ("button", "Verify"))
PUZZLE = Shape("Are you a person?", "/login/puzzle", _PUZZLE)
PUZZLE_ON_THE_WAY = Shape("Are you a person?", "/new/{}/puzzle", _PUZZLE)
PICTURE = Element("img", "Puzzle")
ANSWER = Element("textbox", "How many triangles are in the picture?")
ANYWHERE = tuple(
    heading(text)
    for text in (
        *("Sign in", "Verification code", "Are you a person?", "Approve the sign-in", "Scheduled maintenance"),
        *("Our terms of use have changed", "Something went wrong"),
    )
)


def obstacle(page: Page) -> Obstacle | None:
    """What stands in the way of the page that was wanted, if anything."""
    if any(frame.only("heading", "Sign in") for frame in page.frames.values()):
        return Obstacle.SIGNED_OUT
    if page.says("Sign in"):
        return Obstacle.SIGNED_OUT
    if page.says("Approve the sign-in"):
        return Obstacle.APPROVAL
    return Obstacle.MAINTENANCE if page.says("Scheduled maintenance") else None


# Home, and the pages of a new request

MENU = Element("navigation", "Main")
NEW = Element("link", "New authorization request", inside=MENU)
SEARCH = Element("link", "Search requests", inside=MENU)
HOME = Shape(
    "Home",
    "/home",
    (("link", "New authorization request"), ("link", "Search requests")),
    optional=frozenset({_A_REFERENCE}),
    heading="Welcome",
)

MEMBER_ID = Element("textbox", "Member ID")
BIRTH_DATE = Element("textbox", "Date of birth")
FIND_MEMBER = Element("button", "Find member")
MEMBER_FOUND = Element("region", "Member found")
NPI = Element("textbox", "Requesting provider NPI")
RENDERING_NPI = Element("textbox", "Rendering provider NPI (if another)")
PHONE = Element("textbox", "Phone for questions", otherwise=(Element(css="input[name=phone]"),))
MEMBER = Shape(
    "Member and provider",
    "/new/{}/member",
    (
        *(("textbox", each.name) for each in (MEMBER_ID, BIRTH_DATE, NPI, RENDERING_NPI, PHONE)),
        *(("button", "Find member"), ("link", "Cancel"), ("button", "Next")),
    ),
    heading="Member and provider",
)

FRAME = "Service details"
PLACE = Element("combobox", "Place of service", frame=FRAME)
PLACES_LOADED = Element(css="#place:enabled", frame=FRAME)
SERVICE_TYPE = Element("combobox", "Service type", frame=FRAME)
FIND_PROCEDURE = Element("searchbox", "Find procedure", frame=FRAME)
PROCEDURE = Element("combobox", "Procedure", frame=FRAME)
PROCEDURES_LOADED = Element(css="#procedure:enabled", frame=FRAME)
DIAGNOSES = tuple(
    Element("textbox", name, frame=FRAME) for name in ("Primary diagnosis", "Diagnosis 2", "Diagnosis 3", "Diagnosis 4")
)
ADD_SERVICE = Element("button", "Add service", frame=FRAME)
PROBLEM_IN_FRAME = Element("alert", frame=FRAME)
_SERVICE_FORM = (
    *(("combobox", each.name) for each in (PLACE, SERVICE_TYPE, PROCEDURE)),
    *(("searchbox", "Find procedure"), ("button", "Add service")),
    *(("textbox", each.name) for each in DIAGNOSES),
)


def service(codes: tuple[str, ...]) -> Shape:
    """The page of services with those of these codes added; its form is in a frame."""
    form = Shape("Service details", "", (*_SERVICE_FORM, *(("button", f"Remove {code}") for code in codes)))
    return Shape(
        "Service details",
        "/new/{}/service",
        (_BACK, ("button", "Next")),
        frames=((FRAME, form),),
        heading="Service details",
    )


def service_added(code: str) -> Element:
    """The row of a service that the request has."""
    return Element("button", f"Remove {code}", frame=FRAME)


START, END = "start date", "end date"
STANDARD, URGENT = Element("radio", "Standard"), Element("radio", "Urgent")


def units_of(code: str) -> Element:
    return Element("textbox", f"Units of {code}")


def dates(codes: tuple[str, ...], calendar: Shape | None = None) -> Shape:
    """The page of dates for these services, with a calendar open or without."""
    return Shape(
        "Dates and units",
        "/new/{}/dates",
        (
            *(("textbox", "Start date"), ("button", f"Choose {START}")),
            *(("textbox", "End date"), ("button", f"Choose {END}")),
            *(("textbox", f"Units of {code}") for code in codes),
            *(("radio", "Standard"), ("radio", "Urgent"), _BACK, ("button", "Next")),
            *(calendar.controls if calendar else ()),
        ),
        heading="Dates and units",
        dialog=calendar,
    )


def choose(which: str) -> Element:
    """The button that opens the calendar of a date."""
    return Element("button", f"Choose {which}")


def calendar(which: str) -> Element:
    return Element("dialog", f"Choose {which}")


def day_in(which: str, day: date) -> Element:
    return Element("button", f"{_MONTHS[day.month - 1]} {day.day}, {day.year}", inside=calendar(which))


def month_shown(page: Page, which: str) -> tuple[int, int] | None:
    """Year and month that the open calendar shows; None where none is open."""
    dialog = page.main.only("dialog", f"Choose {which}")
    title = dialog.only("heading") if dialog else None
    month, _, year = title.said.partition(" ") if title else ("", "", "")
    if month not in _MONTHS or not re.fullmatch(r"[12][0-9]{3}", year):
        return None
    return int(year), _MONTHS.index(month) + 1


def open_calendar(which: str, year: int, month: int) -> Shape:
    """The calendar of a date with every day of the month that it shows."""
    days = range(1, monthrange(year, month)[1] + 1)
    names = (f"{_MONTHS[month - 1]} {day}, {year}" for day in days)
    bare = calendar_without_days(which)
    return replace(bare, controls=(*bare.controls, *(("button", name) for name in names)))


def calendar_without_days(which: str) -> Shape:
    return Shape(f"Choose {which}", "", (("button", "Previous month"), ("button", "Next month")))


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

KIND = Element("combobox", "Document kind")
FILE = Element("button", "File", otherwise=(Element(css="input[type=file]"),))
UPLOAD = Element("button", "Upload")
COMMENTS = Element("textbox", "Comments for the reviewer (optional)")


def documents(names: tuple[str, ...]) -> Shape:
    """The page of documents with those of these names uploaded."""
    return Shape(
        "Documents",
        "/new/{}/documents",
        (
            *(("combobox", KIND.name), ("button", "File"), ("button", "Upload"), ("textbox", COMMENTS.name)),
            *(("button", f"Remove {name}") for name in names),
            *(_BACK, ("button", "Next")),
        ),
        heading="Documents",
    )


def uploaded(name: str) -> Element:
    return Element("button", f"Remove {name}")


ATTEST = Element("checkbox", "I attest that the information is correct")
SUBMIT = Element("button", "Submit request")
SUBMITS = "/new/{}/submit"
REVIEW = Shape(
    "Review and submit",
    "/new/{}/review",
    (("checkbox", ATTEST.name), _BACK, ("button", "Submit request")),
    heading="Review and submit",
)


# After the request was submitted

CONFIRMATION = Shape("Request submitted", "/confirmation/{}", (("link", "View request"),), heading="Request submitted")
DUPLICATE = Shape(
    "Possible duplicate",
    "/new/{}/duplicate",
    (("link", "Discard my request"), ("button", "Submit anyway")),
    optional=frozenset({_A_REFERENCE}),
    heading="Possible duplicate",
)
RECEIVED = Shape("Request received", "/new/{}/submit", (), heading="Request received")
CONFIRMED = "/confirmation/{}"
SIGNED_OUT = ("/login",)


# Requests that are on file

MEMBER_WANTED = Element("textbox", "Member ID", inside=Element("search"))
FROM_WANTED = Element("textbox", "Submitted from", inside=Element("search"))
FIND = Element("button", "Search", inside=Element("search"))
NEXT_PAGE = Element("link", "Next page")
RESULTS = Element("status")
SEARCHING = Shape(
    "Search requests",
    "/search",
    (
        *(("textbox", name) for name in ("Member ID", "Reference number", "Submitted from", "Submitted to")),
        ("button", "Search"),
    ),
    optional=frozenset({_A_REFERENCE, ("link", "Previous page"), ("link", "Next page")}),
    heading="Search requests",
)
_COLUMNS = ("Reference number", "Member ID", "Member name", "Procedures", "Service dates", "Submitted", "Status")

WANTED = Element("combobox", "This document answers")
SEND = Element("button", "Send document")
WITHDRAW = Element("button", "Withdraw request")
_ANSWERING = (("combobox", WANTED.name), ("combobox", KIND.name), ("button", "File"), ("button", "Send document"))
_WITHDRAWING = ("button", "Withdraw request")
DOCUMENTS_TO, WITHDRAWS = "/requests/{}/documents", "/requests/{}/withdraw"


def request_page(reference: str, *, answering: bool, withdrawing: bool) -> Shape:
    """The page of a request on which something is to be done."""
    must = (*(_ANSWERING if answering else ()), *((_WITHDRAWING,) if withdrawing else ()))
    return Shape(
        "Request",
        "/requests/{}",
        must,
        optional=frozenset({*_ANSWERING, _WITHDRAWING} - set(must)),
        heading=f"Request {reference}",
    )


# What pages say


def problems(page: Page) -> tuple[str, ...]:
    """What the page says is wrong, each once."""
    found: dict[str, None] = {}
    for region in (page.main, *page.frames.values()):
        for alert in alerts(region):
            items = alert.all("listitem")
            found.update(dict.fromkeys(each.said for each in items or (alert,) if each.said))
    return tuple(found)


def option(page: Page, box: Element, opening: str) -> str | None:
    """The text of the one choice that begins so; None where there is none, or more than one."""
    frame = page.frames.get(box.frame) if box.frame else page.main
    list_of = frame.only("combobox", box.name) if frame else None
    found = [each.said for each in (list_of.all("option") if list_of else ()) if each.said.startswith(opening)]
    return found[0] if len(found) == 1 else None


def offers_nothing(page: Page) -> bool:
    """True where the search for a procedure came to its end without any."""
    frame = page.frames.get(FRAME)
    box = frame.only("combobox", "Procedure") if frame else None
    return box is not None and [each.said for each in box.all("option")] == ["Nothing found"]


def flash(page: Page) -> str:
    """What the page says was done."""
    found = page.main.all("status")
    return found[0].said if found else ""


def term(page: Page, name: str) -> Node | None:
    """What is told of a term, where it is told once."""
    told = read_terms(page.main).get(name, ())
    return told[0] if len(told) == 1 else None


def reference_in(text: str) -> str | None:
    """The one reference number of a text."""
    found = set(REFERENCE.findall(text))
    return found.pop() if len(found) == 1 else None


def us_date(text: str) -> date | None:
    """MM/DD/YYYY, and a day that exists."""
    parts = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    try:
        return date(int(parts[3]), int(parts[1]), int(parts[2])) if parts else None
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """A day and a time of day at the plan."""
    parts = re.fullmatch(r"([0-9/]{10}) ([0-9]{2}):([0-9]{2}) ([AP])M", text)
    day = us_date(parts[1]) if parts else None
    if parts is None or day is None or not 1 <= int(parts[2]) <= 12 or int(parts[3]) > 59:
        return None
    hour = int(parts[2]) % 12 + (12 if parts[4] == "P" else 0)
    return datetime(day.year, day.month, day.day, hour, int(parts[3]), tzinfo=ZONE)


def standing(page: Page) -> Standing:
    """All that the page of a request says. Raises Unreadable where it is none."""
    terms = {name: term(page, name) for name in ("Reference number", "Status", "Member ID", "Authorization number")}
    tables = page.main.all("table", "Services")
    reference, status, member = terms["Reference number"], terms["Status"], terms["Member ID"]
    if reference is None or status is None or member is None or len(tables) != 1:
        raise Unreadable("the page of a request does not say which it is, or where it stands")
    services, whole = _services(tables[0])
    number = terms["Authorization number"]
    assigned = number is not None and number.told not in ("", "Not assigned")
    return Standing(
        reference=reference.told,
        member_id=member.told,
        status=_strong(status),
        services=services,
        document=page.document,
        authorization=number if assigned else None,
        notes=_items(page.main, "Notes from the reviewer"),
        wanted=_items(page.main, "Information requested"),
        whole=whole and number is not None,
    )


def _services(table: Node) -> tuple[tuple[Service, ...], bool]:
    read = read_table(table)
    wanted = ("Procedure", "Units requested", "Units approved", "From", "To", "Status")
    if not set(wanted) <= set(read.columns):
        raise Unreadable("the services of a request have other columns than they had")
    return tuple(_service(row) for row in read.rows), not read.ragged


def _service(row: object) -> Service:
    cells: dict[str, Node] = dict(row)  # type: ignore[call-overload]
    units, start, end = cells["Units approved"].said, us_date(cells["From"].said), us_date(cells["To"].said)
    number = Decimal(units) if re.fullmatch(r"[0-9]{1,8}", units) else None
    return Service(
        code=cells["Procedure"].said,
        status=cells["Status"],
        units=number,
        period=(start, end) if start and end else None,
        unclear=(number is None and units != "-") or start is None or end is None,
    )


def _strong(node: Node) -> Node:
    """The word itself where it is set in bold."""
    inner = node.all("strong")
    return inner[0] if len(inner) == 1 else node


def _items(main: Node, region: str) -> tuple[Node, ...]:
    found = main.only("region", region)
    return found.all("listitem") if found else ()


def rows(page: Page) -> Iterator[Row]:
    """The results of a search on this page. Raises Unreadable where they are not as they were."""
    for table in page.main.all("table", "Results"):
        read = read_table(table)
        if read.columns != _COLUMNS or read.ragged:
            raise Unreadable("the results of a search have other columns than they had")
        for row in read.rows:
            reference = reference_in(row["Reference number"].said)
            if reference is None:
                raise Unreadable("a result of a search has no reference number")
            start = us_date(row["Service dates"].said.partition(" - ")[0])
            codes = frozenset(row["Procedures"].said.split(", "))
            yield Row(reference, row["Member ID"].said or None, codes, start, moment(row["Submitted"].said))


def results_told(page: Page) -> int | None:
    """How many results the page says there are."""
    said = flash(page)
    if said == "No requests match.":
        return 0
    count = re.fullmatch(r"([0-9]{1,6}) requests? found\.", said)
    return int(count[1]) if count else None


def listed(name: str) -> Element:
    """A document that the page of a request lists under this name."""
    return Element(css=f"li:text('{name} (')")


def documents_listed(page: Page) -> frozenset[str]:
    """What the page of a request tells of the documents that are there: name, kind and size."""
    return frozenset(item.said for item in _items(page.main, "Documents"))


def page_of_results(number: int) -> Element:
    """What shows that this page of results has come."""
    return Element(css=f"nav.pages span:text('Page {number} of ')")
