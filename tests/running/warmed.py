"""Imported once by the server that commands are forked off: what every one of them would make for itself, and alike.

Adapters, and the pages of the API. It took more processor time than what most tests have a command do; so did their
looking for garbage among what was imported.
"""

from __future__ import annotations

import gc

from gateway.api.app import render_pages
from gateway.main.house import load_adapters

load_adapters()
render_pages()
gc.collect()
gc.freeze()
