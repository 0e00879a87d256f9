"""pyx12 as a judge of one transaction, with our guides and nothing it may have found on this machine."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

GUIDES = Path(__file__).parents[2] / "mappings" / "guides" / "x12"


def settings() -> ParamsBase:
    """Plain settings: `params()` would read files of the machine and of the person."""
    chosen = ParamsBase()
    chosen.set("charset", "E")
    return chosen


def load(name: str) -> Any:
    return load_map_file(name, settings(), str(GUIDES))


def faults(text: str, folder: Path = GUIDES) -> list[str]:
    """What pyx12 has against an interchange, in its words; nothing where it accepts."""
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    told = io.StringIO()
    accepted = x12n_document(settings(), io.StringIO(text), None, None, fd_json=told, map_path=str(folder))
    found = list(_said(json.loads(told.getvalue())))
    assert accepted == (not found)
    return found


def _said(tree: object) -> list[str]:
    if isinstance(tree, list):
        return [word for branch in tree for word in _said(branch)]
    if not isinstance(tree, dict):
        return []
    own = [tree["err_str"]] if "err_str" in tree else []
    return own + [word for branch in tree.values() for word in _said(branch)]


def outline(name: str) -> list[str]:
    """The segments between ST and SE, in order: where, which, usage and most, as ``1000A NM1 R1``."""
    transaction = load(name).getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP")
    told = []
    for node in transaction.loop_segment_iterator():
        where = node.get_path().split("/")[-2]
        if node.is_segment() and where != "ST_LOOP":
            told.append(f"{where} {node.id} {node.usage}{node.max_use}")
    return told


def codes(name: str, path: str) -> set[str]:
    """The codes an element may hold; empty where any value may stand."""
    loops, _, place = path.rpartition("/")
    segment = load(name).getnodebypath(f"/ISA_LOOP/GS_LOOP/ST_LOOP/{loops}")
    return set(segment.children[int(place) - 1].valid_codes)
