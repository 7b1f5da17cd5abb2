"""The frame contract, on both sides: what metrics rely on is what storage hands out."""

from datetime import date

import pandera.errors
import polars as pl
import pytest

from db import codes
from db.calendar import calendar
from db.customers import stock
from db.log import mirror
from db.meetings import promises
from db.people import people, territories
from db.plans import plans
from metrics import frames
from metrics.catalog import MEASURES
from metrics.frames import ACTIVITY, LOG, STATED, contract
from tests.support.builders import EAST, REGION, WANG
from tests.support.metrics import small_frames
from tests.support.metrics.small_frames import marked

GOOD = marked({"customer": 1}, {"kind": "deal", "amount_cents": 0, "product": 3, "channel": "wechat"})


def refused(frame: pl.DataFrame, schema: pl.Schema = ACTIVITY) -> set[str]:
    """The columns that are wrong; none where the contract takes the frame."""
    try:
        contract(schema).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        return set(cases.select(pl.coalesce("column", "failure_case"))["column"])
    return set()


def test_what_mark_gives_fulfils_the_contract():
    assert contract(pl.Schema({**ACTIVITY, **STATED})).validate(GOOD, lazy=True).height == 2
    assert contract().validate(GOOD.select(list(ACTIVITY)), lazy=True).schema == ACTIVITY


@pytest.mark.parametrize("schema", [LOG, ACTIVITY, frames.PLAN, frames.CALENDAR, frames.POSTING_DAY, frames.REGISTER])
def test_an_empty_frame_fulfils_every_contract(schema):
    assert contract(schema).validate(frames.empty(schema), lazy=True).schema == schema


def test_a_missing_column_is_refused_by_name():
    assert refused(GOOD.select(list(ACTIVITY)).drop("counted")) == {"counted"}


def test_a_further_column_is_refused():
    assert refused(GOOD.select(*ACTIVITY, "effective")) == {"effective"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", pl.lit("2026-11-16")),
        ("kind", pl.lit("deal")),
        ("amount_cents", pl.lit(1.5)),
        ("manager", pl.col("manager").cast(pl.Int64)),
        ("amount_cents", pl.lit(-1, pl.Int64)),
        ("day", pl.lit(None, pl.Date)),
        ("kind", pl.lit(None, ACTIVITY["kind"])),
        ("id", pl.lit(None, pl.Int32)),
        ("branch", pl.lit(None, pl.Int32)),
        ("counted", pl.lit(None, pl.Boolean)),
    ],
)
def test_a_wrong_type_a_negative_amount_and_a_null_key_are_refused(column, value):
    assert refused(GOOD.select(list(ACTIVITY)).with_columns(value.alias(column))) == {column}


@pytest.mark.parametrize(
    "column", ["customer", "opportunity", "product", "family", "channel", "method", "amount_cents"]
)
def test_what_a_row_may_lack_may_be_null(column):
    lacking = GOOD.select(list(ACTIVITY)).with_columns(pl.lit(None, ACTIVITY[column]).alias(column))
    assert contract().validate(lacking, lazy=True).height == 2


def test_a_plan_names_one_holder_and_leaves_the_others_empty():
    good = small_frames.plans(
        {"branch": EAST, "target": 5}, {"manager": WANG, "target": 0}, {"region": REGION, "target": 1}
    )
    assert contract(frames.PLAN).validate(good, lazy=True).height == 3
    assert refused(good.with_columns(target=pl.lit(-5, pl.Int64)), frames.PLAN) == {"target"}
    assert refused(good.with_columns(month=pl.lit(None, pl.Date)), frames.PLAN) == {"month"}


def test_registers_and_posting_days_fulfil_theirs():
    one = pl.DataFrame([(1, 1, 1, date(2026, 1, 1), 5, "census")], frames.REGISTER, orient="row")
    assert contract(frames.REGISTER).validate(one, lazy=True).height == 1
    assert contract(frames.POSTING_DAY).validate(small_frames.posted(small_frames.NOVEMBER), lazy=True).height == 30
    assert contract(frames.CALENDAR).validate(small_frames.calendar(small_frames.NOVEMBER), lazy=True).height == 30


def test_the_codes_of_the_log_are_the_same_words_on_both_sides():
    assert tuple(codes.KINDS) == frames.KINDS
    assert tuple(codes.CHANNELS) == frames.CHANNELS
    assert tuple(codes.METHODS) == frames.METHODS
    assert tuple(codes.FAMILIES) == frames.FAMILIES
    assert list(codes.MEASURES) == list(MEASURES)


@pytest.mark.parametrize(
    ("stored", "relied_on"),
    [
        (mirror.ACTIVITY, ACTIVITY),
        (mirror.LOG, LOG),
        (calendar.CALENDAR, frames.CALENDAR),
        (plans.PLAN, frames.PLAN),
        (people.POSTING_DAY, frames.POSTING_DAY),
        (promises.PROMISE, frames.PROMISE),
        (territories.REGISTER, frames.REGISTER),
        (stock.CUSTOMER, frames.CUSTOMER),
        (stock.HOLDING, frames.HOLDING),
    ],
    ids=["activity", "log", "calendar", "plan", "posting day", "promise", "register", "customer", "holding"],
)
def test_the_columns_storage_hands_out_are_those_metrics_rely_on(stored, relied_on):
    assert list(pl.Schema(stored).items()) == list(relied_on.items())


def test_territories_and_their_owners_have_at_least_what_metrics_rely_on():
    for stored, relied_on in ((territories.TERRITORY, frames.TERRITORY), (territories.OWNER, frames.OWNER)):
        assert {name: stored[name] for name in relied_on} == dict(relied_on)
