"""Entries are found by their day, alone and within a branch; opportunities by who looks after them."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_index("ix_activity_branch_day", "activity", ["branch_id", "day"])
    op.create_index("ix_activity_day", "activity", ["day"])
    op.create_index("ix_opportunity_manager_id", "opportunity", ["manager_id"])
