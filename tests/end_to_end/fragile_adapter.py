"""An adapter as a third party might install one, and a bad one: its exceptions are full of the patient.

The member id says where it breaks: before the first frame, on the reply, or when it should inquire.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from adapters.x12_278.adapter import X12Review
from gateway.contract.adapter import Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.model.request import PARequest

ENTRY_POINT = "[payer_gateway.adapters]\nx12_fragile = tests.end_to_end.fragile_adapter:ADAPTER\n"


class FragileReview(X12Review):
    channel: ClassVar[str] = "x12_fragile"
    announces: ClassVar[bool] = True

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        if "DENY" in request.coverages[0].member_id:
            raise ValueError(f"cannot file {request!r}")
        exchange = super().submit(request, to, stamp)
        reply = yield next(exchange)
        if "APPROVE" in request.coverages[0].member_id:
            try:
                raise LookupError(reply.body.decode())
            except LookupError as error:
                raise RuntimeError(f"cannot read the answer for {request!r}") from error
        try:
            exchange.send(reply)
        except StopIteration as stop:
            return stop.value
        raise AssertionError("it said more than one frame")

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        raise KeyError(filed.request.patient.last_name, filed.request.patient.birth_date)


ADAPTER = FragileReview()


def plug_in(folder: Path) -> None:
    """Have this process find the adapter in ``folder``, installed there as packages are."""
    sys.path.insert(0, str(folder))


def install(folder: Path) -> None:
    package = folder / "fragile_adapter-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: fragile-adapter\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(ENTRY_POINT)


def add_profiles(mappings: Path) -> None:
    """A payer that is reached by this adapter."""
    for kind, old, new in (
        ("connections", "demo_clearinghouse", "fragile_clearinghouse"),
        ("payers", "evergreen_health", "fragile_health"),
    ):
        text = (mappings / kind / f"{old}.yaml").read_text().replace(old, new).replace("x12_278", "x12_fragile")
        text = text.replace("connection: demo_clearinghouse", "connection: fragile_clearinghouse")
        (mappings / kind / f"{new}.yaml").write_text(text)
