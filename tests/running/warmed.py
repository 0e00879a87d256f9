"""Imported once by the server that commands are forked off: what every one of them would import, or make, for itself.

It is the same in all of them, and took more processor time than most of what tests have them do.
"""

from __future__ import annotations

import alembic.context
import pgqueuer

import conformance.simulators.core_payer
import gateway.main.serve
from gateway.api.app import render_pages
from gateway.main.house import load_adapters

load_adapters()
render_pages()
