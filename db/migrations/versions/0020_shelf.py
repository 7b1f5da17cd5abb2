"""The shelf: entries to learn from, and who has seen them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def key_to(table: str, name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=nullable, primary_key=primary_key)


def upgrade() -> None:
    op.create_table(
        "shelf_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("region", "region_id"),
        key_to("branch", "branch_id", nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("done", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("lesson", sa.String(), nullable=True),
        sa.Column("trade", sa.String(), nullable=True),
        sa.Column("customer_kind", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("months", sa.JSON(), nullable=False),
        key_to("product", "product_id", nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        key_to("meeting", "meeting_id", nullable=True),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
    )
    op.create_index("ix_shelf_entry_region_id", "shelf_entry", ["region_id"])
    op.create_table(
        "shelf_view",
        key_to("shelf_entry", "entry_id", primary_key=True),
        sa.Column("account", sa.String(), primary_key=True),
        key_to("branch", "branch_id", nullable=True),
        key_to("manager", "manager_id", nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
