"""NCPDP SCRIPT electronic prior authorization: the pharmacy benefit, asked of pharmacy benefit managers."""

from __future__ import annotations

from adapters.script_epa.adapter import ElectronicPriorAuthorization

ADAPTER = ElectronicPriorAuthorization()
