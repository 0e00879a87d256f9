"""A payer's site may want a person; and a session at one is kept, so that nobody signs in twice."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
