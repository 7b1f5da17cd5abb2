"""What a simulated region aims at: monthly plans, the promises of the last morning meetings, and the tallies behind."""

from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta

import numpy as np
import polars as pl

from db.codes import AMOUNTS, MEASURES
from db.simulate.log import WAN, Log
from db.simulate.people import Desk, Roles, Row, postings

Key = tuple[int, date, str]  # holder, month, measure
REGION = 1
PROMISED_DAYS = 20
PROMISED_WEEKS = 8
OWN_SHARE = 0.7  # how far a plan follows the manager's own level; the rest follows the team's
# How far a past month's plan is drawn to what came of it: small counts vary much, attainment should not.
HINDSIGHT = 0.75
PRODUCTS, STRETCH = 3, 1.1  # how many products have plans of their own, and by how much these exceed what is usual
PADDING = 0.03  # what one branch adds to the sum of its managers' plans


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_between(first: date, last: date) -> list[date]:
    """First days of the months, both ends included."""
    months = [first.replace(day=1)]
    while next_month(months[-1]) <= last:
        months.append(next_month(months[-1]))
    return months


def tally(log: Log) -> Counter[Key]:
    """(manager, month, measure) → what was done, by the default definitions; amounts in cents."""
    activity = log.activity.with_columns(month=pl.col("day").dt.month_start())
    met = activity.filter(pl.col("met_decider") & pl.col("need_recorded"), kind="consultation")
    deals = activity.filter(kind="deal")
    counted = {
        "consultations": met.unique(["manager_id", "customer_id", "day"]),
        "applications": first_of_each(activity.filter(kind="application")),
        "deals": first_of_each(deals),
    }
    done: Counter[Key] = Counter()
    for measure, rows in counted.items():
        for manager, month, number in rows.group_by("manager_id", "month").len().iter_rows():
            done[manager, month, measure] = number
    for manager, month, amount in deals.group_by("manager_id", "month").agg(pl.col("amount_cents").sum()).iter_rows():
        done[manager, month, "deal_amount"] = amount
    return done


def first_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each opportunity."""
    return rows.unique("opportunity_id", keep="first", maintain_order=True)


def days_at_work(desks: list[Desk], ahead: list[date]) -> dict[int, list[date]]:
    """Manager → the days they worked, and the working days ahead of them."""
    days: dict[int, list[date]] = {}
    for desk in desks:
        days.setdefault(desk.person.id, []).extend(desk.days + (ahead if desk.to_day is None else []))
    return days


def within(days: list[date], month: date) -> list[date]:
    return days[bisect_left(days, month) : bisect_left(days, next_month(month))]


def usual_day(
    done: Counter[Key], desks: list[Desk], months: list[date], busy: dict[date, float], roles: Roles
) -> dict[tuple[int, str], float]:
    """(manager, measure) → what to plan for a day of average pace: their own level, drawn towards the team's median.
    Newcomers are planned by their own level alone."""
    worked = {manager: sum(busy[day] for day in days) for manager, days in days_at_work(desks, []).items()}
    usual = {}
    for measure in MEASURES:
        own = {
            manager: sum(done[manager, month, measure] for month in months) / pace
            for manager, pace in worked.items()
            if pace
        }
        team = float(np.median(list(own.values())))
        for manager, level in own.items():
            share = 1.0 if manager in roles.newcomers else OWN_SHARE
            usual[manager, measure] = level**share * team ** (1 - share)
    return usual


def manager_plans(
    log: Log,
    done: Counter[Key],
    desks: list[Desk],
    roles: Roles,
    busy: dict[date, float],
    ahead: list[date],
    first: date,
) -> dict[tuple[int, date, str], int]:
    """(manager, month, measure) → target. A past month's lies between what was usual and what came of it."""
    months = months_between(first, next_month(log.today))
    usual = usual_day(done, desks, months, busy, roles)
    this_month = log.today.replace(day=1)
    targets = {}
    for manager, days in sorted(days_at_work(desks, ahead).items()):
        if manager == roles.without_plan:
            continue
        for month in months:
            pace = sum(busy[day] for day in within(days, month))
            ambition = float(np.clip(log.rng.normal(1.05, 0.14), 0.85, 1.5))
            for measure in MEASURES:
                expected = usual.get((manager, measure), 0.0) * pace
                if month < this_month:
                    expected = (1 - HINDSIGHT) * expected + HINDSIGHT * done[manager, month, measure]
                if pace:
                    unit = WAN if measure in AMOUNTS else 1
                    targets[manager, month, measure] = max(round(expected * ambition / unit), 1) * unit
    return targets


