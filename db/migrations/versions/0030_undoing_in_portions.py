"""Undoing large imports in portions: from which version on a batch is gone whose rows are still being withdrawn, and
which of them stay."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("undo_version", sa.Integer(), nullable=True))
    op.create_index("ix_import_batch_undo_version", "import_batch", ["undo_version"])
    op.create_table(
        "kept_entry",
        sa.Column("activity_id", sa.Integer(), sa.ForeignKey("activity.id"), primary_key=True, autoincrement=False),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("import_batch.id"), nullable=False),
    )
