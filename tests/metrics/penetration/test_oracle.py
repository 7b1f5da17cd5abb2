"""Random banks, each compared with plain loops over dicts that know the rules and nothing of our code."""

import random
from datetime import date

import polars as pl
import pytest

from metrics import frames
from metrics.definitions import Definitions, mark
from metrics.penetration.penetration import Frames, cells, penetration, product_penetration
from metrics.penetration.stock import first_days
from tests.support.metrics import oracle
from tests.support.metrics.random_bank import Bank, random_bank
from tests.support.metrics.territories import frame
from tests.support.sweep import scaled

pytestmark = pytest.mark.slow
SEEDS = range(scaled(sweep=500, test=20))
FAMILY = {1: "loan", 2: "cross_sell", 6: "loan"}
KEYS = ((), ("region",), ("branch",), ("manager",), ("territory",), ("branch", "manager"))


def furnished(bank: Bank, rng: random.Random) -> dict:
    """Territories 1 to 4, their owners, the customers' records and what they held before."""
    home = {1: 1, 2: 1, 3: 2, 4: 3}
    for row in bank.rows:
        row["family"] = FAMILY.get(row["product"])
    customers = {
        one: {
            "branch": rng.choice((1, 2, 3)),
            "manager": rng.randint(1, 4),
            "territory": rng.choice((None, 1, 2, 3, 4)),
            "complete": rng.random() < 0.5,
        }
        for one in range(1, 10)
    }
    owners = [
        {"territory": one, "manager": rng.randint(1, 4), "share": rng.choice((None, 0.25, 0.5))}
        for one in home
        for _ in range(rng.randint(0, 2))
    ]
    owners = list({(one["territory"], one["manager"]): one for one in owners}.values())
    held = [
        {"customer": rng.randint(1, 9), "product": rng.choice((1, 2)), "since": date(2020, 1, 1)}
        for _ in range(rng.randint(0, 3))
    ]
    return {"home": home, "customers": customers, "owners": owners, "held": held}


def shares_of(about: dict, posted: dict[int, int], territory: int) -> dict[int | None, float]:
    place = about["home"][territory]
    there = [one for one in about["owners"] if one["territory"] == territory and posted.get(one["manager"]) == place]
    left, found = 1.0, {}
    for one in there:
        if one["share"] is not None:
            found[one["manager"]] = one["share"]
            left -= one["share"]
    equal = [one["manager"] for one in there if one["share"] is None]
    for one in equal:
        found[one] = left / len(equal)
    return found if equal or left < 1e-9 else found | {None: left}


