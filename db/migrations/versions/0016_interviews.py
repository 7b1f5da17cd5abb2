"""Performance interviews and what was agreed in them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXTS = ("activity", "products", "skill", "mind", "drive")


def upgrade() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("manager_id", sa.Integer(), sa.ForeignKey("manager.id"), nullable=False),
        sa.Column("branch_id", sa.Integer(), sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=True),
        sa.Column("proposed", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("watched", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in TEXTS),
        sa.Column("real_reason", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=True),
        sa.Column("viewed_at", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("manager_id", "day"),
    )
    op.create_index("ix_interview_branch_id", "interview", ["branch_id"])
    op.create_table(
        "agreed_action",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("interview_id", sa.Integer(), sa.ForeignKey("interview.id"), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
    )
    op.create_index("ix_agreed_action_interview_id", "agreed_action", ["interview_id"])
