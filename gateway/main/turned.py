"""Turned pages as `payer-gateway explain` shows them: the steps of a turn, the page that came of it, and pictures.

Without PHI a step is shown with the site's own names of its elements and none of what was filled in. The name of an
element may itself be data (a row, or what is in one): such names are left out, and digits in any other are folded.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from gateway.contract.errors import Unreadable
from gateway.contract.frames import Reply
from gateway.contract.pages import MEDIA_TYPE, SettledPage
from gateway.store.records import Entry, EntryKind

_HIDDEN = "[not shown]"
_DATA = frozenset({"row", "cell", "gridcell", "option", "listitem", "text", "paragraph", "definition", "treeitem"})
"""Roles whose names are what stands in them."""
_REFERENCE = re.compile(r"\[(secret|one-time code) [a-z0-9_-]{1,100}\]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "text/html": ".html", "application/json": ".json"}
_Json = Mapping[str, Any]


def is_turn(entry: Entry) -> bool:
    return entry.kind is EntryKind.FRAME and entry.meta.get("method") == "TURN"


def is_page(entry: Entry) -> bool:
    return entry.kind is EntryKind.REPLY and entry.meta.get("content_type") == MEDIA_TYPE


def turn_lines(body: bytes, *, phi: bool) -> Iterator[str]:
    """The steps of a turn, as a person would tell them. Raises ValueError for what is no turn."""
    turn = json.loads(body)
    if not isinstance(turn, dict) or not isinstance(turn.get("steps"), list):
        raise ValueError("it is no turn")
    on, commit = turn.get("on"), turn.get("commit")
    if on and commit:
        yield f"on the page {on.get('name')}: {commit.get('method')} {commit.get('path')} ({commit.get('guard')})"
    if turn.get("signs_in"):
        yield "signs in"
    for place, step in enumerate(turn["steps"], start=1):
        yield f"{place}. {_step(step, phi=phi)}"
    ends = [_named(where, phi=phi) for where in turn.get("settled") or ()]
    if ends:
        yield f"until {' or '.join(ends)} is to be seen"


def _step(step: _Json, *, phi: bool) -> str:
    kind, where = step.get("step"), _named(step.get("where") or {}, phi=phi)
    match kind:
        case "Go":
            return f"go to {step.get('url') if phi else _address(str(step.get('url')))}"
        case "Fill":
            return f"fill {where} with {_filled(step.get('what'), phi=phi)}"
        case "Choose":
            return f"choose {step.get('option') if phi else _HIDDEN} in {where}"
        case "Upload":
            size = (step.get("content") or {}).get("size", 0)
            name = step.get("name") if phi else _HIDDEN
            return (
                f"{'drop' if step.get('drop') else 'upload'} {name} ({step.get('media_type')}, {size} bytes) at {where}"
            )
        case "Click":
            return f"click {where}" + (", and accept the dialog that it opens" if step.get("says") else "")
        case "WaitFor":
            return f"wait until {where} is {'gone' if step.get('gone') else 'to be seen'}"
        case "Read":
            return f"read {where}"
    raise ValueError("a later version wrote this step")


def _filled(what: Any, *, phi: bool) -> str:
    if isinstance(what, dict):
        return "what a person reads off the page"
    said = str(what or "")
    return said if phi or _REFERENCE.fullmatch(said) else _HIDDEN


def _named(where: _Json, *, phi: bool) -> str:
    role, name, css = (str(where.get(part) or "") for part in ("role", "name", "css"))
    inside = where.get("inside")
    shown = name if phi else _HIDDEN if role in _DATA or inside else _folded(name)
    parts = [f"{role} '{shown}'" if name else role] if role else []
    parts += [css if phi else _QUOTED.sub(_HIDDEN, _folded(css))] if css else []
    if inside:
        parts.append(f"inside {_named(inside, phi=phi)}")
    if where.get("frame"):
        parts.append(f"in the frame '{where['frame'] if phi else _folded(str(where['frame']))}'")
    return " ".join(parts)


def _folded(text: str) -> str:
    return re.sub(r"[0-9]", "0", text)


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{_folded(parts.path)}"


def page_lines(body: bytes, *, phi: bool) -> Iterator[str]:
    """What page a turn ended on."""
    try:
        page = SettledPage.of(Reply(200, body=body))
    except Unreadable:
        yield "what came back is no page that this version can read"
        return
    yield f"page {page.main.path if phi else _folded(page.main.path)}" + ("" if page.settled else ", not settled")
    if page.committed is not None:
        yield f"the committed request was answered {page.committed.status}"
    for dialog in page.dialogs:
        says = f": {dialog.says}" if phi else ""
        yield f"{dialog.kind} dialog, {'accepted' if dialog.accepted else 'dismissed'}{says}"
    yield from page.warnings if phi else map(_folded, page.warnings)
    if page.downloads:
        yield f"{len(page.downloads)} files came"
    if phi:
        for read in page.read:
            yield from ("read:", *read.splitlines())
        for document in page.documents:
            where = f"frame {document.frame}" if document.frame else "page"
            size = len(document.html)
            yield f"{where} {document.path}, titled {document.title}, {size} characters of HTML; it shows:"
            yield from document.snapshot.splitlines()


def evidence_lines(entry: Entry, *, phi: bool, written: Path | None) -> Iterator[str]:
    """What the transport saw: ``written`` is the file it is in now."""
    yield f"{entry.meta.get('what')}: {entry.meta.get('media_type')}"
    if entry.meta.get("left_out"):
        yield f"its {entry.meta.get('size')} bytes were too many to keep"
    elif written is not None:
        yield f"written to {written}"
    elif phi and str(entry.meta.get("media_type")).startswith("text/"):
        yield from entry.body.decode(errors="backslashreplace").splitlines()
    else:
        yield "--phi --evidence FOLDER writes it to a file"


def write_evidence(case_id: UUID, entry: Entry, folder: Path) -> Path | None:
    """Write it where only we can read it. None for what was not kept. Raises OSError."""
    if entry.meta.get("left_out"):
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    word = re.sub(r"[^a-z0-9]+", "-", str(entry.meta.get("what")))[:60]
    path = folder / f"{case_id}-{entry.n}-{word}{_SUFFIXES.get(str(entry.meta.get('media_type')), '.txt')}"
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(entry.body)
    return path