def expected(bank: Bank, about: dict, rules: Definitions, first: date, posted: dict[int, int]) -> dict[tuple, dict]:
    """(region, branch, territory, manager) → number → value."""
    on, found = bank.last, {}
    counted = oracle.counted(bank)
    latest: dict[int, dict] = {}
    for one in sorted(bank.registers, key=lambda one: one["as_of"]):
        if one["as_of"] <= on:
            latest[one["territory"]] = one

    def add(branch: int, territory: int | None, manager: int | None, name: str, value: float) -> None:
        cell = found.setdefault((bank.regions[branch], branch, territory, manager), {})
        cell[name] = cell.get(name, 0) + value

    for territory, one in latest.items():
        for who, share in shares_of(about, posted, territory).items():
            add(about["home"][territory], territory, who, "potential_customers", one["potential_customers"] * share)
    rows = [row for row in bank.rows if row["day"] <= on]
    for customer, record in about["customers"].items():
        own = [row for row in rows if row["customer"] == customer]
        held = {one["product"] for one in about["held"] if one["customer"] == customer}
        consulted = [
            row["day"]
            for row in own
            if row["kind"] == "consultation" and (rules.contact_customers == "any" or row["id"] in counted)
        ]
        deals = [row for row in own if row["kind"] == "deal"]
        loans = [row for row in deals if row["family"] == "loan"]
        loan, deal = bool(loans) or 1 in held, bool(deals) or bool(held)
        by_loan = rules.penetration_customers == "loan"
        won = min((row["day"] for row in (loans if by_loan else deals)), default=None)
        before = 1 in held if by_loan else bool(held)
        known = bool(own) or bool(held)
        flags = {
            "consulted_customers": bool(consulted),
            "on_file_customers": known and record["complete"],
            "approved_customers": any(row["kind"] == "approval" for row in own),
            "loan_customers": loan,
            "deal_customers": deal,
        }
        is_any = any(flags.values())
        flags["penetration_customers"] = loan if by_loan else deal
        flags["won_customers"] = won is not None and won >= first and not before
        flags["newly_consulted_customers"] = bool(consulted) and min(consulted) >= first
        territory, branch = record["territory"], record["branch"]
        manager = record["manager"] if posted.get(record["manager"]) == branch else None
        if territory is None and is_any:
            add(branch, None, manager, "outside_register", 1)
        elif territory is not None:
            for who, share in shares_of(about, posted, territory).items():
                inside = {name: share for name, one in flags.items() if one}
                outside = {"outside_register": share} if is_any else {}
                for name, value in (inside if territory in latest else outside).items():
                    add(about["home"][territory], territory, who, name, value)
        products = held | {row["product"] for row in deals if row["product"] is not None}
        if deal:
            add(branch, territory, manager, "product_customers", 1)
            add(branch, territory, manager, "products_held", len(products))
    made = [row for row in rows if row["kind"] == "deal" and row["day"] >= first]
    for row in made:
        if row["family"] == "loan":
            record = about["customers"].get(row["customer"])
            attached = row["customer"] is not None and any(
                other["family"] == "cross_sell"
                and (other["customer"], other["branch"]) == (row["customer"], row["branch"])
                for other in made
            )
            territory = record and record["territory"]
            add(row["branch"], territory, row["manager"], "loan_deals", 1)
            add(row["branch"], territory, row["manager"], "attached_loan_deals", int(attached))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_penetration_of_a_random_bank_is_what_the_rules_say(seed):
    rng, bank = random.Random(seed), random_bank(seed)
    about = furnished(bank, rng)
    rules = Definitions(
        contact_customers=rng.choice(("any", "effective")), penetration_customers=rng.choice(("deal", "loan"))
    )
    first, posted = rng.choice((bank.first, date.min)), {one: bank.place(one, bank.last) for one in (1, 2, 3, 4)}
    versions = [Definitions(number, **version) for number, version in enumerate(bank.versions, 1)]
    log = mark(pl.DataFrame(bank.rows, frames.LOG), versions).lazy()
    records = [{"customer": one, "region": bank.regions[it["branch"]], **it} for one, it in about["customers"].items()]
    places = [
        {"region": bank.regions[branch], "branch": branch, "territory": one} for one, branch in about["home"].items()
    ]
    known, even = log.filter(pl.col("day") <= bank.last), pl.col("id") % 2 == 0
    found = cells(
        Frames(
            pl.concat(first_days(known.filter(part)) for part in (even, ~even)),
            log,
            frame(frames.CUSTOMER, records),
            frame(frames.HOLDING, [one | {"family": FAMILY[one["product"]]} for one in about["held"]]),
            pl.DataFrame(
                [(region, one) for one, region in bank.regions.items()],
                {"region": pl.Int32, "branch": pl.Int32},
                orient="row",
            ),
            frame(frames.TERRITORY, places),
            pl.DataFrame(bank.registers, frames.REGISTER),
            frame(frames.OWNER, about["owners"]),
            pl.DataFrame(
                [(one, branch) for one, branch in posted.items() if branch],
                {"manager": pl.Int32, "branch": pl.Int32},
                orient="row",
            ),
        ),
        bank.last,
        rules,
        first,
    )
    theirs = expected(bank, about, rules, first, posted)
    for by in KEYS:
        sums: dict[tuple, dict] = {}
        for cell, numbers in theirs.items():
            key = tuple(dict(zip(("region", "branch", "territory", "manager"), cell, strict=True))[one] for one in by)
            for name, value in numbers.items():
                held = sums.setdefault(key, {})
                held[name] = held.get(name, 0) + value
        sums = {key: one for key, one in sums.items() if any(one.values()) or not by} or ({} if by else {(): {}})
        table = penetration(found.table, by)
        ours = {tuple(row[one] for one in by): row for row in table.to_dicts()}
        assert set(ours) == set(sums), (seed, by)
        for key, row in ours.items():
            numbers = {name: sums[key].get(name, 0) for name in row if name in NUMBERS}
            assert {name: row[name] for name in numbers} == pytest.approx(numbers, abs=1e-6), (seed, by, key)
            for name, (of, to) in RATIOS.items():
                assert row[name] == pytest.approx(oracle.share(row[of], row[to]))
    assert product_penetration(found)["product_holders"].sum() == found.table["products_held"].sum()


NUMBERS = {
    "potential_customers",
    "consulted_customers",
    "on_file_customers",
    "approved_customers",
    "loan_customers",
    "deal_customers",
    "penetration_customers",
    "outside_register",
    "won_customers",
    "newly_consulted_customers",
    "product_customers",
    "products_held",
    "loan_deals",
    "attached_loan_deals",
}
RATIOS = {
    "market_penetration": ("penetration_customers", "potential_customers"),
    "contact_penetration": ("consulted_customers", "potential_customers"),
    "file_coverage": ("on_file_customers", "potential_customers"),
    "products_per_customer": ("products_held", "product_customers"),
    "attach_rate": ("attached_loan_deals", "loan_deals"),
}
