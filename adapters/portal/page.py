"""A settled page with its snapshots read: what recognisers and readers look at. Knows no site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from adapters.portal.reading.node import Node
from adapters.portal.reading.snapshot import read_snapshot
from gateway.contract.frames import Reply
from gateway.contract.pages import SettledPage


@dataclass(frozen=True)
class Page:
    """``tree`` is the page's own document, ``frames`` those in it by their accessible names, ``read`` what was kept
    while the turn went on."""

    settled: SettledPage
    tree: Node = field(repr=False)
    frames: Mapping[str, Node] = field(repr=False)
    read: tuple[Node, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, reply: Reply) -> Page:
        """The page of a turn's reply. Raises Unreadable."""
        settled = SettledPage.of(reply)
        own, *inner = settled.documents
        return cls(
            settled,
            read_snapshot(own.snapshot),
            {each.frame: read_snapshot(each.snapshot) for each in inner},
            tuple(read_snapshot(each) for each in settled.read),
        )

    @cached_property
    def main(self) -> Node:
        """The main region; the whole page where it has none, or more than one."""
        return self.tree.only("main") or self.tree

    @property
    def path(self) -> str:
        """Its address without host, query and fragment."""
        return self.settled.main.path.partition("?")[0].partition("#")[0]

    def says(self, heading: str) -> bool:
        """True when its main region has this heading, once."""
        return self.main.only("heading", heading) is not None

    @property
    def document(self) -> bytes:
        """What sources of values point into: the snapshot of its own document."""
        return self.settled.main.snapshot.encode()

    @property
    def answered(self) -> tuple[int, str]:
        """How the site answered what a turn committed: the status, and the path of the address that it led to, or an
        empty one. Status 0 where nothing was committed."""
        committed = self.settled.committed
        return (committed.status, _path(committed.location)) if committed else (0, "")


def _path(location: str) -> str:
    """The path of an address, absolute or relative."""
    rest = location.partition("://")[2] if "://" in location else location
    path = rest[rest.find("/") :] if "/" in rest else ""
    return path.partition("?")[0].partition("#")[0]
