"""The names by which a payer and we know one filing: derived from its stamp, so that they can be derived again.

``PG`` and 20 hex digits of the seed (80 bits) name the attempt; a letter says which thing of it is meant.
"""

from __future__ import annotations

from gateway.contract.adapter import Stamp

TRANSACTION = "0001"
"""ST02. One transaction in every interchange."""


def submission(stamp: Stamp) -> str:
    """BHT03: the submitter's own id of the transaction."""
    return f"PG{stamp.seed[:20].upper()}"


def event(stamp: Stamp) -> str:
    """TRN02 of the patient event (2000E)."""
    return f"{submission(stamp)}E"


def line(stamp: Stamp, place: int) -> str:
    """TRN02 of a service (2000F), by the line's place in the request, counted from 1."""
    return f"{submission(stamp)}L{place:02d}"


def attachment(stamp: Stamp, place: int) -> str:
    """PWK06 of a document, by its place in the request, counted from 1."""
    return f"{submission(stamp)}A{place:02d}"
