"""What a visit must not believe: a number that is another member's, a namesake, a clock that goes wrong, a page that
contradicts itself."""

from __future__ import annotations

import pytest

from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Reply
from tests.unit.portal_material import exchange_of, played, replies_of


def reworded(name: str, said: bytes, instead: bytes) -> list[Reply]:
    """The replies of a case with other words on their pages, which must be there."""
    replies = replies_of(name)
    assert any(said in each.body for each in replies), said
    return [Reply(200, each.headers, each.body.replace(said, instead)) for each in replies]


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("ironwood_withdrawn", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
        ("ironwood_documents_sent", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
        ("juniper_information_sent", b"definition: SIMAPPROVE01", b"definition: SIMAPPROVE02"),
    ],
)
def test_nothing_is_changed_of_a_request_that_is_another_members(name: str, said: bytes, instead: bytes) -> None:
    """A person may have settled the case with a number that is not the patient's."""
    frames, end = played(exchange_of(name), reworded(name, said, instead))
    assert not any(frame.effect for frame in frames)
    assert isinstance(end, NeedsPerson)
    assert end.only_this
