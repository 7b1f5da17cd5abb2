"""Managers confirm what was promised for them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("promise", sa.Column("confirmed_at", sa.DateTime(), nullable=True))
