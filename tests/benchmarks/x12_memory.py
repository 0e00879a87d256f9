"""Checks so many megabytes of 278 requests, read as they come, and prints the process's largest size in kilobytes.

``alike`` they are all of the same segments; as ``shapes`` no two of them are; as ``one`` they are all the services of
one request, which is refused where that is longer than anybody looks at.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from adapters.x12_278.codec.malformed import LIMITS
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from gateway.main.config import PROJECT
from gateway.profiles.guides import read_guides
from tests.benchmarks.x12_documents import NEW, interchange, one_request, shapes, size_of


def main(kind: str, megabytes: int) -> None:
    files = read_guides(PROJECT / "mappings", "x12")
    size = megabytes * 1_000_000
    if kind == "one":
        document = one_request(size)
    else:
        document = shapes(size) if kind == "shapes" else interchange(NEW, size // size_of(NEW))
    report = check(document, Guides(files.files, files.rules), lambda _: None)
    if not report.ok and (kind != "one" or report.segments < LIMITS.transaction):
        raise SystemExit("the requests are not right")
    # Linux alone has it. getrusage would tell of whoever started this process too, if that was larger.
    print(*re.findall(r"VmHWM:\s*([0-9]+) kB", Path("/proc/self/status").read_text()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
