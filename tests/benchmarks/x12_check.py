"""`x12_check_segments`, `x12_check_transaction`, `x12_check_split`: the checker beside pyx12 and beside `split`.

pyx12 validates what is as alike as can be on its own map of the older guide, for it ships none of this one. Its reader
(segments, envelope and counts, no guide) is measured beside it. linuxforhealth-x12 has no 278 at all, and does not load
beside the pydantic that is used here.
"""

from __future__ import annotations

import gc
import io
import logging
import math
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from statistics import median

from pyx12.params import ParamsBase
from pyx12.x12file import X12Reader
from pyx12.x12n_document import x12n_document

from adapters.x12_278.asked import Asked
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.settings import connection_settings
from gateway.main.config import PROJECT
from gateway.profiles.guides import read_guides
from tests.benchmarks import requests, x12_codec
from tests.benchmarks.result import Result
from tests.benchmarks.x12_documents import NEW, OLD, interchange, size_of, varied

MEGABYTE = 1_000_000
ROUNDS = 3
_MORE_ROUNDS = 15


@cache
def guides() -> Guides:
    files = read_guides(PROJECT / "mappings", "x12")
    return Guides(files.files, files.rules)


def segments() -> Result:
    """Segments checked in a second, of a file of a megabyte: of requests that are alike, by a process that has seen
    such; and beside it, in the same rounds, by one that has not, of requests that vary, and of such with warnings."""
    ours, mixed, warned = _file(NEW), b"".join(varied(MEGABYTE)), b"".join(varied(MEGABYTE, warned=True))
    text = _file(OLD).decode()
    kinds = {
        "alike": (ours, guides),
        "cold": (ours, _fresh()),
        "varied": (mixed, guides),
        "varied_and_cold": (mixed, _fresh()),
        "warned": (warned, guides),
    }
    rounds: list[tuple[dict[str, float], float]] = [
        (
            {
                name: document.count(b"~") / _seconds(partial(_accepted, document, known), 1)
                for name, (document, known) in kinds.items()
            },
            text.count("~") / _seconds(lambda: _validated(text), 1),
        )
        for _ in range(ROUNDS)
    ]
    reader = text.count("~") / _seconds(lambda: [None for _ in X12Reader(io.StringIO(text))], 1)
    others = [name for name in kinds if name != "alike"]
    return Result(
        name="x12_check_segments",
        unit="segments/s",
        rounds=[(rates["alike"], floor) for rates, floor in rounds],
        goal="at least 50 times pyx12's validator",
        more={
            **{f"{name}_segments_per_second": median(rates[name] for rates, _ in rounds) for name in others},
            **{f"{name}_ratio": median(rates[name] / floor for rates, floor in rounds) for name in others},
            "pyx12_reader_segments_per_second": reader,
            "peak_kb_of_1_mb": _kilobytes("alike", 1),
            "peak_kb_of_32_mb": _kilobytes("alike", 32),
            "peak_kb_of_5_mb_of_many_shapes": _kilobytes("shapes", 5),
            "peak_kb_of_20_mb_of_many_shapes": _kilobytes("shapes", 20),
            "peak_kb_of_one_transaction_of_2_mb": _kilobytes("one", 2),
            "peak_kb_of_one_transaction_of_20_mb": _kilobytes("one", 20),
        },
    )


def transaction() -> Result:
    """Answers about one drug read, checked and normalised in a second, beside requests for one that pyx12 validates."""
    drug, regimen = _reading(requests.DRUG), _reading(requests.REGIMEN)
    one, text = b"".join(interchange(NEW, 1, 1)), b"".join(interchange(OLD, 1, 1)).decode()
    rounds = [(1 / _seconds(drug, 100), 1 / _seconds(lambda: _validated(text), 3)) for _ in range(_MORE_ROUNDS)]
    return Result(
        name="x12_check_transaction",
        unit="278/s",
        rounds=rounds,
        goal="at least 200 times pyx12's validator",
        more={
            "answer_us": _seconds(drug, 100) * 1e6,
            "answer_of_three_lines_us": _seconds(regimen, 100) * 1e6,
            "request_checked_us": _seconds(lambda: _accepted(one), 100) * 1e6,
            "request_checked_by_pyx12_us": _seconds(lambda: _validated(text), 3) * 1e6,
        },
    )


def _reading(name: str) -> Callable[[], None]:
    """Read, check and normalise the simulated payer's answer to a request of that name."""
    talk = x12_codec.conversation(name)
    company = connection_settings(talk.to).company_id

    def read() -> None:
        _accepted(talk.answer)
        hear(talk.answer, Asked("file", talk.request, talk.stamp, talk.stamp, company, {}), talk.to)

    return read


def split() -> Result:
    """Segments checked in a second, beside those that are only cut at their terminators."""
    file = _file(NEW)
    number, text = file.count(b"~"), file.decode()
    rounds = [
        (number / _seconds(lambda: _accepted(file), 1), number / _seconds(lambda: text.split("~"), 10))
        for _ in range(_MORE_ROUNDS)
    ]
    return Result(name="x12_check_split", unit="segments/s", rounds=rounds, goal="the floor: nothing but cutting")


def _file(guide: str) -> bytes:
    return b"".join(interchange(guide, MEGABYTE // size_of(guide)))


def _fresh() -> Callable[[], Guides]:
    """Guides that nothing was compiled of, each time: what a process of its own begins with."""
    files = read_guides(PROJECT / "mappings", "x12")
    return lambda: Guides(files.files, files.rules)


def _accepted(document: bytes, known: Callable[[], Guides] = guides) -> None:
    if not check(document, known(), lambda _: None).ok:
        raise RuntimeError("the checker refuses what it is measured with")


def _validated(text: str) -> None:
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    settings = ParamsBase()
    settings.set("charset", "E")
    if not x12n_document(settings, io.StringIO(text), None, None):
        raise RuntimeError("pyx12 refuses what it is measured with")


def _kilobytes(kind: str, megabytes: int) -> float:
    """The largest size of a process of its own that checks so many megabytes."""
    words = [sys.executable, "-m", "tests.benchmarks.x12_memory", kind, str(megabytes)]
    return float(subprocess.run(words, check=True, capture_output=True, cwd=PROJECT).stdout)


def _seconds(work: Callable[[], object], times: int) -> float:
    """Processor time of one: the least of several, for whatever else the machine does only adds to it.

    What others left behind is cleared away first: pyx12 leaves a map, and whoever came next would have paid for it.
    """
    work()
    gc.collect()
    least = math.inf
    for _ in range(times):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return least
