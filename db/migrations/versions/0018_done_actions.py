"""When an agreed action was done, and who said so."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("agreed_action", sa.Column("done_on", sa.Date(), nullable=True))
    op.add_column("agreed_action", sa.Column("done_by", sa.String(), nullable=True))
