"""Many rows as columns: the same as SQLAlchemy gives them, on both engines, of whatever kind they are."""

from datetime import date, time

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import literal, select

from db.codes import KINDS
from db.log.columns import reading
from db.models import Activity
from tests.support.mirror_log import put

pytestmark = pytest.mark.both_engines
KIND = pl.Schema(
    {
        "id": pl.Int64,
        "day": pl.Date,
        "time": pl.Time,
        "kind": pl.Enum(list(KINDS)),
        "effective": pl.Boolean,
        "note": pl.String,
        "amount_cents": pl.Int64,
        "said": pl.String,
    }
)
STATEMENT = select(
    *(getattr(Activity, name) for name in KIND if name != "said"), literal("50% of '引号' \\").label("said")
)


def test_days_times_codes_booleans_and_nothing_arrive_as_they_are(staffed, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", 2)
    put(staffed, time=time(9, 30, 15), note="第一 50% ' \\", amount_cents=1)
    put(staffed, day=date(1999, 12, 31), effective=False)
    put(staffed, kind="deal", amount_cents=5_000_000_000, opportunity_id=1)
    with staffed.reading() as connection:
        rows = [tuple(row) for row in connection.execute(STATEMENT.order_by(Activity.id))]
        found = reading.read_columns(connection, STATEMENT.order_by(Activity.id), KIND)
    assert_frame_equal(found, pl.DataFrame(rows, KIND, orient="row"))
    assert found.height == 3


def test_of_no_rows_there_are_the_columns(staffed):
    with staffed.reading() as connection:
        assert reading.read_columns(connection, STATEMENT.where(Activity.id < 0), KIND).schema == KIND
