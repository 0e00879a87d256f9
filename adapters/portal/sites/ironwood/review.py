"""Reads the review page of the Ironwood portal back: does it say what was entered? Pure."""

from __future__ import annotations

from adapters.portal.page import Page
from adapters.portal.reading.tables import read_table, read_terms
from adapters.portal.sites.ironwood.form import Form


def unlike(page: Page, form: Form) -> tuple[str, ...]:
    """The fields that say something else than was entered, by their names on the page."""
    terms = {name: [node.told for node in told] for name, told in read_terms(page.main).items()}
    wanted = {
        "Member ID": form.member_id,
        "Date of birth": form.birth_date,
        "Requesting provider NPI": form.npi,
        "Diagnoses": ", ".join(form.diagnoses),
        "Service dates": f"{form.start:%m/%d/%Y} to {form.end:%m/%d/%Y}",
        "Urgency": "Urgent" if form.urgent else "Standard",
        "Documents": ", ".join(f"{paper.name} ({paper.kind})" for paper in form.papers) or "None",
    }
    wanted |= {"Rendering provider NPI": form.rendering_npi} if form.rendering_npi else {}
    wanted |= {"Comments": form.comments} if form.comments else {}
    found = [
        name for name, value in wanted.items() if [_plain(each) for each in terms.get(name, ())] != [_plain(value)]
    ]
    may_be = {*wanted, "Member name", "Place of service"}
    found += ["another field" for name in terms if name not in may_be]
    places = terms.get("Place of service", [])
    if len(places) != 1 or not places[0].startswith(f"{form.place} - "):
        found.append("Place of service")
    names = terms.get("Member name", [])
    if len(names) != 1 or not form.name.stands_in(names[0]):
        found.append("Member name")
    tables = [read_table(table) for table in page.main.all("table", "Services")]
    services = [(row["Procedure"].said, row["Units"].said) for table in tables for row in table.rows if len(row) == 3]
    ragged = any(table.ragged or table.columns != ("Procedure", "Description", "Units") for table in tables)
    if ragged or services != [(service.code, service.units) for service in form.services]:
        found.append("Services")
    return tuple(dict.fromkeys(found))


def _plain(text: str) -> str:
    return " ".join(text.split())
