"""The need as the simulator itself would state it: its rates and lags put together again by convolution, in plain
Python, with nothing taken from `metrics`. Lags are the manager's own working days, as the simulator has them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date
from functools import cache

import numpy as np

from db.simulate.people import Desk
from db.simulate.simulate import Truth
from db.simulate.work import (
    APPLIED_TWICE,
    CROSS_SELL_SHARE,
    INEFFECTIVE,
    LOAN_STEPS,
    NEW_CUSTOMER,
    REMEMBERED,
    SOLD_DIRECTLY,
    STEPS_BEFORE_A_NO,
)

ENDS = ("deal", "rejected", "withdrawn")
SPAN = 64  # longer than any loan takes


def evenly(fewest: int, most: int) -> np.ndarray:
    lag = np.zeros(SPAN)
    lag[fewest : most + 1] = 1 / (most - fewest + 1)
    return lag


def after(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.convolve(one, other)[:SPAN]


AT_ONCE = evenly(0, 0)
TO_APPLICATION, AGAIN, TO_THE_END = evenly(1, 6), evenly(1, 2), evenly(1, 4)
TWICE = (1 - APPLIED_TWICE) * AT_ONCE + APPLIED_TWICE * AGAIN
DIRECTLY = AT_ONCE / 2 + evenly(1, 3) / 2
STEPS = [evenly(*lag) for lag in LOAN_STEPS.values()]


@cache
def to_deal(is_loan: bool, stage: int) -> np.ndarray:
    """Working days from that step (0: the application's last) to the deal, for one that comes to it."""
    total = AT_ONCE
    for lag in STEPS[stage:] if is_loan else []:
        total = after(total, lag)
    return after(total, TO_THE_END)


@cache
def deal_share(deal_rate: float) -> float:
    return max(deal_rate - SOLD_DIRECTLY * CROSS_SELL_SHARE, 0.02)


def later(lag: np.ndarray, rest: np.ndarray, age: int, left: int) -> float:
    """The chance that a first lag ends after `age`, and the rest within `left` days from then on."""
    within = rest.cumsum()
    return sum(lag[day] * within[left - (day - age)] for day in range(age + 1, min(age + left, SPAN - 1) + 1))


@cache
def under_way(is_loan: bool, stage: int, twice: bool, age: int, left: int, closes: float) -> float:
    """The chance that an application that has stood in the step for `age` days is a deal within `left` more."""
    first = TWICE if stage == 0 and not twice else AT_ONCE
    steps_before_no = np.array(STEPS_BEFORE_A_NO)
    if is_loan:
        onward = after(first, STEPS[stage] if stage < len(STEPS) else TO_THE_END)
        rest = to_deal(True, stage + 1) if stage < len(STEPS) else AT_ONCE
        goes_on, stops = (steps_before_no > stage).mean(), (steps_before_no == stage).mean()
    else:
        onward, rest, goes_on, stops = after(first, TO_THE_END), AT_ONCE, 0.0, 1.0
    waits, stopping = onward[age + 1 :].sum(), after(first, TO_THE_END)[age + 1 :].sum()
    still = closes * waits + (1 - closes) * (goes_on * waits + stops * stopping)
    return closes * later(onward, rest, age, left) / still if still > 0 else 0.0


def only_consulted(is_loan: bool, age: int, left: int, applies: float, closes: float, kept: float) -> float:
    """Likewise of one consulted `age` days ago and not since: `kept` is how likely nobody would have gone again."""
    direct = 0.0 if is_loan else applies * SOLD_DIRECTLY
    hidden = applies * TO_APPLICATION[age + 1 :].sum() + direct * DIRECTLY[age + 1 :].sum()
    comes = applies * closes * later(TO_APPLICATION, after(TWICE, to_deal(is_loan, 0)), age, left)
    comes += direct * later(DIRECTLY, AT_ONCE, age, left)
    return comes / (hidden + (1 - applies - direct) * kept)


def brings(rates: list[float], closes: float) -> float:
    """Deals of one counted consultation a day on the days left, of which these are the application rates."""
    total = 0.0
    for left, rate in zip(range(len(rates) - 1, -1, -1), rates, strict=True):
        for is_loan, share in ((True, 1 - CROSS_SELL_SHARE), (False, CROSS_SELL_SHARE)):
            way = after(after(TO_APPLICATION, TWICE), to_deal(is_loan, 0))
            total += share * rate * closes * way[: left + 1].sum()
        total += CROSS_SELL_SHARE * rate * SOLD_DIRECTLY * DIRECTLY[: left + 1].sum()
    return total


def not_gone_again(desk: Desk, rank: int, found: np.ndarray, begun: int, until: int) -> float:
    """The chance that a customer in their book, the `rank`th, was not met effectively after position `begun`, up to and
    including `until`; `found` counts the customers in it at the start of each of the desk's days."""
    rate = 0.0
    for position in range(begun + 1, until + 1):
        if found[position] - rank < REMEMBERED and found[position]:
            rate += desk.consultations[position] * (1 - NEW_CUSTOMER) / min(found[position], REMEMBERED)
    return float(np.exp(-rate))


def true_pipelines(truth: Truth, rows: list[dict], through: date, last: date) -> dict[int, float]:
    """Manager → the deals to be expected by `last` of what is open on the evening of `through`. `rows` are the log's,
    with `family`, in order of time."""
    desks = {(desk.person.id, desk.branch): desk for desk in truth.desks}
    seen: dict[tuple, dict[int, int]] = defaultdict(dict)
    found = {place: np.zeros(len(desk.days) + 1, int) for place, desk in desks.items()}
    cases: dict[int, list[dict]] = defaultdict(list)
    for row in rows:
        place = row["manager"], row["branch"]
        book = seen[place]
        if row["kind"] == "consultation" and row["customer"] not in book:
            book[row["customer"]] = len(book)
            found[place][bisect_left(desks[place].days, row["day"]) + 1 :] += 1
        if row["opportunity"] is not None and row["day"] <= through:
            cases[row["opportunity"]].append(row)
    expected: dict[int, float] = defaultdict(float)
    for case in cases.values():
        kinds = {row["kind"] for row in case}
        if kinds & set(ENDS):
            continue
        latest = case[-1]
        place = latest["manager"], latest["branch"]
        desk = desks[place]
        if desk.to_day and desk.to_day <= through:
            continue  # whatever was still to come of it, the heir saw on their first day
        position, today = bisect_left(desk.days, latest["day"]), bisect_right(desk.days, through) - 1
        age, left = today - position, bisect_right(desk.days, last) - 1 - today
        is_loan, closes = latest["family"] == "loan", deal_share(desk.person.deal_rate)
        if "application" in kinds:
            stage = max(([*LOAN_STEPS].index(kind) + 1 for kind in kinds & set(LOAN_STEPS)), default=0)
            twice = sum(row["kind"] == "application" for row in case) > 1
            expected[place[0]] += under_way(is_loan, stage, twice, age, left, closes)
        elif age < 6:
            rank = seen[place].get(latest["customer"], 0)
            kept = not_gone_again(desk, rank, found[place], position, today) ** (1 - INEFFECTIVE)
            applies = float(desk.application_rates[position])
            expected[place[0]] += only_consulted(is_loan, age, left, applies, closes, kept)
    return expected


def true_brings(truth: Truth, through: date, last: date) -> dict[int, float]:
    """Manager → the deals of one consultation a day on their days after `through`, up to and including `last`."""
    brought: dict[int, float] = defaultdict(float)
    for desk in truth.desks:
        ahead = slice(bisect_right(desk.days, through), bisect_right(desk.days, last))
        brought[desk.person.id] += brings(desk.application_rates[ahead].tolist(), deal_share(desk.person.deal_rate))
    return brought
