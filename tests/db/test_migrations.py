"""A database becomes ours, once, and only if it is empty or ours already."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from db.engine import Store
from db.errors import StorageError
from db.migrations.migrate import migrate
from db.models import Activity, Base
from metrics.definitions import DEFAULT
from tests.support import postgres
from tests.support.sheets import counts

pytestmark = pytest.mark.both_engines


def shape(inspector) -> dict:
    """Tables with their columns, whether these may be null, and what is unique or indexed."""
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {
        name: (
            {column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)},
            {(one["name"], tuple(one["column_names"]), bool(one["unique"])) for one in inspector.get_indexes(name)},
            {tuple(one["column_names"]) for one in inspector.get_unique_constraints(name)},
            {(tuple(one["constrained_columns"]), one["referred_table"]) for one in inspector.get_foreign_keys(name)},
            {one["name"] for one in inspector.get_check_constraints(name)},
        )
        for name in tables
    }


@pytest.mark.filterwarnings("ignore")
def test_a_migrated_database_is_what_the_models_say(store):
    with store.engine.connect() as connection:
        migrated = shape(inspect(connection))
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        connection.rollback()
        if store.is_sqlite:
            modelled = create_engine("sqlite://")
            Base.metadata.create_all(modelled)
            assert migrated == shape(inspect(modelled))
            return
        connection.execute(text("CREATE SCHEMA modelled"))
        connection.execute(text("SET search_path TO modelled"))
        Base.metadata.create_all(connection)
        connection.dialect.default_schema_name = "modelled"
        assert migrated == shape(inspect(connection))


def test_migrating_again_changes_nothing(store, url):
    held = counts(store)
    assert held["change_counter"] == 1 and held["definitions"] == 1 and held["product"] == 12
    migrate(url, DEFAULT | {"something": "else"})
    assert counts(store) == held


def test_every_database_has_an_identity_of_its_own(sqlite_store, tmp_path):
    url = f"sqlite:///{tmp_path / 'folder that is not there' / 'other.db'}"
    migrate(url, DEFAULT)
    other = Store(url)
    query = text("SELECT store_id FROM change_counter")
    with sqlite_store.reading() as mine, other.reading() as its:
        assert mine.execute(query).scalar() != its.execute(query).scalar()


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("今天的会议记录" * 1000)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not one of ours"):
        migrate(f"sqlite:///{path}", DEFAULT)
    assert path.read_bytes() == before


def test_a_folder_or_a_place_that_cannot_be_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "below.db"):
        with pytest.raises(StorageError, match="cannot be opened"):
            migrate(f"sqlite:///{place}", DEFAULT)


def test_tables_of_another_program_are_not_taken_over(sqlite_url, tmp_path):
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE orders (id INTEGER)")
    with pytest.raises(StorageError, match=r"another program \(orders"):
        migrate(f"sqlite:///{path}", DEFAULT)
    with sqlite3.connect(path) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("orders",)]


@pytest.mark.postgres
def test_tables_of_another_program_are_not_taken_over_on_a_server():
    with postgres.empty_database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE customer (id INTEGER)"))
        with pytest.raises(StorageError, match="another program"):
            migrate(url, DEFAULT)
        with engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["customer"]
        engine.dispose()


def test_a_database_of_a_newer_version_is_not_touched(store, url):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        migrate(url, DEFAULT)


def test_a_server_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        migrate("postgresql://nobody@127.0.0.1:1/nothing", DEFAULT)


def test_the_log_can_be_asked_by_what_is_newer(store):
    indexed = {tuple(one["column_names"]) for one in inspect(store.engine).get_indexes(Activity.__tablename__)}
    assert {("version",), ("manager_id", "day"), ("opportunity_id",)} <= indexed
    assert make_url(store.url).get_backend_name() in ("sqlite", "postgresql")
