"""What the demonstration shows: requests on their way, what was asked and answered, and how all of it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.main.demo_hooks import Receiver
from gateway.main.demo_journeys import Journey


def under_way(travelling: list[Journey]) -> Table:
    table = Table(title="Prior authorizations on their way", title_justify="left", pad_edge=False)
    # Words stay whole in 80 columns, the longest of them too: partially_approved, certified_modified.
    for name, width in (("request", 16), ("what it shows", 17), ("the way it went", 18), ("lines", 18)):
        table.add_column(name, overflow="fold", width=width)
    for journey in travelling:
        colour = "green" if journey.right() else "yellow"
        way = " > ".join(word for word in journey.trail if word not in ("queued", "submitting")) or "..."
        refused = journey.trail[-1:] == ["rejected"]
        lines = "" if refused else ", ".join(f"{line} {outcome}" for line, outcome in journey.lines.items())
        table.add_row(_named(journey), journey.story, f"[{colour}]{way}[/]", lines)
    return table


def answers(travelling: list[Journey]) -> Table:
    """Answers to questions of payers, and where each was taken from."""
    title = "What payers asked, and where the answers came from"
    table = Table(title=title, title_justify="left", pad_edge=False)
    for name, width in (("question", 30), ("answer", 18), ("taken from", 22)):
        table.add_column(name, overflow="fold", width=width)
    for journey in travelling:
        for place, given in enumerate(journey.given):
            if place == 0:
                table.add_section()
            source = given.taken_from or "[dim]the chart, by hand[/]"
            table.add_row(escape(given.question), escape(given.answer), source)
    return table


def decisions(travelling: list[Journey]) -> Table:
    table = Table(title="What the payers said", title_justify="left", pad_edge=False, show_header=False)
    for journey in travelling:
        table.add_row(_named(journey), "\n".join(journey.asked), escape(journey.said))
    return table


def verdict(
    console: Console,
    travelling: list[Journey],
    receiver: Receiver,
    filings: Sequence[Mapping[str, Any]],
    ended: bool,
    seconds: float,
) -> bool:
    # Under one trace number, or as the same wish under another: no two requests here have one member at one payer.
    twice = [filing for filing in filings if not filing["count"] == filing["alike"] == 1]
    console.print()
    for journey in travelling:
        if not journey.right():
            went = " > ".join(journey.trail) or "nowhere"
            console.print(f"[red]{journey.name}: expected {_expected(journey)}, went {went}[/]")
    strayed = [journey for journey in travelling if journey.asked != journey.payers]
    for journey in strayed:
        console.print(f"[red]{journey.name}: expected {journey.payers} to be asked, it was {journey.asked}[/]")
    console.print(f"{sum(journey.right() for journey in travelling)} of {len(travelling)} cases ended as expected.")
    console.print(f"{len(filings)} filings at the payers, {len(twice)} of them filed twice.")
    console.print(f"{receiver.verified} webhooks verified, {receiver.refused} refused. {seconds:.0f} s in all.")
    return ended and not strayed and not twice and not receiver.refused and receiver.verified > 0


def _expected(journey: Journey) -> str:
    way = " > ".join([*sorted(journey.passes), journey.ends])
    return f"{way} with {journey.proposed} proposed answers" if journey.proposed else way


def _named(journey: Journey) -> str:
    return journey.name.replace("_", ", ")
