"""`payer-gateway arrivals`: files that payers sent, for whoever runs this gateway: what came, what became of it, and
what is nobody's. Straight on the database; nothing is ever taken away.

Without --phi only our own words, ids and sizes are shown: of a name that a payer gave to a file not even that.
"""

from __future__ import annotations

import argparse
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from gateway.main.config import BadConfig, Config
from gateway.main.explain import shown
from gateway.main.house import open_database
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.mailroom import (
    Arrival,
    State,
    count_stuck,
    dismiss,
    list_arrivals,
    list_mailboxes,
    place_again,
    read_arrival,
)


async def arrivals(config: Config, options: argparse.Namespace, console: Console) -> int:
    """Do one act. Exit code 0, or 1 for a list in which something is quarantined, waits for too long, or
    a mailbox cannot be reached."""
    async with open_database(config, make=False) as (database, _):
        match options.act:
            case "list":
                return await _list(database, options.state, options.limit, console)
            case "show":
                return await _show(database, _number(options.id), phi=options.phi, console=console)
            case "again":
                if not await place_again(database, _number(options.id)):
                    raise BadConfig("There is no such file that is quarantined or was put away.")
                console.print("It is opened and placed again at the next look into its mailbox.")
            case "dismiss":
                if not await dismiss(database, _number(options.id), options.why):
                    raise BadConfig("There is no such file that is quarantined or waits.")
                console.print("It is put away, and stays here.")
    return 0


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadConfig("A file's id looks like 018f3c1e-0000-4000-8000-000000000000.") from None


async def _list(database: Database, state: str | None, limit: int, console: Console) -> int:
    trouble = False
    for box in await list_mailboxes(database):
        # Of a connection whose other side comes to our door nothing is ever fetched.
        looked = f"looked into {box['looked_at']:%Y-%m-%d %H:%M:%S}" if box["looked_at"] else "nothing was fetched"
        console.print(f"[bold]{box['connection']}[/]  {looked}, next look at {box['look_at']:%H:%M:%S}")
        if box["trouble"]:
            trouble = True
            console.print(f"  [bold red]{escape(box['trouble'])}[/]")
        if stuck := await count_stuck(database, box["connection"]):
            trouble = True
            console.print(f"  [bold red]{stuck} of its files cannot be opened, and wait[/]")
    for each in await list_arrivals(database, None if state is None else State(state), limit):
        trouble |= each.state is State.QUARANTINED
        console.print(f"{each.id}  {each.at:%Y-%m-%d %H:%M:%S}  {_head(each)}", soft_wrap=True)
    return 1 if trouble else 0


async def _show(database: Database, arrival_id: UUID, *, phi: bool, console: Console) -> int:
    try:
        arrival = await read_arrival(database, arrival_id)
    except CannotOpen:
        console.print("[bold red]It was changed since it came, and does not open.[/]")
        return 1
    if arrival is None:
        raise BadConfig("There is no such file in this database.")
    console.print(f"[bold]{arrival.id}[/]  came {arrival.at:%Y-%m-%d %H:%M:%S}  {_head(arrival)}", soft_wrap=True)
    if arrival.first_id:
        console.print(f"  the same bytes as {arrival.first_id}")
    for finding in arrival.findings:
        whose = f"is about attempt {finding['attempt']}" if finding["attempt"] else "is nobody's"
        why = f": {finding['reason']}" if finding["reason"] else ""
        console.print(f"  {finding['what']} at {finding['place']} {whose}{why}", soft_wrap=True)
        for candidate in finding["candidates"]:
            console.print(f"    it may be about attempt {candidate}")
    if phi:
        if arrival.dismissal:
            console.print(f"  put away: {escape(shown(arrival.dismissal))}", highlight=False, soft_wrap=True)
        console.print(f"  {escape(shown(arrival.name))}", highlight=False, soft_wrap=True)
        for line in arrival.body.decode(errors="backslashreplace").replace("~", "~\n").splitlines():
            console.print(f"      {escape(shown(line))}", highlight=False, soft_wrap=True)
    return 0


def _head(arrival: Arrival) -> str:
    why = f" ({arrival.reason})" if arrival.reason else ""
    stuck = f" (opened {arrival.tries} times in vain)" if arrival.is_stuck else ""
    return f"{arrival.connection}  {arrival.size} bytes  [bold]{arrival.state}[/]{why}{stuck}"
