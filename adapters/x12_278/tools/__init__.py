"""What integration engineers do with X12 at a terminal: check, acknowledge, show, normalise, compare. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar

from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.writing import numbers_needed, write_acknowledgement
from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.tools import comparison, reading
from adapters.x12_278.tools.normalising import outcomes
from adapters.x12_278.tools.telling import Teller
from gateway.contract.destination import Destination
from gateway.contract.guides import GuideFiles
from gateway.contract.tools import Chunks, Layers, Meant, Numbers, Said, Say

__all__ = ["TOOLS", "X12Tools"]


class X12Tools:
    channel: ClassVar[str] = "x12_278"
    guides: ClassVar[str] = "x12"

    def check(self, chunks: Chunks, guides: GuideFiles, layers: Layers, say: Say) -> bool:
        teller = Teller()
        found = _guides(guides, layers)
        report = check(chunks, found, lambda each: _say(teller.transaction(each), say))
        _say(teller.document(report), say)
        return report.ok

    def acknowledge(
        self, read: Callable[[], Chunks], guides: GuideFiles, layers: Layers, at: datetime, numbers: Numbers, say: Say
    ) -> bytes:
        report = check(read(), _guides(guides, layers), lambda _: None)
        received = received_envelopes(read())
        count = numbers_needed(report, received)
        written = write_acknowledgement(report, received, None, numbers(count) if count else (), at)
        for untold in written.untold:
            say(Said(f"not acknowledged: {untold}", {"not_acknowledged": untold}))
        return written.document

    def show(self, chunks: Chunks, guides: GuideFiles) -> Iterator[str]:
        return reading.lines(chunks, _guides(guides))

    def outcomes(self, document: bytes, to: Destination) -> Iterator[Meant]:
        return outcomes(document, to)

    def differences(self, one: bytes, other: bytes, guides: GuideFiles) -> Iterator[Said]:
        found = _guides(guides)
        for name, document in (("A", one), ("B", other)):
            try:
                for _ in reading.lines(document, found):
                    pass
            except Malformed as error:
                raise Malformed(f"{name}: {error.says}", error.fix, at=error.at, segment=error.segment) from None
        return comparison.differences(one, other, found)


def _say(found: Iterator[Said], say: Say) -> None:
    for each in found:
        say(each)


def _guides(files: GuideFiles, layers: Layers = ()) -> Guides:
    guides = Guides(files.files, files.rules)
    return guides.under(layers) if layers else guides


TOOLS = X12Tools()
