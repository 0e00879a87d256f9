"""`payer-gateway policy`: what a change of packs does to the open cases, and what becomes of requests that fail."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

from rich.console import Console

from gateway.main.config import BadConfig, Config
from gateway.main.house import open_database
from gateway.policy.book import Book
from gateway.policy.difference import turns_of
from gateway.profiles.faults import ProfileFault, ProfileFaults
from gateway.profiles.policies import POLICIES, load_policies
from gateway.profiles.reference import Reference, read_crosswalks
from gateway.store.cases import load_case
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.keys import list_keys
from gateway.store.listing import find_open_cases
from gateway.store.preflights import PreflightSetting, preflight_setting, set_preflight
from gateway.store.records import Case


async def policy(config: Config, options: argparse.Namespace, console: Console) -> int:
    if options.act == "preflight":
        return await _preflight(config, options, console)
    old, new = (_book(folder, config) for folder in (options.old, options.new))
    return await _diff(config, old, new, options.on)


async def _preflight(config: Config, options: argparse.Namespace, console: Console) -> int:
    """Show the tenant's setting, or change it."""
    async with open_database(config, make=False) as (database, _):
        if not await list_keys(database, options.tenant):
            text = f"{options.tenant}: no key is of this tenant. Compare the spelling, or make a key first."
            console.print(text, markup=False, highlight=False)
            return 1
        if options.setting is not None:
            await set_preflight(database, options.tenant, PreflightSetting(options.setting))
        setting = await preflight_setting(database, options.tenant)
    console.print(f"{options.tenant}: {setting}", markup=False, highlight=False)
    return 0


async def _diff(config: Config, old: Book, new: Book, on: date | None) -> int:
    """Print the open cases that turn, ids and rules alone. A case is judged as of the day it was filed, or of ``on``.
    Exit code 1 where a case could not be read."""
    unread = 0
    async with open_database(config, make=False) as (database, _):
        async for case_id, case in _open_cases(database):
            if case is None:
                unread += 1
                print(f"unread {case_id}")
                continue
            for turn in turns_of(case.request, old, new, on or case.created_at.date()):
                print(f"{turn.way} {case_id} {' '.join(turn.rules)}")
    return 1 if unread else 0


async def _open_cases(database: Database) -> AsyncIterator[tuple[UUID, Case | None]]:
    """Those that are not settled, of every tenant, in the order of their ids; None for one that cannot be read."""
    for case_id in await find_open_cases(database):
        try:
            async with database.transaction() as connection:
                case = await load_case(database, connection, case_id)
        except CannotOpen:
            yield case_id, None
            continue
        if case is not None:
            yield case_id, case


def _book(folder: Path, config: Config) -> Book:
    if not folder.is_dir():
        raise BadConfig(f"There is no folder {folder}.")
    policies = load_policies(folder, config.mappings)
    if not policies.packs:
        raise BadConfig(f"There is no pack in {folder}: name a folder like mappings/, or its folder {POLICIES}/.")
    # The products are those that the gateway itself knows: a line that names one is judged as when it was taken.
    faults: list[ProfileFault] = []
    reference = Reference(crosswalks=tuple(read_crosswalks(config.mappings, faults)))
    if faults:
        raise ProfileFaults(faults)
    return Book(policies, reference.billed_as)
