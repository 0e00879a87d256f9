"""What several files of unit tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.profile_material import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
