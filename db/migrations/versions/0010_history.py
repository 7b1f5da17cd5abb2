"""Every write leaves a token of its own with its version."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"


def upgrade() -> None:
    history = op.create_table(
        "history",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("token", sa.String(), nullable=False),
    )
    for (version,) in op.get_bind().execute(sa.text("SELECT value FROM change_counter")):
        op.bulk_insert(history, [{"version": version, "token": secrets.token_hex(8)}])
