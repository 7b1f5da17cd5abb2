"""Who looks after which territory, and what customers held before the log."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "territory_owner",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("territory_id", sa.Integer(), sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("manager_id", sa.Integer(), sa.ForeignKey("manager.id"), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.CheckConstraint("share > 0 AND share <= 1", name="share_of_one"),
    )
    op.create_index("ix_territory_owner_territory_id", "territory_owner", ["territory_id"])
    op.create_index("ix_territory_owner_manager_id", "territory_owner", ["manager_id"])
    op.create_table(
        "holding",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("customer_id", sa.Integer(), sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("product.id"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.UniqueConstraint("customer_id", "product_id", "since"),
    )
    op.create_index("ix_holding_customer_id", "holding", ["customer_id"])
    op.create_index("ix_customer_territory_id", "customer", ["territory_id"])
