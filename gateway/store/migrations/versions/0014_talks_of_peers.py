"""Talks of peers over denials have an end, and somebody looks when it is near and when it is over."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
