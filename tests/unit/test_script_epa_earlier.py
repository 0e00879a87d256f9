"""A SCRIPT payer that answers with the number of an earlier request: nothing that is said of this one ends that one."""

from __future__ import annotations

import pytest

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Filed
from gateway.contract.drive import drive
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Frame, Https, Reply
from gateway.model.outcome import Outcome, Reference, ReferenceKind
from tests.unit.script_material import CANCEL, FILED, LATER, TO, answer, heard, id_of, reply, status

EARLIER, OWN = "EARLIER-1", "OWN-1"
REVIEW, PREVIOUS = ReferenceKind.REVIEW, ReferenceKind.PREVIOUS_REVIEW


def filed(*references: Reference) -> Filed:
    return FILED.model_copy(update={"references": references})


def closed(codes: tuple[str, ...], before: Filed, number: str = EARLIER) -> Outcome:
    told = "".join(f"<ReasonCode>{code}</ReasonCode>" for code in codes)
    inside = f"<Closed><PACaseID>{number}</PACaseID>{told}</Closed>"
    return heard(answer("PAInitiationResponse", inside), filed=before)


def cancelled_under(before: Filed) -> list[bytes]:
    """What goes out where it is cancelled."""
    sent: list[bytes] = []

    def take(frame: Frame) -> Reply:
        assert isinstance(frame, Https)
        assert frame.document is not None
        sent.append(frame.document)
        return reply(status(relates=id_of(frame.document)))

    drive(ADAPTER.amend(before, CANCEL, TO, LATER), take)
    return sent


@pytest.mark.parametrize("codes", [("CG",), ("CF",), ("FQ",), ("CG", "CG"), ("CF", "ZZ"), ("CG", "CF")])
def test_the_number_of_an_earlier_request_is_never_cancelled_under(codes: tuple[str, ...]) -> None:
    outcome = closed(codes, filed())
    assert [(each.kind, each.value) for each in outcome.references] == [(PREVIOUS, EARLIER)]
    with pytest.raises(CannotExpress, match="an earlier request's"):
        cancelled_under(filed(*outcome.references))


@pytest.mark.parametrize("code", ["CG", "CF", "FQ"])
def test_no_answer_to_the_earlier_request_is_heard_here_by_its_number(code: str) -> None:
    assert ADAPTER.numbers(closed((code,), filed()).references) == frozenset()
    assert len(ADAPTER.numbers(closed(("CY",), filed()).references)) == 1  # for its appeal


def test_what_was_an_earlier_requests_number_stays_it() -> None:
    before = filed(*closed(("CG",), filed()).references)
    later = heard(answer("PAResponse", f"<InProcess><PACaseID>{EARLIER}</PACaseID></InProcess>"), filed=before)
    assert [each.kind for each in later.references] == [PREVIOUS]


def test_a_number_that_this_request_had_already_is_cancelled_under() -> None:
    own = Reference(kind=REVIEW, value=OWN)
    outcome = closed(("CF",), filed(own), OWN)
    assert outcome.references[0] == own
    [sent] = cancelled_under(filed(own, *outcome.references))
    assert f"<PACaseID>{OWN}</PACaseID>".encode() in sent


def test_what_gets_a_number_of_its_own_later_is_cancelled_under_that() -> None:
    before = filed(*closed(("CG",), filed()).references)
    later = heard(answer("PAResponse", f"<InProcess><PACaseID>{OWN}</PACaseID></InProcess>"), filed=before)
    [sent] = cancelled_under(filed(*before.references, *later.references))
    assert f"<PACaseID>{OWN}</PACaseID>".encode() in sent
