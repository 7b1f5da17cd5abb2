"""Customers who were forgotten, and the keys that the personal values of the trail are sealed with."""

import sqlalchemy as sa
from alembic import op

from db import audit_chain

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "trail_key",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
    )
    op.add_column("customer", sa.Column("token", sa.String(), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("forgotten_at", sa.DateTime(), nullable=True))
    audit_chain.reseal(op.get_bind())
