"""Carriers: how an X12 interchange travels to a partner and back (an envelope around it, never its content).

A carrier knows envelopes and nothing of 278s; the rest of the adapter knows 278s and nothing of envelopes.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.x12_278.carriers.carrier import Carrier
from adapters.x12_278.carriers.core_mime import CoreMime
from adapters.x12_278.carriers.core_soap import CoreSoap
from adapters.x12_278.carriers.refusal import EnvelopeRefused
from adapters.x12_278.carriers.rest_x12 import RestX12

CARRIERS: Mapping[str, Carrier] = {"core_mime": CoreMime(), "core_soap": CoreSoap(), "rest_x12": RestX12()}
"""Every carrier by the name that connection settings use."""

__all__ = ["CARRIERS", "Carrier", "EnvelopeRefused"]
