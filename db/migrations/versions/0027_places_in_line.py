"""The place in line by which a wrong password was looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("failed_sign_in", sa.Column("place_hash", sa.String()))
