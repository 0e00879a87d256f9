"""By when payers have to decide."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0009"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
