"""Large imports in portions: the version that accepts a batch, and which batch brought a customer or an opportunity."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("version", sa.Integer(), nullable=True))
    op.execute("UPDATE import_batch SET version = 0")
    op.create_index("ix_import_batch_version", "import_batch", ["version"])
    for table in ("customer", "opportunity"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN batch_id INTEGER REFERENCES import_batch (id)")
