"""What a large import has stored and not accepted yet is there for nobody, and no more is an entry of a large batch that is
undone and whose rows are still being withdrawn: one condition, put into every statement that reads one of these tables,
whoever writes it. Changes and deletions reach such rows. Where a transaction sees no such batch and none can come into it
any more, its statements go without the condition: it would keep them from answering out of an index alone."""

from sqlalchemy import BinaryExpression, BooleanClauseList, Connection, Engine, Table, column, event, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.operators import gt
from sqlalchemy.sql.selectable import TableClause

from db.models import Activity

ARRIVING = ("activity", "customer", "opportunity")  # tables whose rows come with a batch
BATCHES = "import_batch"
WAITING = f"SELECT id FROM {BATCHES} WHERE version IS NULL"
WAITING_OR_UNDONE = f"{WAITING} OR undo_version IS NOT NULL"
KEPT = "kept_entry"
STAYING = f"SELECT activity_id FROM {KEPT}"
UNLESS_WAITING = f"batch_id IS NULL OR batch_id NOT IN ({WAITING})"
UNLESS_GOING = f"batch_id IS NULL OR batch_id NOT IN ({WAITING_OR_UNDONE}) OR id IN ({STAYING})"
ACCEPTED = {one: f"(SELECT * FROM {one} WHERE {UNLESS_WAITING})" for one in ARRIVING}
ACCEPTED["activity"] = f"(SELECT * FROM activity WHERE {UNLESS_GOING})"
COLUMNS = [one.name for one in Activity.__table__.columns]
WITHDRAWN = {"version": "undone.undo_version", "voided_at": "undone.undone_at"}
# For whoever asks what has changed since a version: entries that are going too, as withdrawn by the write that undid them.
CHANGES = (
    f"(SELECT {', '.join(COLUMNS)} FROM activity WHERE {UNLESS_GOING} UNION ALL"
    f" SELECT {', '.join(WITHDRAWN.get(one, f'going.{one}') for one in COLUMNS)}"
    f" FROM {BATCHES} AS undone JOIN activity AS going ON going.batch_id = undone.id"
    f" WHERE undone.undo_version IS NOT NULL AND going.id NOT IN ({STAYING}))"
)
# Of a transaction from whose next statement on no other one's batches can come: its reads are of one moment, as always on
# SQLite, or it holds the change counter.
SETTLED = {"batches_are_settled": True}
NONE_WAITS = "none_waits"  # what such a transaction was answered


@compiles(Table)
def accepted_rows(element: Table, compiler: SQLCompiler, **how: object) -> str:
    """The table as a statement names it; where it is read from and batches come into it, the accepted rows of it."""
    written = compiler.visit_table(element, **how)
    is_read = how.get("asfrom") and not how.get("iscrud")
    if not is_read or element.name not in ARRIVING:
        return written
    asks = element.name == "activity" and asks_for_changes(compiler.statement)
    there = CHANGES if asks else ACCEPTED[element.name]
    return there if how.get("enclosing_alias") is not None else f"{there} AS {written}"


def asks_for_changes(statement: ClauseElement | None) -> bool:
    """Whether it wants the entries above a version."""
    where = getattr(statement, "whereclause", None)
    for one in where.clauses if isinstance(where, BooleanClauseList) else [where]:
        if isinstance(one, BinaryExpression) and one.operator is gt:
            names = getattr(one.left, "table", None), getattr(one.left, "name", None)
            if names[1] == "version" and getattr(names[0], "name", None) == "activity":
                return True
    return False


def every_row(name: str, *columns: str) -> TableClause:
    """One of the tables with whatever lies in it, unaccepted rows too."""
    return table(name, *(column(one) for one in columns))


def leave_out(engine: Engine) -> None:
    """Lets statements go without the condition where no batch waits: asked once a transaction, of those that are settled."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info.pop(NONE_WAITS, None)

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def shorten(
        connection: Connection, _cursor: object, statement: str, parameters: object, *_more: object
    ) -> tuple[str, object]:
        return shortened(connection, statement), parameters


def shortened(connection: Connection, statement: str) -> str:
    """The statement as it may be sent."""
    if f"({WAITING}" in statement and none_waits(connection):
        statement = statement.replace(CHANGES, "activity")
        for name, accepted in ACCEPTED.items():
            statement = statement.replace(accepted, name)
    return statement


def none_waits(connection: Connection) -> bool:
    """Whether in what the transaction sees from here on there is no batch that is not accepted, or still being undone."""
    if connection.dialect.name != "sqlite" and not SETTLED.items() <= connection.get_execution_options().items():
        return False
    if NONE_WAITS not in connection.info:
        asked = connection.exec_driver_sql(f"{WAITING_OR_UNDONE} LIMIT 1").first()
        connection.info[NONE_WAITS] = asked is None
    return connection.info[NONE_WAITS]
