"""X12 278: prior authorization over a clearinghouse. Pure translation; the gateway moves the bytes."""

from adapters.x12_278.adapter import X12Review

ADAPTER = X12Review()

__all__ = ["ADAPTER"]
