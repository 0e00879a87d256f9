"""What the channel's own checker says of a payer's document: faults of the guide, each with its place in it.

The checker comes by entry point, as the command line gets it. What rests on inference alone accuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from conformance.live.heard import Finding, Heard
from conformance.verdict import Verdict
from gateway.contract.errors import Unreadable
from gateway.contract.guides import GuideFiles
from gateway.contract.tools import Layers, Said, Tools
from gateway.profiles.guides import read_guides

_SURE = frozenset({"agreed", "single"})
_MOST = 20
"""Faults told of one answer."""


class Guide:
    """The checker of a channel, with its guides."""

    def __init__(self, tools: Tools, files: GuideFiles) -> None:
        self._tools = tools
        self._files = files

    def look(self, heard: Heard, layers: Layers) -> Iterator[Finding]:
        """GU-01. ``layers`` are what the payer wants otherwise (``Destination.layers``)."""
        if heard.document is None:
            return
        faults: list[dict[str, Any]] = []

        def say(said: Said) -> None:
            if isinstance(fault := said.data.get("fault"), dict) and fault.get("refuses"):
                faults.append(fault)

        try:
            accepted = self._tools.check([heard.document.text], self._files, layers, say)
        except Unreadable as error:
            yield "GU-01", Verdict.FAIL, f"the document cannot be read: {error}"
            return
        sure = [fault for fault in faults if fault.get("sure", "agreed") in _SURE]
        told = "; ".join(_told(fault) for fault in (sure or faults)[:_MOST])
        more = f"; and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
        if sure or (not accepted and not faults):
            yield "GU-01", Verdict.FAIL, told + more or "the checker refuses it"
        elif faults:
            yield (
                "GU-01",
                Verdict.SKIP,
                f"only against what is inferred of the guide, which proves nothing: {told}{more}",
            )
        else:
            yield "GU-01", Verdict.PASS, ""


def guide_of(channel: str, mappings: Path) -> Guide | None:
    """None for a channel that has no checker. Raises ProfileFaults."""
    for entry in entry_points(group="payer_gateway.tools"):
        tools: Tools = entry.load()
        if tools.channel == channel:
            return Guide(tools, read_guides(mappings, tools.guides))
    return None


def _told(fault: dict[str, Any]) -> str:
    at = fault.get("at") or fault.get("tag") or "envelope"
    guide = f"{fault['guide']}, " if fault.get("guide") else ""
    place = f"position {fault['pos']}, " if fault.get("pos") else ""
    sure = "" if fault.get("sure", "agreed") == "agreed" else f", {fault['sure']}"
    return (
        f"{at} (segment {fault.get('segment')}, byte {fault.get('offset')}): {fault.get('says')} "
        f"({guide}{place}{fault.get('kind')} {fault.get('code')}, SNIP {fault.get('level')}{sure})"
    )
