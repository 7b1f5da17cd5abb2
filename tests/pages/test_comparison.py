"""The comparison of branches: which is behind, why, and the rows behind every cell."""

import json
import re
from datetime import date, timedelta
from html import unescape

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import update

from dashboard.diagnosis import gather as diagnoses
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from db.log import activity, product_list
from db.meetings import promises
from db.models import Activity, Plan
from db.people import people
from metrics.catalog import CONVERSION_RATE
from metrics.metric import measure
from metrics.periods import Period, month
from tests.conftest import FRIDAY
from tests.pages.test_names import led_to
from tests.pages.test_one_version import statements
from tests.support.pages import AS, bodies, cards, everything_said, healthy, look, signed_in, tables, visit

pytestmark = pytest.mark.slow

MONTH = month(FRIDAY)


@pytest.mark.parametrize("who", ["head-1", "region-1"])
def test_a_link_opens_the_log_on_its_days_and_kind(demo, who):
    link = {"branch": "1", "since": "2026-11-09", "until": "2026-11-13", "kind": "deal"}
    app = healthy(look("activity_log", as_=who, **link))
    assert [str(day) for day in app.date_input[0].value] == ["2026-11-09", "2026-11-13"]
    (rows,) = tables(app)
    assert rows[1:] and {row[4] for row in rows[1:]} == {"成交"}
    assert {row[2] for row in rows[1:]} <= {f"2026-11-{day:02}" for day in range(9, 14)}


@pytest.mark.parametrize(
    "link", [{"since": "2027-01-01", "until": "2027-02-01"}, {"since": "x", "until": "2026-11-13"}]
)
def test_days_that_cannot_be_are_not_what_the_log_opens_on(demo, link):
    app = healthy(look("activity_log", as_=AS["regional"], kind="<b>", **link))
    assert [str(day) for day in app.date_input[0].value] == ["2026-11-14", "2026-11-20"]
    assert "None" not in everything_said(app)


SECTIONS = {  # what stands in the first heading of its table beside the unit's own
    "rates": "与全体相比",
    "activity": "咨询量",
    "weeks": "9月28日",
    "penetration": "市场渗透率",
    "mix": "成交量",
    "ways": "触达",
    "periods": "人均日咨询量",
    "promises": "与全体相比",
}


def compared(section: str, who: str = AS["regional"], **link: str):
    return healthy(look("branch_comparison", as_=who, section=section, **link))


def number(cell: str) -> float:
    return float(cell.split()[0].replace(",", "").rstrip("%"))


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_has_everyone_and_follows_the_filter(demo, everything, section):
    """In Chinese of all branches, in English of the managers of one; one section at a time."""
    whole = tables(compared(section))
    assert SECTIONS[section] in whole[0][0]
    places = set(people.branches(everything)["branch_name"])
    one = tables(compared(section, lang="en", branch="2"))
    team = set(people.managers(everything, MONTH, 2)["manager_name"])
    if section == "penetration":
        assert {row[0] for row in whole[0][1:-1]} == places
        assert team <= {row[0] for row in one[0][1:-1]}
        streets, products = (tables(compared(section, split=split))[0] for split in ("territory", "product"))
        assert {row[0] for row in streets[1:-1]} == places and len(streets) > len(whole[0])
        assert products[0][0] == "产品"
    elif section == "ways":
        assert [table[0][0] for table in (*whole, *one)] == ["渠道", "营销方式", "Channel", "Method"]
        assert number(one[0][-1][2]) < number(whole[0][-1][2])
    else:
        assert {row[0].removesuffix(" ›") for row in whole[0][1:-1]} == places
        assert {row[0] for row in one[0][1:-1]} == team


def test_the_rates_of_all_are_totals_over_totals_and_the_picture_says_its_limits(demo, everything):
    app = compared("rates")
    rows = tables(app)[0]
    together = dict(zip(rows[0], rows[-1], strict=True))
    deals, consultations = (sum(number(row[place]) for row in rows[1:-1]) for place in (3, 4))
    assert (number(together["成交量"]), number(together["咨询量"])) == (deals, consultations)
    assert number(together["比率"]) == pytest.approx(100 * deals / consultations, abs=0.06)
    assert "虚线 95%，实线 99.8%" in everything_said(app) and "精确二项界限" in everything_said(app)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [len(trace["x"]) for trace in drawn["data"]][-1] == 2
    cohort = compared("rates", rate="cohort_dealt")
    assert "40 个工作日内" in everything_said(cohort) and "观察期未满" in tables(cohort)[0][0]


def test_the_mix_and_the_ways_add_up_to_the_deals(demo, everything):
    deals = number(cards(compared("mix"))["成交量"][0])
    rows = tables(compared("mix"))[0]
    assert number(rows[-1][1]) == sum(number(row[1]) for row in rows[1:-1]) == deals
    for row in rows[1:]:
        assert sum(number(cell) for cell in row[2:]) == pytest.approx(100, abs=0.6)
    for table in tables(compared("ways")):
        assert sum(number(row[4]) for row in table[1:-1]) == number(table[-1][4]) == deals


