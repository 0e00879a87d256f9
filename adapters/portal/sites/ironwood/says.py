"""What the pages of the Ironwood portal say. Pure readers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.portal.finding import Row
from adapters.portal.page import Page
from adapters.portal.reading.node import Node
from adapters.portal.reading.tables import alerts, read_table, read_terms
from adapters.portal.reading.words import codes_in, number_in, us_date, us_moment
from adapters.portal.sites.ironwood.pages import FRAME, REFERENCE, ZONE
from adapters.portal.status import Service, Standing, service_of
from gateway.contract.errors import Unreadable
from gateway.contract.turns import Element

_COLUMNS = ("Reference number", "Member ID", "Member name", "Procedures", "Service dates", "Submitted", "Status")


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
    return tuple(service_of(dict(row), "Units approved", us_date) for row in read.rows), not read.ragged


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
            reference = number_in(row["Reference number"].said, REFERENCE)
            if reference is None:
                raise Unreadable("a result of a search has no reference number")
            start = us_date(row["Service dates"].said.partition(" - ")[0])
            codes = codes_in(row["Procedures"].said)
            member_id, name = (row[each].said or None for each in ("Member ID", "Member name"))
            yield Row(reference, member_id, codes, start, us_moment(row["Submitted"].said, ZONE), name)


def is_ticked(page: Page, box: Element) -> bool:
    """Whether a box is ticked already: a click would take that back."""
    found = page.main.only("checkbox", box.name)
    return found is not None and found.states.get("checked") == ""


def sought(page: Page) -> dict[str, str]:
    """What stands in the fields of the search, where it is told once: what they hold by themselves narrows it too."""
    form = page.main.only("search")
    return {node.name: node.text for node in form.all("textbox")} if form else {}


def results_told(page: Page) -> int | None:
    """How many results the page says there are."""
    said = flash(page) if len(page.main.all("status")) == 1 else ""
    if said == "No requests match.":
        return 0
    count = re.fullmatch(r"([0-9]{1,6}) requests? found\.", said)
    return int(count[1]) if count else None


def documents_listed(page: Page) -> frozenset[str]:
    """What the page of a request tells of the documents that are there: name, kind and size."""
    return frozenset(item.said for item in _items(page.main, "Documents"))
