"""The PBMs that do not exist, and what is different about each of them. README.md lists it. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GATEWAY = "PAYERGW"
"""Who writes to them."""


@dataclass(frozen=True, slots=True)
class Pbm:
    """``mailbox``: it keeps its messages until they are asked for. ``repeats``: what it says to a message it has,
    Error 900 with 220 or the Status of the first time. ``deadline``: how it writes moments that are far off."""

    id: str
    address: str
    name: str
    bin: str
    pcn: str
    prefix: str
    mailbox: bool = False
    repeats: Literal["refused", "again"] = "refused"
    taken: str = "000"
    names_case: bool = True
    """Whether a PAInitiationResponse holds the PAReferenceID."""
    deadline: Literal["utc", "offset", "date"] = "utc"
    indented: bool = False


BIRCH = Pbm("birch_rx", "BIRCHRX", "Birch Rx (made up)", "999801", "BRX", "BRX", taken="010")
ALDER = Pbm(
    "alder_rx",
    "ALDERRX",
    "Alder Rx (made up)",
    "999802",
    "ALD",
    "ALD",
    repeats="again",
    names_case=False,
    deadline="offset",
    indented=True,
)
MAPLE = Pbm(
    "maple_rx", "MAPLERX", "Maple Rx (made up)", "999803", "MPL", "MPL", mailbox=True, taken="003", deadline="date"
)
PBMS = {each.id: each for each in (BIRCH, ALDER, MAPLE)}
BY_ADDRESS = {each.address: each for each in PBMS.values()}
BY_BIN = {each.bin: each for each in PBMS.values()}
