"""A request is checked against its payer's policy before it is taken; a tenant says what becomes of one that fails."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
