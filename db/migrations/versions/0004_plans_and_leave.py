"""tiers of a plan and the days it is meant for; half days of leave"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("plan", sa.Column("tier", sa.String(), nullable=False, server_default="target"))
    op.add_column("plan", sa.Column("from_day", sa.Date(), nullable=True))
    op.add_column("plan", sa.Column("to_day", sa.Date(), nullable=True))
    op.add_column("absence", sa.Column("part", sa.String(), nullable=False, server_default="full"))
    op.drop_index("ux_plan", "plan")
    holders = ", ".join(f"coalesce({name}_id, 0)" for name in ("region", "branch", "manager", "product"))
    op.execute(f"CREATE UNIQUE INDEX ux_plan ON plan (month, measure, {holders}, tier)")
