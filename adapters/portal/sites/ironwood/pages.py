"""The pages of the Ironwood portal: how each is recognised, its elements, and what it says. Pure readers."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from adapters.portal.page import Page
from adapters.portal.recognising import Shape
from adapters.portal.visit import Obstacle
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


def listed(name: str) -> Element:
    """A document that the page of a request lists under this name."""
    return Element(css=f"li:text('{name} (')")


def page_of_results(number: int) -> Element:
    """What shows that this page of results has come."""
    return Element(css=f"nav.pages span:text('Page {number} of ')")
