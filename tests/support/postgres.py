"""One PostgreSQL database a worker: migrated once, emptied and seeded again before each test that asks for it."""

import os
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from db.migrations.migrate import migrate
from db.models import Base
from metrics.definitions import DEFAULT

SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://root@127.0.0.1:5432/test")
SEEDED = "seeded"  # the schema that keeps what a migrated database holds
# Whoever deletes 20,000 customers looks for each in the tables that refer to them, through all rows that were deleted there.
UNCHECKED = "SET LOCAL session_replication_role = replica"
SWOLLEN = """SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 1000000"""


class Database:
    """`url` of a database that `reset` makes again what it was when it had just been migrated, under a new identity."""

    def __init__(self, url: str):
        self.url = url
        self.engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with self.engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {SEEDED}"))
            names = ["alembic_version", *(table.name for table in Base.metadata.sorted_tables)]
            # Some thirty rows: emptying each table costs a tenth of TRUNCATE, which makes each of their files anew.
            self.statements = [f"DELETE FROM {name}" for name in reversed(names)]
            counted = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = current_schema()"
            self.statements += [f"SELECT setval('{one}', 1, false)" for one in connection.scalars(text(counted))]
            for name in names:
                self.statements += seeding(connection, name)
        self.statements.append("UPDATE change_counter SET store_id = md5(random()::text)")
        self.statements.append("UPDATE history SET token = md5(random()::text)")
        self.statements.append("UPDATE part_version SET token = (SELECT token FROM history)")

    def reset(self) -> None:
        """Ends every other connection first: what a test left open would hold its locks."""
        with self.engine.connect() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
            connection.exec_driver_sql("; ".join(["BEGIN", UNCHECKED, *self.statements, "COMMIT"]))
            for name in connection.scalars(text(SWOLLEN)).all():
                connection.exec_driver_sql(f"VACUUM {name}")


def seeding(connection: Connection, table: str) -> list[str]:
    """What puts the table's present rows back, and lets its ids count on from them."""
    if not connection.scalar(text(f"SELECT count(*) FROM {table}")):
        return []
    connection.execute(text(f"CREATE TABLE {SEEDED}.{table} AS TABLE {table}"))
    statements = [f"INSERT INTO {table} SELECT * FROM {SEEDED}.{table}"]
    for column in inspect(connection).get_columns(table):
        if sequence := connection.scalar(text(f"SELECT pg_get_serial_sequence('{table}', '{column['name']}')")):
            statements.append(f"SELECT setval('{sequence}', max({column['name']})) FROM {table}")
    return statements


@contextmanager
def empty_database():
    """The URL of a new database, dropped afterwards. Where there is no server the test is skipped, or fails with
    REQUIRE_POSTGRES=1."""
    name = f"chenxi_test_{uuid.uuid4().hex[:8]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(f"no PostgreSQL at {make_url(SERVER).render_as_string()}: {type(error).__name__}")
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@contextmanager
def worker_database():
    with empty_database() as url:
        migrate(url, DEFAULT)
        database = Database(url)
        yield database
        database.engine.dispose()