def test_any_two_periods_stand_side_by_side(demo, everything):
    link = {"since": "2026-10-12", "until": "2026-10-16", "earlier_since": "2026-09-07", "earlier_until": "2026-09-11"}
    app = compared("periods", **link)
    assert [tuple(map(str, one.value)) for one in app.date_input] == [
        ("2026-10-12", "2026-10-16"),
        ("2026-09-07", "2026-09-11"),
    ]
    head, *_rows, together = tables(app)[0]
    now, before = re.findall(r"[\d.]+(?=%)", together[head.index("转化率")])
    for first, share in ((date(2026, 10, 12), now), (date(2026, 9, 7), before)):
        counted = measure(activity.read(everything, Period(first, first + timedelta(4))), (CONVERSION_RATE,))
        assert float(share) == pytest.approx(100 * counted["conversion_rate"].item(), abs=0.06)


def test_promises_kept_are_those_of_the_days_that_are_over(demo, everything):
    rows = tables(compared("promises"))[0]
    said = [promises.read(everything, FRIDAY.replace(day=day)) for day in range(1, FRIDAY.day)]
    days = sum(one.filter(pl.col("target") > 0)["manager"].n_unique() for one in said)
    assert number(rows[-1][4]) == sum(number(row[4]) for row in rows[1:-1]) == days
    assert all(number(row[3]) <= number(row[4]) for row in rows[1:])


@pytest.mark.parametrize("link", [{"month": "2026-10-01"}, {"measure": "consultations"}, {"measure": "deal_amount"}])
def test_the_sections_open_for_another_month_and_measure(demo, link):
    for section in ("plan", "weeks"):
        assert tables(compared(section, **link))


def test_a_coloured_cell_leads_to_the_rows_behind_it(own_demo):
    """Nobody of a branch did anything for two weeks: its cells are red and each leads to the entries of its week."""
    with own_demo.writing("test") as write:
        gone = update(Activity).where(Activity.branch_id == 2, Activity.day >= date(2026, 11, 9))
        write.session.execute(gone.values(voided_at=write.now, version=write.version))
        write.touch(branches=[2])
    app = compared("weeks", measure="consultations", branch="", lang="zh")
    cells = re.findall(r'<a class="cx-cell cx-heat cx-bad" href="([^"]*)"[^>]*>0\.00', "".join(bodies(app)))
    assert {unescape(one).split("?")[0] for one in cells} == {"weekly_meeting"} and len(cells) == 2
    page, link = led_to(unescape(cells[0]))
    assert link["branch"] == "2" and link["day"] == "2026-11-15"
    assert healthy(look(page, as_=AS["regional"], **link)).title[0].value.startswith("周例会")
    rates = compared("rates", rate="conversion_rate")
    assert tables(rates)[0][0][1] == "与全体相比"


def test_who_is_behind_is_named_with_the_reason_and_the_way_to_their_rows(own_demo):
    """The plan of branch 2 and of its managers is trebled."""
    everything = operator(own_demo)
    team = people.managers(everything, MONTH, 2)["manager"].to_list()
    with own_demo.writing("test") as write:
        theirs = Plan.manager_id.in_(team) | (Plan.branch_id == 2)
        write.session.execute(update(Plan).where(theirs, Plan.month == MONTH.first).values(target=Plan.target * 3))
        write.touch(branches=[1, 2])
    app = compared("plan", lang="en")
    said = everything_said(app)
    (place,) = people.branches(everything).filter(pl.col("branch") == 2)["branch_name"]
    assert "1 branch is really behind" in said and "consultations a day" in said
    body = next(one for one in bodies(app) if "cx-behind" in one)
    assert place in body
    page, link = led_to(unescape(re.search(r'class="cx-status cx-bad" href="([^"]*)"', body)[1]))
    assert (page, link["branch"], link["since"], link["kind"]) == ("activity_log", "2", "2026-11-01", "deal")
    inside = compared("plan", lang="en", branch="2")
    late = next(one for one in bodies(inside) if "cx-behind" in one)
    assert any(name in late for name in people.managers(everything, MONTH, 2)["manager_name"])


def test_a_section_asks_the_store_little(own_demo):
    session = signed_in(own_demo, AS["regional"])
    for nth, section in enumerate(("plan", "promises", "periods", "rates")):
        promises.set_promises(operator(own_demo), FRIDAY, {1: {"deals": 3 + nth}})  # nothing is remembered
        with statements(own_demo) as cold:
            app = healthy(visit(session, "branch_comparison", section=section))
        with statements(own_demo) as warm:
            healthy(app.run())
        assert len(cold) <= 30, "\n".join(cold)
        assert len(warm) <= 8, "\n".join(warm)


def test_the_log_opens_on_one_product_or_one_way(demo, everything):
    link = {"since": "2026-10-01", "until": "2026-11-20"}
    (rows,) = tables(healthy(look("activity_log", as_=AS["regional"], kind="deal", product="1", **link)))
    named = dict(product_list.read(everything).select("product", "product_zh").iter_rows())
    assert {row[6] for row in rows[1:]} == {named[1]}
    app = healthy(look("activity_log", as_=AS["regional"], way="wechat", **link))
    assert {row[4] for row in tables(app)[0][1:]} == {"咨询"} and "渠道或方式" in [one.label for one in app.selectbox]


def test_the_reason_of_a_branch_is_the_same_whoever_else_is_asked_about(everything):
    book = open_book(everything, FRIDAY)
    found = book.period(MONTH, ["branch"])
    whole, alone = (diagnoses.of(book, found, "deals", by=("branch",), branches=some).table for some in ((), (2,)))
    assert_frame_equal(whole.filter(branch=2), alone)
