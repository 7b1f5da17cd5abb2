"""The comparison's workbook has every table of its sections, by the same filters."""

import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard.comparison import gather, workbook
from dashboard.comparison.gather import Compared
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets.workbooks import workbook as written
from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.people import staffing
from db.recording import recording
from metrics.catalog import CONVERSION_RATE, PER_DAY
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY

pytestmark = pytest.mark.slow
SECTIONS = [
    "各项转化率",
    "活动量",
    "逐周趋势",
    "渗透率",
    "按辖区",
    "按产品",
    "产品结构",
    "按渠道",
    "按方式",
    "两期对比",
]


def compared(viewer: Viewer, branch: int | None) -> Compared:
    key = "branch" if branch is None else "manager"
    book = open_book(viewer, FRIDAY, Part(branch=branch))
    return Compared(book, book.period(month(FRIDAY), [key]), key, "deals")


@pytest.mark.parametrize("branch", [None, 1])
def test_every_section_has_its_sheet_by_the_filters_of_the_page(demo, branch):
    asked = compared(operator(demo), branch)
    first = asked.found.period.until(asked.found.through)
    beside = (first, gather.earlier(asked, first))
    sheets = workbook.sections(asked, beside)
    assert [*sheets][:10] == SECTIONS and "承诺兑现" in sheets and "绩效面谈" in sheets
    units = asked.units().height
    rates = sheets["各项转化率"]
    assert rates.columns[0] == ("支行" if branch is None else "客户经理") and rates.height == 5 * units
    said = rates.filter(pl.col("比率") == "转化率").select("分子", "分母").rows()
    assert sorted(said) == sorted(gather.period_rates(asked, CONVERSION_RATE).select("of", "to").rows())
    assert sheets["活动量"].height == sheets["两期对比"].height == sheets["承诺兑现"].height == units
    about = dict(workbook.about(asked, beside).rows())
    assert about["支行"] == ("全部" if branch is None else "城关支行") and about["指标"] == "成交量"
    book = fastexcel.read_excel(written(sheets, workbook.shares()))
    assert len(book.sheet_names) == len(sheets)


def test_who_counts_no_interviews_takes_none_away(demo):
    asked = compared(Viewer(demo, "auditor", "auditor"), None)
    period = asked.found.period
    assert not any("面谈" in name for name in workbook.sections(asked, (period, period)))


def gathered(asked: Compared) -> dict[str, pl.DataFrame]:
    return {
        "rates": gather.period_rates(asked, CONVERSION_RATE),
        "activity": gather.activity_of(asked)[0],
        "cohorts": gather.cohort_rates(asked, "dealt"),
        "weeks": gather.week_by_week(asked, PER_DAY[0])[0],
        "mix": gather.product_mix(asked)[0],
        "promises": gather.promises_kept(asked),
    }


@pytest.mark.parametrize("branch", [None, 1])
def test_whatever_is_written_each_section_is_as_if_made_anew(own_demo, branch):
    """Entries of today, and a colleague who joins without any entry."""
    everything = operator(own_demo)
    gathered(compared(everything, branch))
    for nth in range(40):
        met = Entry("consultation", FRIDAY, customer_name=f"新客户{nth}", met_decider=True, need_recorded=True)
        recording.record(everything, 1, met, f"today {nth}", FRIDAY)
    after_entries = gathered(compared(everything, branch))
    assert_same(after_entries, own_demo, branch)
    staffing.hire(everything, "900001", "新同事", 1, FRIDAY)
    assert_same(gathered(compared(everything, branch)), own_demo, branch)


def assert_same(found: dict[str, pl.DataFrame], store: Store, branch: int | None) -> None:
    anew = gathered(compared(operator(Store(store.url, mark=interpret)), branch))
    for name, table in found.items():
        assert_frame_equal(table, anew[name], check_row_order=False)
