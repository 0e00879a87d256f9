"""Answers of a service-review API: filed with a Location of its own, and in process until it can be read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from conformance.live.heard import Finding, Heard, held


def location(heard: Heard) -> Iterator[Finding]:
    """RE-03, of filings."""
    if heard.said.frame.method != "POST" or heard.reply.status >= 300:
        return
    told, home = heard.reply.header("location").strip(), heard.said.frame.url
    wrong = ""
    if heard.reply.status not in (201, 202):
        wrong = f"a filing is answered with {heard.reply.status}, not with 201 or 202"
    elif not told:
        wrong = "a filing is answered without a Location"
    else:
        wrong = _astray(told, home)
    yield held("RE-03", not wrong, wrong)


def _astray(told: str, home: str) -> str:
    """Why a Location leads to no review of the collection; nothing where it does."""
    try:
        there, here = urlsplit(urljoin(home, told)), urlsplit(home)
    except ValueError:
        return "the Location is no address"
    collection, asked = there.path.rstrip("/").rpartition("/")[0], here.path.rstrip("/")
    if (there.scheme, there.netloc.lower()) != (here.scheme, here.netloc.lower()):
        return "the Location is on another host: nobody follows it there, a token would go with it"
    if collection.rpartition("/")[2] != asked.rpartition("/")[2]:
        return "the Location is no review of the collection"
    return ""


def process(heard: Heard) -> Iterator[Finding]:
    """RE-01, of reads."""
    if heard.said.frame.method == "GET" and heard.reply.status < 400:
        status = heard.reply.status
        yield held("RE-01", status in (200, 202), f"a read is answered with {status}, neither 200 nor 202")


LOOKS = (location, process)
