"""Promises for a week beside those for a day; what was promised late; own reasons; the day a meeting was held on."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
COLUMNS = ("manager_id", "branch_id", "day", "measure", "target", "confirmed_at")


def key_to(table: str, name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=False)


def upgrade() -> None:
    op.rename_table("promise", "promise_of_a_day")  # its key has no name that both engines could drop it by
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("manager", "manager_id"),
        key_to("branch", "branch_id"),
        sa.Column("grain", sa.String(), nullable=False, server_default="day"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("manager_id", "grain", "day", "measure"),
    )
    columns = ", ".join(COLUMNS)
    op.execute(f"INSERT INTO promise ({columns}) SELECT {columns} FROM promise_of_a_day ORDER BY id")
    op.drop_table("promise_of_a_day")
    op.add_column("meeting", sa.Column("held_on", sa.Date(), nullable=True))
    op.create_table(
        "own_reason",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("meeting", "meeting_id"),
        key_to("manager", "manager_id"),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("meeting_id", "manager_id"),
    )
