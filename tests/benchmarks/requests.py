"""The request of all parts: a regimen of three drugs, as the demo submits it, made anew for each journey."""

from __future__ import annotations

import json
from pathlib import Path

_DEMO = Path(__file__).resolve().parents[2] / "gateway" / "main" / "demo_requests"
_REFERENCE, _MEMBER = "REFERENCE0000000", "SIMAPPROVE00000000"


REGIMEN, DRUG = "carboplatin_pemetrexed_pembrolizumab", "denosumab"


def body(name: str = REGIMEN) -> str:
    """The request as compact JSON. The simulated payer approves it at once."""
    tree = json.loads((_DEMO / f"{name}.json").read_text())
    tree["reference"] = _REFERENCE
    tree["coverages"][0]["member_id"] = _MEMBER
    return json.dumps(tree, separators=(",", ":"))


def fresh(text: str, number: int) -> tuple[str, str]:
    """The same wish of another member under another reference, and that reference. Its length never changes."""
    reference = f"bench-{number:010d}"
    return text.replace(_REFERENCE, reference).replace(_MEMBER, f"SIMAPPROVE{number % 100_000_000:08d}"), reference
