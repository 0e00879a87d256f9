"""What lies in a mailbox, is kept, and could not be put away there is known, so that it is not fetched at each look."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
