"""A random bank for the oracle: a few people, two months and a log with everything that goes wrong in one."""

import calendar
import random
from dataclasses import dataclass
from datetime import date, timedelta

KINDS = ("consultation",) * 6 + ("application",) * 4 + ("deal",) * 3 + ("rejected", "rejected", "withdrawn", "approval")
MEASURES = ("consultations", "applications", "deals", "deal_amount")
CONDITIONS = ("customer", "decider", "need")
STARTS = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1), date(2026, 9, 1), date(2025, 12, 1), date(2024, 2, 1))


@dataclass
class Bank:
    """`regions` maps branch to region; a stay is (manager, branch, first, last); a plan names one of its holders;
    `leave` says which part of the day somebody is away."""

    first: date
    last: date
    through: date
    regions: dict[int, int]
    stays: list[tuple[int, int, date, date]]
    leave: dict[tuple[int, date], float]
    plans: list[dict]
    registers: list[dict]
    versions: list[dict]
    rows: list[dict]

    def place(self, manager: int, day: date) -> int | None:
        return next((to for one, to, first, last in self.stays if one == manager and first <= day <= last), None)


def random_bank(seed: int) -> Bank:
    rng = random.Random(seed)
    begin = rng.choice(STARTS)
    months = [begin, (begin + timedelta(31)).replace(day=1)]
    end = months[1].replace(day=calendar.monthrange(months[1].year, months[1].month)[1])
    days = [begin + timedelta(n) for n in range((end - begin).days + 1)]
    first, last = random_period(rng, days, months)
    through = rng.choice([first - timedelta(1), first, last, *(day for day in days if first <= day <= last)])
    regions = {1: 1, 2: 1, 3: 2, 4: 2}  # branch 4 stays empty
    stays = [stay for manager in (1, 2, 3, 4) for stay in random_stays(rng, manager, days)]
    leave = dict.fromkeys(((rng.randint(1, 4), rng.choice(days)) for _ in range(rng.randint(0, 12))), 1.0)
    bank = Bank(first, last, through, regions, stays, leave, [], [], random_versions(rng, days), [])
    holders = [("region", 1), ("region", 2), *(("branch", n) for n in regions), *(("manager", n) for n in (1, 2, 3, 4))]
    share = rng.choice((0, 0.2, 0.6))
    for level, holder in holders:
        for month in months:
            for measure in MEASURES:
                if rng.random() < (share if level != "manager" else 0.7):
                    target = rng.choice((0, 1, 7, 20, 333))
                    bank.plans.append({level: holder, "month": month, "measure": measure, "target": target})
    for territory, branch in enumerate((1, 1, 2, 3), 1):
        for day in rng.sample(days, rng.randint(0, 3)):
            found = {"potential_customers": rng.choice((0, 3, 50)), "source": "census"}
            bank.registers.append(
                {"region": regions[branch], "branch": branch, "territory": territory, "as_of": day, **found}
            )
    bank.rows = random_rows(rng, bank, days)
    bank.leave |= {one: 0.5 for one in leave if rng.random() < 0.4}
    for plan in list(bank.plans):
        random_further(rng, bank, plan)
    return bank


def random_further(rng: random.Random, bank: Bank, plan: dict) -> None:
    """Some plans have plans of single products beside them, or are these alone; some were meant for a part of the
    month."""
    month = plan["month"]
    if "manager" in plan and rng.random() < 0.3:
        span = sorted(month.replace(day=rng.randint(1, 28)) for _ in range(2))
        plan |= dict(zip(("from_day", "to_day"), span, strict=True))
    if rng.random() < 0.3:
        bank.plans += [plan | {"product": product, "target": rng.choice((0, 3, 10))} for product in (1, 2)]
        if rng.random() < 0.5:
            bank.plans.remove(plan)


def random_period(rng: random.Random, days: list[date], months: list[date]) -> tuple[date, date]:
    whole = [(months[0], months[1] - timedelta(1)), (months[1], days[-1]), (days[0], days[-1])]
    one = rng.choice(days)
    return rng.choice([*whole, (one, one), tuple(sorted((rng.choice(days), rng.choice(days))))])


def random_stays(rng: random.Random, manager: int, days: list[date]) -> list[tuple[int, int, date, date]]:
    """All the time in one branch, with a transfer, with a gap, or never there."""
    home, other = rng.sample((1, 2, 3), 2)
    turn = rng.randrange(1, len(days) - 8)
    back = rng.choice((turn, turn + 7))
    return rng.choice(
        [
            [(manager, home, days[0], days[-1])],
            [(manager, home, days[0], days[turn - 1]), (manager, other, days[back], days[-1])],
            [(manager, home, days[turn], days[-1])],
            [],
        ]
    )


def random_versions(rng: random.Random, days: list[date]) -> list[dict]:
    """The first in force from the beginning or only from within the log; before it the defaults hold."""
    versions = [{"from_day": rng.choice((date(2000, 1, 1), days[20])), "region": None, "effective": CONDITIONS[:2]}]
    for _ in range(rng.choice((0, 0, 1, 2))):
        some = tuple(rng.sample(CONDITIONS, rng.randint(0, 3)))
        versions.append({"from_day": rng.choice(days), "region": rng.choice((None, 1)), "effective": some})
    return versions


def random_rows(rng: random.Random, bank: Bank, days: list[date]) -> list[dict]:
    """What is left of a log after voiding: visits repeated on a day, opportunities applied for again after 拒贷 or in
    another month, rows at equal times, without a time, a customer, an opportunity or a product, in no order."""
    size = rng.choice((0, 3, 40, 120))
    needs = {need: (rng.randint(1, 9), rng.choice((None, 1, 2, 6))) for need in range(1, 16)}
    ids = rng.sample(range(1, 4 * size + 2), 2 * size)
    few = rng.sample(days, min(len(days), rng.choice((4, 12, 50))))
    rows = []
    for _ in range(size):
        manager, day = rng.randint(1, 4), rng.choice(few)
        branch = bank.place(manager, day)
        if branch is None or rng.random() < 0.1:  # not posted, or voided
            continue
        need = rng.choice((None, *needs))
        customer, product = needs.get(need, (rng.choice((None, 1, 2, 3)), rng.choice((None, 1))))
        row = {"id": ids.pop(), "day": day, "region": bank.regions[branch], "branch": branch, "manager": manager}
        row |= {"kind": rng.choice(KINDS), "customer": customer, "opportunity": need, "product": product}
        row |= {"channel": rng.choice((None, "wechat", "batch")), "method": rng.choice((None, "visit", "phone"))}
        row |= {"family": "loan", "second": rng.choice((None, 36_000, 36_000, 50_000))}
        row |= {"party": 1 if manager <= 2 and day.day % 3 == 0 else None}
        row |= {"effective": rng.choice((True, True, True, False, None))}
        row |= {"met_decider": rng.choice((None, True, False)), "need_recorded": rng.choice((None, None, True, False))}
        row["amount_cents"] = rng.choice((None, 0, 12_345, 900_000_000)) if row["kind"] != "consultation" else None
        rows.append(row)
        if rng.random() < 0.15:  # typed in twice
            rows.append(row | {"id": ids.pop(), "second": rng.choice((row["second"], 40_000))})
    return rows
