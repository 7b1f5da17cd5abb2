"""When something was last written in a meeting, and whether it is over without anybody having ended it."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
BEFORE_ANY = datetime(2000, 1, 1)


def upgrade() -> None:
    written = sa.Column("last_written_at", sa.DateTime(), nullable=False, server_default=sa.literal(BEFORE_ANY))
    op.add_column("meeting", written)
    op.add_column("meeting", sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))
    moments = ("started_at", "item_since", "ended_at", "last_written_at")
    meeting = sa.table("meeting", sa.column("id"), *(sa.column(one, sa.DateTime()) for one in moments))
    note = sa.table("meeting_note", sa.column("meeting_id"), sa.column("written_at", sa.DateTime()))
    own = sa.select(sa.func.max(note.c.written_at)).where(
        note.c.meeting_id == meeting.c.id, note.c.written_at > meeting.c.item_since
    )
    latest = sa.func.coalesce(meeting.c.ended_at, own.scalar_subquery(), meeting.c.item_since, meeting.c.started_at)
    op.execute(sa.update(meeting).values(last_written_at=latest))
