"""Visiting days, their groups, and who else was there at a visit."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def key_to(table: str, name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=nullable, primary_key=primary_key)


def upgrade() -> None:
    op.create_table(
        "visiting_day",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("branch", "branch_id"),
        sa.Column("day", sa.Date(), nullable=False),
        key_to("manager", "leader_id", nullable=True),
        key_to("territory", "territory_id", nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("branch_id", "day"),
    )
    op.create_table(
        "visiting_place",
        key_to("visiting_day", "visiting_day_id", primary_key=True),
        key_to("manager", "manager_id", primary_key=True),
        sa.Column("group_number", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
    )
    op.create_table(
        "visit_partner",
        key_to("activity", "activity_id", primary_key=True),
        key_to("manager", "manager_id", primary_key=True),
        sa.Column("part", sa.String(), nullable=False),
    )
