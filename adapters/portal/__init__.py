"""Payers that have only a web site: a visit for each verb, page by page, in a browser that the gateway has."""

from __future__ import annotations

from adapters.portal.adapter import Portal

ADAPTER = Portal()
