"""Credentials by name: where they are found, how they are written, and that nothing else tells them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Secret
from gateway.transport.secrets import Secrets


def test_a_secret_comes_from_the_environment_under_its_name_in_capitals() -> None:
    assert Secrets({"GATEWAY_SECRET_DEMO_PASSWORD": "geheim"}).value("demo-password") == b"geheim"


@pytest.mark.parametrize(
    ("content", "value"), [(b"geheim\n", b"geheim"), (b"geheim\r\n", b"geheim"), (b" a\nb\n\n", b" a\nb\n")]
)
def test_a_secret_comes_from_a_file_without_its_last_line_end(tmp_path: Path, content: bytes, value: bytes) -> None:
    (tmp_path / "demo-password").write_bytes(content)
    assert Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)}).value("demo-password") == value


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("file")
    both = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path), "GATEWAY_SECRET_DEMO": "environment"})
    assert both.value("demo") == b"environment"


def test_a_secret_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    (tmp_path / "demo").write_text("old")
    assert secrets.value("demo") == b"old"
    (tmp_path / "demo").write_text("new")
    assert secrets.value("demo") == b"new"


def test_that_a_file_was_written_anew_shows_and_what_it_holds_does_not(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"canary-one")
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    before = secrets.marks()
    assert secrets.marks() == before
    (tmp_path / "new").write_bytes(b"canary-two")
    (tmp_path / "new").replace(tmp_path / "password")
    assert secrets.marks() != before
    assert "canary" not in repr(secrets.marks())
    assert Secrets({}).marks() == Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path / "none")}).marks() == ()


def test_a_missing_empty_or_unreadable_secret_needs_a_person_and_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "folder").mkdir()
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path), "GATEWAY_SECRET_BLANK": ""})
    for name in ("missing", "empty", "folder", "blank"):
        with pytest.raises(NeedsPerson, match=f"the secret {name} is not set"):
            secrets.value(name)


@pytest.mark.parametrize("name", ["../passwd", "a/b", "", ".hidden", "UPPER", "a" * 200])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "passwd").write_text("root")
    with pytest.raises(NeedsPerson):
        Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)}).value(name)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1))
def test_a_secret_in_xml_is_read_back_as_it_was(value: str) -> None:
    secrets = Secrets({"GATEWAY_SECRET_DEMO": value + "\t\r\n"})
    text = secrets.fill((b"<a b='", Secret("demo", escape="xml"), b"'>", Secret("demo", escape="xml"), b"</a>"))
    element = etree.fromstring(text)
    assert element.text == value + "\t\r\n"
    assert element.get("b") == value + "\t\r\n"


def test_a_secret_that_xml_cannot_carry_needs_a_person(tmp_path: Path) -> None:
    for value in (b"a\x1fb", b"\xff\xfe"):
        (tmp_path / "demo").write_bytes(value)
        secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
        with pytest.raises(NeedsPerson) as caught:
            secrets.fill((Secret("demo", escape="xml"),))
        assert "demo" in str(caught.value)
        assert repr(value) not in repr(caught.value)
        assert secrets.fill((b"<", Secret("demo"), b">")) == b"<" + value + b">"