def plan_rows(targets: dict[tuple[int, date, str], int], desks: list[Desk], padded_branch: int) -> list[Row]:
    """Plans of the managers; of each branch, their sum (one adds a little); of the region, the sum of the branches."""
    branches: Counter[Key] = Counter()
    theirs = postings(desks)
    for (manager, month, measure), target in targets.items():
        branches[branch_in(theirs[manager], month), month, measure] += target
    for branch, month, measure in branches:
        if branch == padded_branch:
            branches[branch, month, measure] = round(branches[branch, month, measure] * (1 + PADDING))
    region: Counter[Key] = Counter()
    for (_, month, measure), target in branches.items():
        region[REGION, month, measure] += target
    levels = (("manager_id", targets), ("branch_id", branches), ("region_id", region))
    holders = dict.fromkeys(("region_id", "branch_id", "manager_id"))
    return [
        {**holders, level: holder, "month": month, "measure": measure, "target": target}
        for level, plans in levels
        for (holder, month, measure), target in plans.items()
    ]


def product_plan_rows(log: Log, plans: list[Row]) -> list[Row]:
    """From this month on each branch also plans deals of PRODUCTS products, those sold most: their share of all deals,
    and a little more."""
    sold = Counter(log.activity.filter(kind="deal")["product_id"].to_list())
    this_month, rows = log.today.replace(day=1), []
    for plan in plans:
        if plan["branch_id"] is None or plan["measure"] != "deals" or plan["month"] < this_month:
            continue
        for product, number in sold.most_common(PRODUCTS):
            target = max(round(plan["target"] * number / sold.total() * STRETCH), 1)
            rows.append(plan | {"product_id": product, "target": target})
    return rows


def branch_in(theirs: list[Desk], month: date) -> int:
    """The branch of a manager's desks at the month's end: transfers happen on a first of the month."""
    return [desk.branch for desk in theirs if desk.from_day < next_month(month)][-1]


def promise_rows(
    log: Log,
    targets: dict[tuple[int, date, str], int],
    desks: list[Desk],
    ahead: list[date],
    workdays: list[date],
    silent_branch: int,
) -> list[Row]:
    """What was promised on each of the last working days and today, near the plan's daily need; nothing today where
    the morning meeting is still to be held."""
    at_work = days_at_work(desks, ahead)
    rows = []
    meetings = set(workdays[-PROMISED_DAYS - 1 :] if workdays[-1] == log.today else workdays[-PROMISED_DAYS:])
    for desk in desks:
        manager = desk.person.id
        for day in [day for day in desk.days if day in meetings]:
            if day == log.today and (desk.branch == silent_branch or log.now_minute < 8 * 60 + 30):
                continue
            month = day.replace(day=1)
            days = len(within(at_work[manager], month))
            for measure in ("consultations", "applications", "deals"):
                if target := targets.get((manager, month, measure)):
                    need = target / days * log.rng.uniform(0.8, 1.2)
                    promised = int(need + log.rng.random())
                    if promised:  # of nothing there is no promise
                        said = {"day": day, "measure": measure, "target": promised}
                        rows.append({"manager_id": manager, "branch_id": desk.branch} | said)
    return rows


def week_promise_rows(
    log: Log, targets: dict[tuple[int, date, str], int], desks: list[Desk], ahead: list[date], silent_branch: int
) -> list[Row]:
    """What was promised for each of the last weeks and this one, near what the plan needs of their days."""
    at_work, rng = days_at_work(desks, ahead), np.random.default_rng(log.today.toordinal())
    monday, rows = log.today - timedelta(log.today.weekday()), []
    for desk, back in ((desk, back) for desk in desks for back in range(PROMISED_WEEKS)):
        manager, first = desk.person.id, monday - timedelta(7 * back)
        days = [day for day in at_work[manager] if first <= day <= first + timedelta(6)]
        if first not in desk.days or (back == 0 and desk.branch == silent_branch):
            continue
        month = first.replace(day=1)
        of_month = sum(day.replace(day=1) == month for day in at_work[manager])
        for measure in ("consultations", "applications", "deals"):
            need = targets.get((manager, month, measure), 0) / of_month * len(days) if of_month else 0
            if promised := int(need * rng.uniform(0.7, 1.1) + rng.random()):
                said = {"grain": "week", "day": first, "measure": measure, "target": promised}
                rows.append({"manager_id": manager, "branch_id": desk.branch} | said)
    return rows
