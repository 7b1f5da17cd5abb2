"""Which write touched each part of the bank last."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "part_version",
        sa.Column("part", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
    )
    op.execute(
        "INSERT INTO part_version (part, version, token)"
        " SELECT 'other', history.version, history.token FROM history, change_counter"
        " WHERE history.version = change_counter.value"
    )
