"""Prior authorization over a JSON service-review API: a review is filed, and read at its address until decided."""

from __future__ import annotations

from adapters.rest_review.adapter import ServiceReviews

ADAPTER = ServiceReviews()
