"""What goes wrong in the store, told without values.

PostgreSQL's errors quote them (DETAIL: Key (member)=(...) already exists) and asyncpg's quote arguments, so no such
error leaves the store: `quiet` puts ours in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class StoreError(Exception):
    """The database refused. Names the kind of refusal, its SQLSTATE and the constraint, never a value."""

    def __init__(self, kind: str, sqlstate: str | None = None, constraint: str | None = None) -> None:
        super().__init__(" ".join(part for part in (kind, sqlstate, constraint) if part))
        self.kind = kind
        self.sqlstate = sqlstate
        self.constraint = constraint


class Unavailable(StoreError):
    """The database cannot be reached, is shutting down or has no connection left; later it may work."""


class CannotOpen(Exception):
    """A sealed value does not open: it was changed or moved, or belongs to another key. Names the column only."""


# SQLSTATE classes: connection exception, insufficient resources, operator intervention. 25006 is a read-only
# transaction: the database fails over, or has no space left.
_PASSING = ("08", "53", "57", "25006")


@contextmanager
def quiet(*unreachable: type[Exception]) -> Iterator[None]:
    """Turn the driver's errors, and these others of a failed connection, into ours."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        ours = _without_values(error)
    except unreachable as error:
        ours = Unavailable(type(error).__name__)
    else:
        return
    try:
        raise ours from None
    finally:
        ours.__context__ = None  # where `raise` has put the original, for anyone who formats contexts


def _without_values(error: Exception) -> StoreError:
    sqlstate: str | None = getattr(error, "sqlstate", None)
    constraint: str | None = getattr(error, "constraint_name", None)
    passing = (sqlstate or "").startswith(_PASSING)
    return (Unavailable if passing else StoreError)(type(error).__name__, sqlstate, constraint)
