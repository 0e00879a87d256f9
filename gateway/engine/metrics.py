"""What the engine counts. Labels are words of ours and ids of connections; never anything of a case."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from gateway.contract.errors import ExchangeError
from gateway.model.outcome import Outcome

EXCHANGES = Counter("gateway_exchanges_total", "Exchanges with payers, by verb and result.", ["verb", "result"])
EXCHANGE_SECONDS = Histogram(
    "gateway_exchange_seconds",
    "Seconds from the first byte said to the reply read.",
    ["verb"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60),
)
ACCEPTED = Counter("gateway_requests_accepted_total", "Requests accepted.", ["mode"])
MOVES = Counter("gateway_status_moves_total", "Case status changes, by the status moved to.", ["status"])
DUE = Counter("gateway_due_total", "Timers that rang, by what for.", ["due"])
BREAKER = Gauge(
    "gateway_connection_open", "1 while a connection takes exchanges, 0 while its breaker is open.", ["connection"]
)
ARRIVALS = Counter("gateway_arrivals_total", "Files from payers, by what became of them.", ["connection", "result"])
STUCK = Gauge(
    "gateway_arrivals_stuck",
    "Files from a connection's payers that could not be opened for some looks, and wait.",
    ["connection"],
)
MAILBOX = Gauge(
    "gateway_mailbox_reached",
    "1 while a connection's mailbox can be looked into, 0 after it could not.",
    ["connection"],
)


def exchanged(verb: str, outcome: Outcome | None, error: ExchangeError | None, seconds: float) -> None:
    """Count one exchange."""
    result = outcome.answer.value if outcome is not None else type(error).__name__
    EXCHANGES.labels(verb, result).inc()
    EXCHANGE_SECONDS.labels(verb).observe(seconds)
