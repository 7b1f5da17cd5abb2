"""Visiting days that repeat, and the reason where one is cancelled. A visit made together is known by the groups of its
day: nobody is named beside an entry any more."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.drop_table("visit_partner")
    op.create_table(
        "visiting_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("branch_id", sa.Integer(), sa.ForeignKey("branch.id"), nullable=False, index=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
    )
    op.add_column("visiting_day", sa.Column("cancelled", sa.String(), nullable=True))
    rule = sa.Column("rule_id", sa.Integer(), sa.ForeignKey("visiting_rule.id"), nullable=True)
    op.add_column("visiting_day", rule, inline_references=True)
