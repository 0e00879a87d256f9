"""The shipped code tables: every word exists, every code the adapter writes is read back, nothing is half filled."""

from __future__ import annotations

from typing import get_args

import pytest

from adapters.x12_278.asking.announce import DOCUMENT_TYPES
from adapters.x12_278.tables import CODE_TABLES, DocumentKind
from gateway.model.outcome import Answer
from gateway.model.request import Attachment
from tests.x12_material import tables

KINDS = set(get_args(Attachment.model_fields["kind"].annotation))


@pytest.mark.parametrize("name", sorted(CODE_TABLES))
def test_every_word_of_a_table_exists(name: str) -> None:
    words = {word.value for word in CODE_TABLES[name]}
    assert {entry.means for entry in tables()[name].codes.values()} <= words


@pytest.mark.parametrize("name", sorted(CODE_TABLES))
def test_every_code_is_said_in_a_sentence(name: str) -> None:
    for entry in tables()[name].codes.values():
        assert entry.says.strip()
        assert len(entry.says) < 100


def test_document_kinds_are_those_of_an_attachment() -> None:
    assert {kind.value for kind in DocumentKind} == set(DOCUMENT_TYPES) == KINDS


def test_a_document_type_that_is_written_is_read_as_the_same_kind() -> None:
    read = tables()["pwk01"].codes
    assert {kind: read[code].means for kind, code in DOCUMENT_TYPES.items()} == {kind: kind for kind in KINDS}


def test_only_one_word_proves_that_a_filing_is_absent() -> None:
    codes = tables()["x12_aaa03_inquiry"].codes
    assert [code for code, entry in codes.items() if entry.means == Answer.NOT_FOUND] == ["NC"]
    assert {Answer(entry.means) for entry in codes.values()} == {Answer.NOT_FOUND, Answer.UNMAPPED}
