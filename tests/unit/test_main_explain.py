"""What the walk of a case shows on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from uuid import UUID

from rich.console import Console

from gateway.contract.destination import Mode
from gateway.main.explain import tell
from gateway.model.status import Attention, CaseStatus
from gateway.store.records import Case, Entry, EntryKind
from tests.x12_material import request

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CASE = Case(
    UUID(int=1), "default", Mode.TEST, request(), CaseStatus.UNCERTAIN, Attention.OPERATOR, None, None, NOW, NOW, 1
)


def test_what_a_payer_wrote_does_not_steer_the_terminal() -> None:
    body = b"<html>\x1b[2J\x1b]0;owned\x07 \x9b31m \xe2\x80\xae reversed [bold]plain[/bold] ok"
    entry = Entry(1, EntryKind.REPLY, NOW, None, None, {"status": 200}, body, b"")
    out = StringIO()
    tell(CASE, [entry], phi=True, console=Console(file=out, force_terminal=True, width=80, no_color=True))
    shown = out.getvalue()
    assert r"\x1b[2J\x1b]0;owned\x07 \x9b31m \u202e reversed [bold]plain[/bold] ok" in shown
    assert not [sign for sign in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e") if sign in shown]
