"""`payer-gateway keys`: make, list and revoke API keys, and change the master key."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.contract.destination import Mode
from gateway.main.config import BadConfig, Config
from gateway.main.house import master_key_file, open_database, open_server
from gateway.store.keyring import rewrap
from gateway.store.keys import Scope, create_key, list_keys, revoke_key
from gateway.store.master_key import VARIABLE, load_master_key

_TENANT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,62}")


async def keys(config: Config, options: argparse.Namespace, console: Console) -> int:
    """Run one act. A new key's token is printed once and kept nowhere."""
    if options.act == "rewrap":
        return await _rewrap(config, options.file, console)
    if not _TENANT.fullmatch(options.tenant):
        raise BadConfig("A tenant is 1 to 63 letters, digits, points, hyphens or underscores, not a point first.")
    async with open_database(config, make=options.act == "create") as (database, _):
        match options.act:
            case "create":
                _, token = await create_key(
                    database, options.tenant, Mode(options.mode), options.name, _scopes(options.scope)
                )
                print(token)
            case "list":
                table = Table("id", "mode", "scopes", "name", "made", "revoked")
                for key in await list_keys(database, options.tenant):
                    revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
                    scopes, made = " ".join(sorted(key.scopes)), f"{key.created_at:%Y-%m-%d}"
                    table.add_row(key.id, key.mode, scopes, escape(key.name), made, revoked)
                console.print(table)
            case "revoke":
                if not await revoke_key(database, options.tenant, options.id):
                    raise BadConfig("This tenant has no such key.")
    return 0


async def _rewrap(config: Config, file: Path, console: Console) -> int:
    """Change from the master key that is configured to the one in the file."""
    old = load_master_key(config.environment, master_key_file(config), create=False)
    new = load_master_key({}, file, create=False)
    async with open_server(config, make=False) as url:
        count = await rewrap(url, old, new)
    place = VARIABLE if config.environment.get(VARIABLE, "").strip() else str(master_key_file(config))
    console.print(
        f"{count} data keys are now wrapped by master key {new.fingerprint}. Before you start the gateway, put the new "
        f"key where the old one was ({escape(place)}). Keep the old one as long as any backup from before.",
        soft_wrap=True,
    )
    return 0


def _scopes(words: list[str] | None) -> list[Scope]:
    if not words:
        return list(Scope)
    try:
        return [Scope(word) for word in words]
    except ValueError:
        raise BadConfig(f"A scope is one of {', '.join(Scope)}.") from None
