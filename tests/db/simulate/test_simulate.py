"""The simulated region is believable, obeys the law of the log, and is the same every time."""

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from statistics import mean, median

import pytest
from sqlalchemy import text

from db.engine import Store
from db.errors import StorageError
from db.migrations.migrate import migrate
from db.simulate.simulate import Truth, simulate

pytestmark = pytest.mark.slow
TODAY = date(2026, 3, 18)
NOON_IN_UTC = datetime(2026, 3, 18, 4)
ORDER = [
    "consultation",
    "application",
    "acceptance",
    "investigation",
    "review",
    "committee",
    "approval",
    "contract",
    "deal",
]


def new_store(folder) -> Store:
    migrate(url := f"sqlite:///{folder}/region.db", {})
    return Store(url)


def rows(store: Store, query: str) -> list:
    with store.reading() as connection:
        return connection.execute(text(query)).all()


def day(written: str) -> date:
    return date.fromisoformat(written)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    store = new_store(tmp_path_factory.mktemp("region"))
    truth = simulate(store, today=TODAY, branches=2, managers=12, months=4)
    yield store, truth
    store.close()


@pytest.fixture(scope="module")
def year(tmp_path_factory) -> tuple[Store, Truth]:
    """Few managers for long: rates that can be told from chance."""
    store = new_store(tmp_path_factory.mktemp("year"))
    truth = simulate(store, today=TODAY, branches=3, managers=23, months=12)
    yield store, truth
    store.close()


def test_the_same_seed_gives_the_same_region(region, tmp_path):
    store, truth = region
    again = new_store(tmp_path)
    assert simulate(again, today=TODAY, branches=2, managers=12, months=4) == truth
    tables = (
        "activity customer opportunity plan promise territory_register territory_owner holding absence posting account"
    )
    for table in tables.split():
        query = f"SELECT * FROM {table} ORDER BY id"
        assert rows(again, query) == rows(store, query), table


def test_another_seed_gives_another_log(region, tmp_path):
    other = new_store(tmp_path)
    simulate(other, today=TODAY, seed=7, branches=2, managers=12, months=4)
    query = "SELECT day, manager_id, kind FROM activity ORDER BY id"
    assert rows(other, query) != rows(region[0], query)


def test_every_foreign_key_holds(region):
    assert rows(region[0], "PRAGMA foreign_key_check") == []


def test_everybody_at_work_and_every_place_has_an_account_without_a_password(region):
    held = dict(rows(region[0], "SELECT role, count(*) FROM account GROUP BY role"))
    at_work = rows(region[0], f"SELECT count(*) FROM manager WHERE left_on IS NULL OR left_on >= '{TODAY}'")[0][0]
    ones = dict.fromkeys(("regional", "administrator", "auditor"), 1)
    assert held == {"manager": at_work, "branch_head": 2, "screen": 2} | ones
    assert rows(region[0], "SELECT count(*) FROM account WHERE password_hash IS NOT NULL OR must_change") == [(0,)]
    assert rows(region[0], "SELECT is_demo FROM change_counter") == [(1,)]


def test_a_database_with_a_region_is_left_alone(region):
    before = rows(region[0], "SELECT count(*) FROM activity")
    with pytest.raises(StorageError, match="already holds a region"):
        simulate(region[0], today=TODAY, branches=2, managers=12, months=4)
    assert rows(region[0], "SELECT count(*) FROM activity") == before


def test_nothing_happens_on_a_holiday(region):
    query = "SELECT count(*) FROM activity JOIN calendar_day USING (day) WHERE NOT is_workday"
    assert rows(region[0], query) == [(0,)]
    assert rows(region[0], "SELECT count(*) FROM activity WHERE day BETWEEN '2026-02-15' AND '2026-02-23'") == [(0,)]
    assert rows(region[0], "SELECT count(*) > 0 FROM activity WHERE day = '2026-02-14'") == [(1,)]  # a worked Saturday


def test_nothing_happens_in_the_future_or_outside_working_hours(region):
    first, last = rows(region[0], "SELECT min(day), max(day) FROM activity")[0]
    assert (day(first), day(last)) == (date(2025, 12, 1), TODAY)
    times = [time.fromisoformat(at) for (at,) in rows(region[0], "SELECT time FROM activity")]
    assert min(times) >= time(8, 30) and max(times) <= time(18)
    today = [time.fromisoformat(at) for (at,) in rows(region[0], f"SELECT time FROM activity WHERE day = '{TODAY}'")]
    assert today and max(today) <= time(12)


def test_nobody_acts_before_joining_after_leaving_or_when_absent(region):
    store, truth = region
    assert truth.leavers and truth.newcomers
    query = (
        "SELECT count(*) FROM activity a JOIN manager m ON m.id = a.manager_id WHERE day < joined_on OR day > left_on"
    )
    assert rows(store, query) == [(0,)]
    assert rows(store, "SELECT count(*) FROM absence") > [(0,)]
    assert rows(store, "SELECT count(*) FROM activity JOIN absence USING (manager_id, day)") == [(0,)]


