"""The end of a journal, sealed: nobody without the tenant's key can cut entries off unseen."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
