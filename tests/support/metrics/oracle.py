"""What the numbers have to be, in plain loops over dicts, written from the bank's rules (domain, §4 and §5) and not
from metrics: slow, obvious, and without a frame in it."""

from datetime import date, timedelta
from fractions import Fraction
from math import sqrt

from tests.support.metrics.random_bank import CONDITIONS, MEASURES, Bank
from tests.support.metrics.small_frames import is_workday

Z_95 = 1.959963984540054
ORGANISATION, TIME = ("region", "branch", "manager"), ("day", "week", "month")
RATES = {
    "application_rate": ("applications", "consultations"),
    "deal_rate": ("deals", "applications"),
    "conversion_rate": ("deals", "consultations"),
}


def bucket(day: date, grain: str) -> date:
    if grain == "week":
        return day - timedelta(day.weekday())
    return day.replace(day=1) if grain == "month" else day


def key_of(row: dict, by) -> tuple:
    return tuple(bucket(row["day"], name) if name in TIME else row[name] for name in by)


def moment(row: dict) -> tuple:
    """A row without a time comes last on its day; of two at the same time the one recorded first is first."""
    return row["day"], row["second"] is None, row["second"] or 0, row["id"]


# -- what counts ----------------------------------------------------------------------------------------------------


def is_effective(row: dict, versions: list[dict]) -> bool:
    """The manager says so, and nothing the definitions of that day ask for is missing."""
    rule = CONDITIONS  # the defaults, before any version is in force
    for version in sorted(versions, key=lambda one: one["from_day"]):  # of one day the later version holds
        if version["from_day"] <= row["day"] and version["region"] in (None, row["region"]):
            rule = version["effective"]
    if row["effective"] is not True:
        return False
    missing = {
        "customer": row["customer"] is None,
        "decider": row["met_decider"] is False,
        "need": row["need_recorded"] is False,
    }
    return not any(missing[condition] for condition in rule)


def counted(bank: Bank) -> set[int]:
    """Ids of the consultations and applications that count."""
    visits, needs, ids = {}, {}, set()
    for row in sorted(bank.rows, key=moment):
        if row["kind"] == "consultation" and is_effective(row, bank.versions):
            together = row["customer"] is not None and row["party"] is not None
            who = ("party", row["party"]) if together else ("manager", row["manager"])
            visits.setdefault((who, row["customer"], row["day"]), row["id"])
        if row["kind"] == "application" and row["opportunity"] is None:
            ids.add(row["id"])
        elif row["kind"] == "application":
            needs.setdefault(row["opportunity"], row["id"])
    return ids | set(visits.values()) | set(needs.values())


def facts(rows: list[dict], ids: set[int], keyed: bool = True) -> dict:
    """Every total and rate of some rows; without a key their counts are taken as independent."""
    visits = [row for row in rows if row["kind"] == "consultation"]
    effective = [row for row in visits if row["id"] in ids]
    deals = [row for row in rows if row["kind"] == "deal"]
    known = [row for row in deals if row["customer"] is not None]
    answer = {
        "contacts": len(visits),
        "consultations": len(effective),
        "applications": len([row for row in rows if row["kind"] == "application" and row["id"] in ids]),
        "deals": len(deals),
        "deal_amount": sum(row["amount_cents"] or 0 for row in deals),
        "consulted_customers": len({row["customer"] for row in effective} - {None}),
        "contacted_customers": len({row["customer"] for row in visits} - {None}),
        "deal_customers": len({row["customer"] for row in known}),
        "products_held": len({(row["customer"], row["product"]) for row in known if row["product"] is not None}),
    }
    answer["average_ticket"] = share(answer["deal_amount"], answer["deals"])
    cases = {"consultations": effective, "deals": deals}
    cases["applications"] = [row for row in rows if row["kind"] == "application" and row["id"] in ids]
    for name, (of, to) in RATES.items():
        answer[name] = share(answer[of], answer[to])
        began = {row["opportunity"] for row in cases[to]} - {None}
        both = len([row for row in cases[of] if row["opportunity"] in began]) if keyed else 0
        answer[f"{name}_low"], answer[f"{name}_high"] = period_limits(answer[of], answer[to], both)
    return answer


def period_limits(of: int, to: int, both: int) -> tuple[float | None, float | None]:
    """Of a rate of a period, `both` cases of which have their beginning in it, too."""
    if not to:
        return None, None
    both = min(both, of, to)
    if of == to == both:
        return wilson(of, to)
    narrower = (1 / of + 1 / to - 2 * both / (of * to)) / (1 / of + 1 / to) if of else 1
    low, high = wilson(of, of + to, Z_95 * sqrt(narrower))
    return low / (1 - low), high / (1 - high)


def share(of, to) -> float | None:
    return float(Fraction(of) / Fraction(to)) if to else None


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float | None, float | None]:
    """Wilson 1927, as in any textbook."""
    if not trials or successes > trials:
        return None, None
    p = successes / trials
    middle, root = p + z * z / (2 * trials), z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (middle - root) / (1 + z * z / trials), (middle + root) / (1 + z * z / trials)


# -- who has a row --------------------------------------------------------------------------------------------------


def inside(bank: Bank) -> list[date]:
    return [bank.first + timedelta(n) for n in range((bank.last - bank.first).days + 1)]


def places(bank: Bank, branch: int | None) -> list[dict]:
    """Who is posted where in the period, and the branches nobody is posted to."""
    found = {(manager, to) for manager, to, first, last in bank.stays if first <= bank.last and last >= bank.first}
    found |= {(None, one) for one in bank.regions if one not in {to for _, to in found}}
    rows = [{"manager": manager, "branch": to, "region": bank.regions[to]} for manager, to in found]
    return [row for row in rows if branch in (None, row["branch"])]