def test_rows_carry_the_branch_of_the_posting_of_that_day(region):
    store, truth = region
    query = """SELECT count(*) FROM activity a WHERE 1 <> (SELECT count(*) FROM posting p WHERE p.manager_id = a.manager_id
        AND p.branch_id = a.branch_id AND a.day >= p.from_day AND (p.to_day IS NULL OR a.day <= p.to_day))"""
    assert rows(store, query) == [(0,)]
    for manager in truth.transfers:
        query = f"SELECT count(DISTINCT branch_id) FROM activity WHERE manager_id = {manager}"
        assert rows(store, query) == [(2,)]


def test_only_the_planted_breaches_break_the_order_of_the_procedure(region):
    store, truth = region
    steps = defaultdict(dict)
    for opportunity, kind, at in rows(
        store, "SELECT opportunity_id, kind, min(day) FROM activity WHERE opportunity_id IS NOT NULL GROUP BY 1, 2"
    ):
        steps[opportunity][kind] = at
    out_of_order = []
    for opportunity, first in steps.items():
        days = [first[kind] for kind in ORDER if kind in first]
        ends = [first[kind] for kind in ("deal", "rejected", "withdrawn") if kind in first]
        assert len(ends) <= 1
        if days != sorted(days) or (ends and ends[0] < max(days)):
            out_of_order.append(opportunity)
    assert sorted(out_of_order) == sorted(truth.breaches)
    loans = rows(store, "SELECT count(*) FROM opportunity o JOIN product p ON p.id = product_id WHERE family = 'loan'")
    assert len(truth.breaches) / loans[0][0] == pytest.approx(0.005, abs=0.002)


def test_no_loan_is_closed_without_its_procedure(region):
    query = """SELECT count(*), min(steps) FROM (SELECT count(DISTINCT a.kind) AS steps FROM activity a
        JOIN opportunity o ON o.id = a.opportunity_id JOIN product p ON p.id = o.product_id AND p.family = 'loan'
        GROUP BY o.id HAVING sum(a.kind = 'deal') > 0)"""
    loans, fewest = rows(region[0], query)[0]
    assert loans > 30 and fewest == len(ORDER)


def test_the_late_branch_records_late_and_nobody_records_in_the_future(region):
    store, truth = region
    waits = defaultdict(list)
    for branch, at, recorded in rows(store, f"SELECT branch_id, day, recorded_at FROM activity WHERE day < '{TODAY}'"):
        recorded = datetime.fromisoformat(recorded)
        assert recorded <= NOON_IN_UTC
        waits[branch].append(((recorded + timedelta(hours=8)).date() - day(at)).days)
    late = waits.pop(truth.late_branch)
    assert mean(late) > 3
    assert all(wait == 0 for branch in waits.values() for wait in branch)


def test_full_time_managers_show_the_rates_the_truth_gives_them(year):
    store, truth = year
    consultations = dict(
        rows(
            store,
            "SELECT manager_id, count(DISTINCT customer_id || day) FROM activity"
            " WHERE kind = 'consultation' AND met_decider AND need_recorded GROUP BY 1",
        )
    )
    applications = dict(
        rows(
            store,
            "SELECT manager_id, count(DISTINCT opportunity_id) FROM activity WHERE kind = 'application' GROUP BY 1",
        )
    )
    deals = dict(rows(store, "SELECT manager_id, count(*) FROM activity WHERE kind = 'deal' GROUP BY 1"))
    days = dict(rows(store, "SELECT manager_id, count(DISTINCT day) FROM activity GROUP BY 1"))
    passing = (*truth.newcomers, *truth.leavers, *truth.transfers)
    for manager in truth.deal_rate.keys() - set(passing):
        assert consultations[manager] / days[manager] == pytest.approx(truth.daily_consultations[manager], rel=0.12)
        applied = applications[manager] / consultations[manager]
        assert applied == pytest.approx(truth.application_rate[manager], abs=0.05)
        assert deals[manager] / applications[manager] == pytest.approx(truth.deal_rate[manager], abs=0.2)
    full = truth.deal_rate.keys() - set(passing)
    share = sum(deals[manager] for manager in full) / sum(applications[manager] for manager in full)
    assert share == pytest.approx(mean(truth.deal_rate[manager] for manager in full), abs=0.06)


def test_the_star_the_closer_and_the_busy_one_stand_out(year):
    store, truth = year
    deals = dict(rows(store, "SELECT manager_id, count(*) FROM activity WHERE kind = 'deal' GROUP BY 1"))
    visits = dict(rows(store, "SELECT manager_id, count(*) FROM activity WHERE kind = 'consultation' GROUP BY 1"))
    assert deals[truth.star] >= 2 * median(deals.values())
    assert visits[truth.closer] < 0.7 * median(visits.values()) and deals[truth.closer] > 0.7 * median(deals.values())
    busy = truth.busy_but_not_closing
    assert visits[busy] > 1.3 * median(visits.values()) and deals[busy] < 0.8 * median(deals.values())


