"""A row that was stored once is known again, whatever digest it was stored under, and whatever columns come later."""

import polars as pl
from sqlalchemy import update

from dashboard.shell.store import operator
from db.imports import row_digest
from db.imports.kinds.activities import NAMES
from db.models import Activity
from tests.support.builders import bank
from tests.support.sheets import bring, counts, logged, numbers, row

VISIT = {"customer": "张三", "phone": "13800000001", "product": "信用卡", "method": "走访", "note": "想装修"}
LOAN = {"kind": "成交", "customer": "李四", "product": "信用贷款", "amount": "120000", "reference": "r1"}
CONTACT = {"time": "09:30"}
# The reference and content an older version gave these rows, in the order they are stored: contact, visits, loan.
STORED = [
    ("file-8408e30a2a69ad9de86bbb4b-0", "8408e30a2a69ad9de86bbb4b"),
    ("file-730859138fec1fdfe3634392-0", "730859138fec1fdfe3634392"),
    ("file-730859138fec1fdfe3634392-1", "730859138fec1fdfe3634392"),
    ("r1", "d5f1ca30098f6b7bf0407e83"),
]


def file(viewer, *rows, **options):
    return bring(viewer, *[row(**one) for one in rows], **options)


def stored_before(store):
    """A store that holds the rows as an older version left them."""
    viewer = operator(bank(store))
    file(viewer, VISIT, VISIT, LOAN, CONTACT)
    assert logged(store, Activity.note) == [(None,), ("想装修",), ("想装修",), (None,)]
    with store.writing("test") as write:
        for identity, (reference, content) in enumerate(STORED, 1):
            of_row = update(Activity).where(Activity.id == identity)
            write.session.execute(of_row.values(reference=reference, content=content))
    return viewer


def test_rows_stored_under_the_digest_by_place_are_known_again(sqlite_store):
    viewer = stored_before(sqlite_store)
    held, rows = counts(sqlite_store), logged(sqlite_store, *Activity.__table__.columns)
    assert numbers(file(viewer, VISIT, VISIT, LOAN, CONTACT)) == (4, 0, 4, 0)
    assert counts(sqlite_store) == held and logged(sqlite_store, *Activity.__table__.columns) == rows


def test_beside_rows_stored_before_only_what_is_new_is_stored(sqlite_store):
    viewer = stored_before(sqlite_store)
    for expected in ((6, 2, 4, 0), (6, 0, 6, 0)):
        assert numbers(file(viewer, VISIT, VISIT, VISIT, CONTACT, LOAN, CONTACT | {"time": "10:00"})) == expected


def test_a_reference_stored_before_with_other_content_is_still_refused(sqlite_store):
    viewer = stored_before(sqlite_store)
    assert numbers(file(viewer, LOAN | {"amount": "130000"})) == (1, 0, 0, 1)


def test_a_column_that_is_added_changes_the_digest_of_no_row_that_leaves_it_empty():
    rows = pl.DataFrame({name: ["x"] for name in NAMES}, dict.fromkeys(NAMES, pl.String))
    wider = rows.with_columns(added_later=pl.lit(None, pl.String))
    for digest in (row_digest.by_name, row_digest.by_place):
        assert digest(rows, NAMES).to_list() == digest(wider, (*NAMES, "added_later")).to_list()


def test_a_row_that_uses_an_added_column_is_another_row():
    rows = pl.DataFrame({name: ["x"] for name in NAMES}, dict.fromkeys(NAMES, pl.String))
    wider = rows.with_columns(added_later=pl.lit("rain"))
    assert row_digest.by_name(rows, NAMES).to_list() != row_digest.by_name(wider, (*NAMES, "added_later")).to_list()
    assert row_digest.by_place(wider, (*NAMES, "added_later")).to_list() == [None]


def test_values_do_not_slip_from_one_column_into_the_next():
    none = dict.fromkeys(NAMES, None)
    rows = pl.DataFrame([none | {"customer": "x"}, none | {"phone": "x"}], dict.fromkeys(NAMES, pl.String))
    assert row_digest.by_name(rows, NAMES).n_unique() == 2
