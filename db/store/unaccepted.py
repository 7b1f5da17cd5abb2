"""What a large import has stored and not accepted yet is there for nobody: one condition, put into every statement that
reads one of these tables, whoever writes it. Changes and deletions reach such rows."""

from sqlalchemy import Table, column, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import TableClause

ARRIVING = ("activity", "customer", "opportunity")  # tables whose rows come with a batch


@compiles(Table)
def accepted_rows(element: Table, compiler: SQLCompiler, **how: object) -> str:
    """The table as a statement names it; where it is read from and batches come into it, the accepted rows of it."""
    written = compiler.visit_table(element, **how)
    is_read = how.get("asfrom") and not how.get("iscrud")
    if not is_read or element.name not in ARRIVING:
        return written
    waiting = "SELECT id FROM import_batch WHERE version IS NULL"
    there = f"(SELECT * FROM {written} WHERE batch_id IS NULL OR batch_id NOT IN ({waiting}))"
    return there if how.get("enclosing_alias") is not None else f"{there} AS {written}"


def every_row(name: str, *columns: str) -> TableClause:
    """One of the tables with whatever lies in it, unaccepted rows too."""
    return table(name, *(column(one) for one in columns))
