"""Where the values of a shown case were read: from the sources of each outcome to the document a caller sees.

An outcome's sources are pointers into that outcome. A case shows values of several outcomes, each of which is found
again by being equal to what the outcome said. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.model.outcome import Outcome, Source
from gateway.model.standing import Standing

_SHOWN_OF_LINE = frozenset(
    {
        "outcome",
        "quantity",
        "period",
        "place_of_service",
        "provider_npi",
        "authorization_number",
        "reasons",
    }
)


def sources_of(standing: Standing, line_ids: Sequence[str], heard: Sequence[Outcome]) -> dict[str, Source]:
    """JSON Pointers into the shown case, each with the place its value was read. The latest outcome is believed."""
    found: dict[str, Source] = {}
    for outcome in heard:
        for before, after in _moved(standing, line_ids, outcome):
            for pointer, source in outcome.sources.items():
                if pointer == before or pointer.startswith(before + "/"):
                    found[after + pointer[len(before) :]] = source
    return found


def _moved(standing: Standing, line_ids: Sequence[str], outcome: Outcome) -> Iterator[tuple[str, str]]:
    """From where a value stands in the outcome to where the case shows it."""
    for index, result in enumerate(outcome.lines):
        if result.line is not None and result.line in line_ids and standing.lines.get(result.line) == result:
            place = line_ids.index(result.line)
            for part in _SHOWN_OF_LINE:
                yield f"/lines/{index}/{part}", f"/lines/{place}/{part}"
        for number, reason in enumerate(result.reasons):
            if reason in standing.reasons:
                yield f"/lines/{index}/reasons/{number}", f"/reasons/{standing.reasons.index(reason)}"
    if outcome.expected_by is not None and outcome.expected_by == standing.expected_by:
        yield "/expected_by", "/expected_by"
    shown: Mapping[str, tuple[Sequence[object], Sequence[object]]] = {
        "reasons": (outcome.reasons, standing.reasons),
        "references": (outcome.references, standing.references),
        "requested": (outcome.requested, standing.requested),
        "contacts": (outcome.contacts, standing.contacts),
        "follow_up": (outcome.follow_up, standing.follow_up),
    }
    for name, (said, held) in shown.items():
        for index, item in enumerate(said):
            if item in held:
                yield f"/{name}/{index}", f"/{name}/{held.index(item)}"
