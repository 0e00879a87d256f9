"""`payer-gateway check`: everything that is data or plugged in, checked before anything starts on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points

from rich.console import Console

from gateway.contract.adapter import Adapter
from gateway.denials.trial import failing
from gateway.main.config import Config
from gateway.main.house import load_adapters, load_library
from gateway.profiles.browser import RECORD_TERMS
from gateway.profiles.faults import ProfileFaults
from gateway.profiles.library import Library
from gateway.profiles.reference import notes_of
from gateway.store.routes import look_up_open_routes
from gateway.transport.files import INSTALL, can_speak_sftp

_VERBS = ("submit", "amend", "answer", "inquire", "parties")
_DECLARED = ("payer_settings", "connection_settings", "code_tables", "code_anchors")


def check(config: Config, console: Console) -> int:
    """Check adapters, profiles, code tables and conformance cases. Exit code 0 when all is right.

    Each is looked at whatever is wrong with the others.
    """
    adapters = load_adapters()
    faults = [fault for channel, adapter in adapters.items() for fault in _adapter_faults(channel, adapter)]
    _tell(faults, console)
    console.print(f"adapters: {', '.join(sorted(adapters)) or 'none'}", markup=False)
    if not all(hasattr(adapter, name) for adapter in adapters.values() for name in _DECLARED):
        console.print("profiles: not checked, for want of what an adapter declares")
        _case_faults()
        return 1
    try:
        library = load_library(config, adapters)
    except ProfileFaults as error:
        _tell(error.faults, console)
        console.print(f"profiles: {len(error.faults)} faults")
        sound = False
    else:
        payers, connections = len(library.payers()), len(library.connections())
        packs = len(library.policies.packs)
        console.print(f"profiles: {payers} payers, {connections} connections, {packs} policy packs")
        _tell((*_notes(library), *notes_of(library.reference)), console)
        untrue = tuple(failing(library.reference.denials))
        _tell(untrue, console)
        console.print(f"text rules: {len(library.reference.denials.rules)}, {len(untrue)} cases fail")
        sound = not (faults or untrue)
    return 1 if _case_faults() or not sound else 0


async def check_routes(config: Config, console: Console) -> int:
    """Check that the requests which are open in the database that is given (DATABASE_URL) have their profiles. Exit
    code 0 when they have. Of an embedded database `serve` says so when it starts; none is started for this."""
    if config.database_url is None:
        return 0
    try:
        library = load_library(config, load_adapters())
    except ProfileFaults:
        return 1  # told by check
    routes = await look_up_open_routes(config.database_url)
    faults = [
        f"{route.count} open submissions: {found.says}."
        for route in routes
        if (found := library.missing(route.payer, route.connection, route.channel, route.mode))
    ]
    _tell(faults, console)
    console.print(f"open routes: {len(routes)}, {len(faults)} of them without their profiles")
    return 1 if faults else 0


def _tell(faults: Iterable[object], console: Console) -> None:
    for fault in faults:
        console.print(str(fault), markup=False, highlight=False, soft_wrap=True)


def _notes(library: Library) -> Iterator[str]:
    """What is no fault, and must be known before somebody waits for it."""
    if not can_speak_sftp():
        for profile in library.connections():
            if profile.speaks_sftp:
                yield f"connection {profile.connection}: nothing goes over it until SFTP is installed: {INSTALL}"
    for profile in library.connections():
        if profile.browser is not None and not profile.browser.terms.permit:
            yield f"{profile.browser.terms.against(profile.connection)}; nothing goes over it. {RECORD_TERMS}"


def _adapter_faults(channel: str, adapter: Adapter) -> list[str]:
    missing = [f"verb {verb}" for verb in _VERBS if not callable(getattr(adapter, verb, None))]
    missing += [name for name in _DECLARED if not hasattr(adapter, name)]
    return [f"adapter {channel}: it has no {what}; see gateway/contract/adapter.py" for what in missing]


def _case_faults() -> bool:
    """The conformance cases, checked by their own command; installed beside the gateway, never imported by it."""
    for entry in entry_points(group="payer_gateway.commands", name="conformance"):
        return bool(entry.load()(["check"]))
    return False