def table(bank: Bank, by=(), branch: int | None = None) -> dict[tuple, dict]:
    """The summary by `by`, of one branch or of all: key → facts."""
    ids = counted(bank)
    here = [row for row in bank.rows if bank.first <= row["day"] <= bank.last and branch in (None, row["branch"])]
    groups = {} if by else {(): []}
    if set(by) & {*ORGANISATION, *TIME}:
        for place in places(bank, branch):
            for day in inside(bank):
                key = key_of(place | {"day": day, "product": None, "channel": None}, by)
                if "manager" not in by or place["manager"] is not None:
                    groups.setdefault(key, [])
    silent = set(groups)
    if "product" in by:
        groups |= {key[:-1]: [] for key in planned(bank, daily(bank, True), by, branch)}
    for row in here:
        groups.setdefault(key_of(row, by), []).append(row)
    others = [place for place, name in enumerate(by) if name not in (*ORGANISATION, *TIME)]
    for key in silent if others else ():  # a silent one has a row without a product only if they have none with one
        alike = [
            one
            for one in groups
            if all(a == b for n, (a, b) in enumerate(zip(one, key, strict=True)) if n not in others)
        ]
        if not groups[key] and len(alike) > 1:
            del groups[key]
    return {key: facts(rows, ids, None not in key) for key, rows in groups.items()}


# -- plans and time -------------------------------------------------------------------------------------------------


def chosen_plans(bank: Bank, of_products: bool) -> list[dict]:
    """The plans of single products; or of all products together, where there is none the single ones."""

    def holder(plan: dict) -> tuple:
        return tuple(plan.get(name) for name in (*ORGANISATION, "month", "measure"))

    single = [plan for plan in bank.plans if plan.get("product")]
    if of_products:
        return single
    overall = [plan for plan in bank.plans if not plan.get("product")]
    alone = [plan for plan in single if holder(plan) not in {holder(one) for one in overall}]
    return overall + [plan | {"product": None} if plan.get("manager") else plan for plan in alone]


def daily(bank: Bank, of_products: bool = False) -> list[dict]:
    """Every plan, spread evenly over the working days it is meant for: one part for each its holder is there."""
    parts = []
    for plan in chosen_plans(bank, of_products):
        month = [plan["month"] + timedelta(n) for n in range(31)]
        month = [day for day in month if day.month == plan["month"].month and is_workday(day)]
        holder = {"region": plan.get("region"), "branch": plan.get("branch"), "manager": plan.get("manager")}
        if plan.get("from_day"):
            month = [day for day in month if plan["from_day"] <= day <= plan["to_day"]]
        there = [day for day in month if not holder["manager"] or bank.place(holder["manager"], day)]
        if not plan.get("from_day"):
            month = there
        for day in there:
            at = bank.place(holder["manager"], day) if holder["manager"] else holder["branch"]
            place = {"branch": at, "region": bank.regions[at]} if at else {}
            part = {
                "day": day,
                "measure": plan["measure"],
                "product": plan.get("product"),
                "plan": Fraction(plan["target"], len(month)),
            }
            parts.append(holder | place | part)
    return parts


def planned(bank: Bank, parts: list[dict], by=(), branch: int | None = None) -> dict[tuple, Fraction]:
    """(*key, measure) → plan. By manager their own; else a branch's own plan of a month stands before the sum of its
    managers', and a region's before the sum of its branches'."""
    if branch:
        parts = [part for part in parts if part["branch"] == branch]

    def month(part: dict, level: str) -> tuple:
        product = part["product"] if "product" in by else None
        return part[level], part["measure"], product, bucket(part["day"], "month")

    chosen = [part for part in parts if part["manager"]]
    if "manager" not in by:
        for level in ("branch", "region"):
            if level == "region" and "branch" in by:
                break
            lower = {"branch": "manager", "region": "branch"}[level]
            own = [part for part in parts if part[level] and not part["manager"] and not part[lower]]
            whole = [part for part in own if "product" in by or not part["product"]]
            owned = {month(part, level) for part in whole}
            chosen = whole + [part for part in chosen if month(part, level) not in owned]
            owned = {month(part, level) for part in chosen}
            chosen += [part for part in own if part not in whole and month(part, level) not in owned]
    answer: dict[tuple, Fraction] = {}
    for part in chosen:
        if bank.first <= part["day"] <= bank.last:
            key = (*key_of(part, by), part["measure"])
            answer[key] = answer.get(key, Fraction(0)) + part["plan"]
    return answer


def working_days(bank: Bank, key: tuple, by=(), branch: int | None = None) -> tuple[float, float]:
    """Working days in all and up to `through`: a manager's are the days they are posted there, less their leave."""
    total = gone = 0
    cell = dict(zip(by, key, strict=True))
    for day in inside(bank):
        if not is_workday(day) or any(bucket(day, name) != cell[name] for name in by if name in TIME):
            continue
        if "manager" in by:
            at = bank.place(cell["manager"], day)
            wanted = {branch, cell.get("branch")} - {None}
            if at is None or wanted - {at} or cell.get("region") not in (None, bank.regions[at]):
                continue
        here = 1 - bank.leave.get((cell["manager"], day), 0) if "manager" in by else 1
        total, gone = total + here, gone + here * (day <= bank.through)
    return total, gone


def progress(bank: Bank, keys, by=(), branch: int | None = None) -> dict[tuple, dict]:
    """What `keys` (of `table`) have beside their facts: plan, working days."""
    plans = planned(bank, daily(bank, "product" in by), by, branch)
    answer = {}
    for key in keys:
        days = working_days(bank, key, by, branch)
        answer[key] = {"days": days, "plan": {name: plans.get((*key, name)) or None for name in MEASURES}}
    return answer
