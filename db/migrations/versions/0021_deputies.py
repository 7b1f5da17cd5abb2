"""Deputies: who stands in for a branch's head from day to day."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("branch_id", sa.Integer(), sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("manager_id", sa.Integer(), sa.ForeignKey("manager.id"), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_deputy_branch_id", "deputy", ["branch_id"])
    op.create_index("ix_deputy_manager_id", "deputy", ["manager_id"])
