"""customers are compared by the normal form of their names; references are kept in it; headings of a branch's own files"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from db import identity

revision = "0012"
down_revision = "0011"
AT_ONCE = 5_000


def upgrade() -> None:
    op.create_table(
        "file_heading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"]),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("customer", sa.Column("name_key", sa.String(), nullable=False, server_default=""))
    op.drop_index("ix_customer_branch_name", "customer")
    op.create_index("ix_customer_branch_name", "customer", ["branch_id", "name_key"])
    write("UPDATE customer SET name_key = :new WHERE id = :id", [(one, identity.key(name)) for one, name in names()])
    write("UPDATE activity SET reference = :new WHERE id = :id", moved("activity", "reference", identity.key))
    write("UPDATE account SET login = :new WHERE id = :id", moved("account", "login", identity.half_width))


def names() -> list[tuple[int, str]]:
    return [(one, name) for one, name in op.get_bind().execute(sa.text("SELECT id, name FROM customer"))]


def moved(table: str, column: str, form: Callable[[str], str]) -> list[tuple[int, str]]:
    """The rows whose value is not in its normal form, where no other row has that already: two that are equal in it stay
    apart, as they were."""
    held = sa.text(f"SELECT id, {column} FROM {table} WHERE {column} NOT LIKE 'file-%'")
    changed: dict[str, int] = {}
    for one, value in op.get_bind().execute(held):
        if form(value) != value:
            changed.setdefault(form(value), one)
    taken = sa.text(f"SELECT 1 FROM {table} WHERE {column} = :form")
    return [(one, new) for new, one in changed.items() if not op.get_bind().execute(taken, {"form": new}).first()]


def write(statement: str, rows: list[tuple[int, str]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        some = [{"id": one, "new": new} for one, new in rows[start : start + AT_ONCE]]
        op.get_bind().execute(sa.text(statement), some)
