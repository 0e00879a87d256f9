"""Every signing secret that was promised to sign on does so, however often a new one is drawn meanwhile."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
