"""Meetings: agendas, who was there, notes, commitments, and the day's result when it was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def key_to(table: str, name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=nullable, primary_key=primary_key)


def upgrade() -> None:
    op.create_table(
        "day_result",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("branch", "branch_id"),
        key_to("manager", "manager_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("promised", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("manager_id", "day", "measure"),
    )
    op.create_index("ix_day_result_branch_id", "day_result", ["branch_id"])
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("branch", "branch_id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("chair", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("item_since", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("branch_id", "kind", "day"),
    )
    op.create_table(
        "meeting_item",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("meeting", "meeting_id"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("used_seconds", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("meeting_id", "key"),
    )
    op.create_table(
        "meeting_note",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("meeting", "meeting_id"),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("meeting_id", "item", "author"),
    )
    op.create_table(
        "attendance",
        key_to("meeting", "meeting_id", primary_key=True),
        key_to("manager", "manager_id", primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("branch", "branch_id"),
        key_to("meeting", "meeting_id"),
        sa.Column("item", sa.String(), nullable=False),
        key_to("manager", "manager_id", nullable=True),
        key_to("manager", "about_id", nullable=True),
        sa.Column("reaction", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
    )
    op.create_index("ix_commitment_branch_id", "commitment", ["branch_id"])
    op.create_index("ix_commitment_meeting_id", "commitment", ["meeting_id"])
    op.create_table(
        "agenda",
        sa.Column("id", sa.Integer(), primary_key=True),
        key_to("region", "region_id"),
        key_to("branch", "branch_id", nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
    )
    op.create_index("ix_agenda_region_id", "agenda", ["region_id"])
