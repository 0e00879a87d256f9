"""Reads the filled form of the Juniper Health portal back: does it say what was entered? Pure."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.portal.page import Page
from adapters.portal.reading.node import Node
from adapters.portal.sites.juniper.form import Form


def unlike(page: Page, form: Form) -> tuple[str, ...]:
    """The fields that hold something else than was entered, by their names on the page."""
    return tuple(dict.fromkeys(_unlike(page.main, form)))


def _unlike(main: Node, form: Form) -> Iterator[str]:
    wanted = {
        "Date of birth": form.birth_date,
        "Requesting provider NPI": form.npi,
        "Rendering provider NPI (optional)": form.rendering_npi,
        "Callback phone": form.phone,
        "Comments": form.comments,
    }
    for name, value in wanted.items():
        box = main.only("textbox", name)
        if box is None or _plain(_value(box)) != _plain(value):
            yield name
    member, priority = main.only("combobox", "Member"), main.only("combobox", "Priority")
    if (
        member is None
        or not _value(member).startswith(f"{form.member_id} - ")
        or not form.name.stands_in(_value(member))
    ):
        yield "Member"
    if priority is None or _chosen(priority) != form.priority:
        yield "Priority"
    chips = main.only("list", "Diagnoses")
    codes = [item.told.split()[0] for item in (chips.all("listitem") if chips else ()) if item.told]
    if codes != list(form.diagnoses):
        yield "Diagnoses"
    for number, service in enumerate(form.services):
        group = main.only("group", f"Service {number + 1}")
        if group is None or not _value(group.only("combobox", "Procedure code")).startswith(f"{service.code} - "):
            yield "Procedure code"
            continue
        fields = {"Units": service.units, "Start date": service.start, "End date": service.end}
        yield from (name for name, value in fields.items() if _value(group.only("textbox", name)) != value)
        if _chosen(group.only("combobox", "Place of service")) != service.place:
            yield "Place of service"
    for paper in form.papers:
        if _chosen(main.only("combobox", f"Document type for {paper.name}")) != paper.kind:
            yield "Documents"


def _value(box: Node | None) -> str:
    """What stands in a field."""
    return "" if box is None else box.text or box.told


def _chosen(box: Node | None) -> str | None:
    """What is chosen in a list."""
    found = [each.said for each in (box.all("option") if box else ()) if "selected" in each.states]
    return found[0] if len(found) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.split())
