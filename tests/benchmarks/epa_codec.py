"""`epa_codec`: microseconds to read a payer's message with thirty questions, and to write the answers to it.

`decode` goes from the bytes of a PAInitiationResponse, with its envelope, to the questions of the model. `encode` goes
from the answers to the bytes of a PARequest: the answers go between the payer's own bytes, so it reads the payer's
message again, finds the places, writes the case's other parts and holds all against the standard's bounds. Nothing is
kept from one turn to the next. The floor parses and serialises the payer's bytes with lxml.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from lxml import etree

from adapters.script_epa.asking.requests import write_answers
from adapters.script_epa.codec.envelope import receive
from adapters.script_epa.codec.questions import question_part, read_questions
from gateway.model.questions import QuestionSet
from tests.benchmarks.epa_documents import answers_to, asked
from tests.benchmarks.result import Result
from tests.unit.script_material import FILED, LATER, TO

ROUNDS = 25


def measure() -> Result:
    """Codec and floor in turns; medians of microseconds."""
    document = asked()
    questions = _decode(document)
    filed, answers = FILED.model_copy(update={"asked": document}), answers_to(questions)
    written, _ = write_answers(filed, answers, TO, LATER)

    def encode() -> None:
        write_answers(filed, answers, TO, LATER)

    def decode() -> None:
        _decode(document)

    def floor() -> None:
        etree.tostring(etree.fromstring(document))

    turns = [(_microseconds(encode), _microseconds(decode), _microseconds(floor)) for _ in range(ROUNDS)]
    return Result(
        name="epa_codec",
        unit="us/30 questions",
        rounds=[(encoding + decoding, 2 * parsing) for encoding, decoding, parsing in turns],
        goal="encode and decode under 1000 each",
        more={
            "encode_us": median(turn[0] for turn in turns),
            "decode_us": median(turn[1] for turn in turns),
            "least_encode_us": min(turn[0] for turn in turns),
            "least_decode_us": min(turn[1] for turn in turns),
            "least_floor_us": min(turn[2] for turn in turns),
            "asked_bytes": len(document),
            "answered_bytes": len(written),
        },
    )


def _decode(document: bytes) -> QuestionSet:
    message = receive(document)
    part = question_part(message)
    assert part is not None
    return read_questions(message, part, [].append)


def _microseconds(work: Callable[[], object], times: int = 20) -> float:
    """Processor time, so that a busy machine counts for little."""
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6
