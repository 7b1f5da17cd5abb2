"""closed days, hand-overs, merged customers, why an opportunity was lost, who brought a file"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# With what they refer to inside the column: SQLite adds no constraint to a table that is there.
REFERRING = {
    "customer": ("merged_into_id INTEGER REFERENCES customer (id)",),
    "import_batch": (
        "region_id INTEGER REFERENCES region (id)",
        "branch_id INTEGER REFERENCES branch (id)",
        "manager_id INTEGER REFERENCES manager (id)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("from_manager_id", sa.Integer(), nullable=False),
        sa.Column("to_manager_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["from_manager_id"], ["manager.id"]),
        sa.ForeignKeyConstraint(["to_manager_id"], ["manager.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "closed_day",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"]),
        sa.PrimaryKeyConstraint("branch_id", "day"),
    )
    op.create_index("ix_handover_customer_id", "handover", ["customer_id"])
    op.create_index("ix_activity_batch", "activity", ["batch_id"])
    op.create_index("ix_audit_entity", "audit", ["entity", "entity_id"])
    op.add_column("opportunity", sa.Column("lost_reason", sa.String(), nullable=True))
    op.add_column("activity", sa.Column("has_need", sa.Boolean(), nullable=True))
    for table, columns in REFERRING.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