def test_plans_add_up_and_are_within_reach(year):
    store, truth = year
    plans = rows(
        store, "SELECT region_id, branch_id, manager_id, month, measure, target FROM plan WHERE product_id IS NULL"
    )
    assert {month for _, _, _, month, _, _ in plans} == {f"2025-{n:02d}-01" for n in range(4, 13)} | {
        f"2026-{n:02d}-01" for n in range(1, 5)
    }
    regions, branches, managers = Counter(), Counter(), Counter()
    for in_region, branch, _, month, measure, target in plans:
        level = regions if in_region else branches if branch else managers
        level[month, measure] += target
    assert branches == regions
    for month_and_measure, target in branches.items():
        assert 1.0 < target / managers[month_and_measure] < 1.03
    assert truth.without_plan not in {manager for _, _, manager, _, _, _ in plans}
    done = dict(rows(store, "SELECT substr(day, 1, 8) || '01', count(*) FROM activity WHERE kind = 'deal' GROUP BY 1"))
    for month in ("2025-07-01", "2025-10-01", "2026-01-01"):
        assert 0.6 < done[month] / regions[month, "deals"] < 1.35


def test_each_branch_plans_the_products_sold_most_from_this_month_on(region):
    store, _truth = region
    single = rows(store, "SELECT branch_id, month, product_id, target FROM plan WHERE product_id IS NOT NULL")
    assert {branch for branch, *_ in single} == {1, 2} and len(single) == 2 * 2 * 3
    assert all(target >= 1 for *_, target in single) and len({product for _, _, product, _ in single}) == 3


def test_one_branch_has_not_promised_anything_today(region):
    store, truth = region
    promising = {branch for (branch,) in rows(store, f"SELECT DISTINCT branch_id FROM promise WHERE day = '{TODAY}'")}
    assert promising == {2} and truth.silent_branch == 1
    days = {at for (at,) in rows(store, "SELECT DISTINCT day FROM promise WHERE branch_id = 1 AND grain = 'day'")}
    assert len(days) == 20
    monday = TODAY - timedelta(TODAY.weekday())
    query = "SELECT branch_id, max(day) = '{}' FROM promise WHERE grain = 'week' GROUP BY 1 ORDER BY 1"
    assert rows(store, query.format(monday)) == [(1, False), (2, True)]


def test_one_small_territory_has_more_customers_than_its_stale_register(region):
    store, truth = region
    query = """SELECT t.id, t.branch_id, (SELECT potential_customers FROM territory_register r WHERE r.territory_id = t.id
        ORDER BY as_of DESC LIMIT 1), count(DISTINCT a.customer_id) FROM territory t
        JOIN customer c ON c.territory_id = t.id JOIN activity a ON a.customer_id = c.id AND a.kind = 'deal' GROUP BY 1"""
    penetrated = {territory: (branch, potential, held) for territory, branch, potential, held in rows(store, query)}
    _, potential, held = penetrated.pop(truth.stale_territory)
    assert held > potential
    for branch in (1, 2):
        potential = sum(size for at, size, _ in penetrated.values() if at == branch)
        assert 0.04 < sum(held for at, _, held in penetrated.values() if at == branch) / potential < 0.3


def test_customers_have_a_fictional_number_of_their_own(region):
    phones = [phone for (phone,) in rows(region[0], "SELECT phone FROM customer")]
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("199") for phone in phones)


@pytest.mark.parametrize(
    ("today", "size"),
    [
        (TODAY, {"managers": 3, "branches": 3, "months": 4}),
        (TODAY, {"managers": 1, "branches": 1, "months": 1}),
        (date(2026, 3, 15), {"managers": 4, "branches": 2, "months": 2, "now_hour": 20.5}),  # a Sunday
        (date(2027, 2, 8), {"managers": 8, "branches": 2, "months": 3, "now_hour": 8.0}),  # beyond the calendar
    ],
)
def test_even_an_odd_region_is_whole(tmp_path, today, size):
    store = new_store(tmp_path)
    truth = simulate(store, today=today, **size)
    assert len(truth.deal_rate) == size["managers"]
    assert rows(store, "PRAGMA foreign_key_check") == []
    assert rows(store, f"SELECT count(*) FROM activity WHERE day > '{today}'") == [(0,)]
    assert rows(
        store, "SELECT count(*) FROM activity WHERE strftime('%w', day) IN ('0', '6') AND day >= '2027-01-01'"
    ) == [(0,)]
    assert rows(store, "SELECT count(*) > 10 FROM activity") == [(1,)]


def test_months_without_a_working_day_are_refused(tmp_path):
    with pytest.raises(StorageError, match="No working day"):
        simulate(new_store(tmp_path), today=date(2026, 1, 2), months=1)
