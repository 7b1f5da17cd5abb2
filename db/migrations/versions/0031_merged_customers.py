"""Merged customers are found by the record they went into: without it every customer that is deleted, as a large import
is that broke off, asked all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        "ix_customer_merged_into", "customer", ["merged_into_id"], sqlite_where=merged, postgresql_where=merged
    )
