"""The access log and the counters of the door: what was asked in which shape, how it ended, how long it took.

A route's template, never a path; an id of a key, never a key. Knows no body.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("gateway_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "gateway_http_seconds",
    "Seconds from the head of a request read to its answer ready.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
OPEN = Gauge("gateway_http_requests_open", "Requests being worked on.")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"

# A look-up of a child by its labels costs more than counting.
_requests = cache(REQUESTS.labels)
_seconds = cache(SECONDS.labels)

_log = structlog.get_logger("api.access")


def record(method: str, route: str, status: int, began: float, request_id: str, key_id: Any) -> None:
    """Log and count one answered request. ``began`` is of time.perf_counter."""
    took = time.perf_counter() - began
    method = method if method in _METHODS else "other"  # the method is the caller's own word
    _requests(method, route, status).inc()
    _seconds(method, route).observe(took)
    _log.info(
        "request_answered",
        method=method,
        route=route,
        status=status,
        ms=round(took * 1000, 2),
        request_id=request_id,
        key_id=key_id,
    )
