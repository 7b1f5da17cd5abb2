"""Whatever the bank: parts add up to the whole, and no two ways to divide it disagree."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.definitions import Definitions
from metrics.penetration.penetration import COUNTED, penetration, product_penetration
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO
from tests.support.metrics.territories import HILL, LAKE, MARKET, ON, cells_of
from tests.support.sweep import scaled

MANAGERS, TERRITORIES = st.sampled_from([WANG, LI, ZHAO]), st.sampled_from([LAKE, HILL, MARKET])
BRANCHES, CUSTOMERS = st.sampled_from([EAST, SOUTH]), st.integers(1, 6)
DAYS = st.sampled_from([ON - timedelta(back) for back in (-3, 0, 1, 20, 60)])
PRODUCTS, FAMILIES = st.sampled_from([None, 10, 20]), st.sampled_from([None, "loan", "cross_sell"])
KINDS = st.sampled_from(["consultation", "approval", "deal", "deal"])
ROWS = st.fixed_dictionaries(
    {
        "kind": KINDS,
        "customer": st.none() | CUSTOMERS,
        "manager": MANAGERS,
        "branch": BRANCHES,
        "day": DAYS,
        "product": PRODUCTS,
        "family": FAMILIES,
        "effective": st.booleans(),
    }
)
RECORD = {"branch": BRANCHES, "manager": MANAGERS, "territory": st.none() | TERRITORIES, "complete": st.booleans()}
RECORDS = st.dictionaries(CUSTOMERS, st.fixed_dictionaries(RECORD), max_size=6)
OWNERS = st.fixed_dictionaries(
    {
        "territory": TERRITORIES,
        "manager": MANAGERS,
        "from_day": st.none() | DAYS,
        "to_day": st.none() | DAYS,
        "share": st.none() | st.sampled_from([0.1, 0.3, 1 / 3]),
    }
)
REGISTERS = st.fixed_dictionaries({"territory": TERRITORIES, "as_of": DAYS, "potential_customers": st.integers(0, 9)})
HOLDINGS = st.fixed_dictionaries(
    {"customer": CUSTOMERS, "product": st.sampled_from([10, 30]), "since": DAYS, "until": st.none() | DAYS}
)
RULES = st.builds(
    Definitions,
    penetration_customers=st.sampled_from(["deal", "loan"]),
    contact_customers=st.sampled_from(["any", "effective"]),
)


@settings(max_examples=scaled(sweep=2_000, test=30))
@given(
    st.lists(ROWS, max_size=15),
    RECORDS,
    st.lists(OWNERS, max_size=4),
    st.lists(REGISTERS, max_size=4),
    st.lists(HOLDINGS, max_size=4),
    st.lists(st.tuples(MANAGERS, BRANCHES), max_size=4),
    RULES,
    st.none() | DAYS,
)
def test_parts_add_up_to_the_whole(rows, records, owners, registers, holdings, posted, rules, first):
    customers = [{"customer": one, "region": REGION, **record} for one, record in records.items()]
    places = [{"region": REGION, "branch": SOUTH if one["territory"] == MARKET else EAST} | one for one in registers]
    found = cells_of(
        *rows,
        customers=customers,
        owners=owners,
        registers=places,
        holdings=[{"family": "loan", **one} for one in holdings],
        posted=posted,
        rules=rules,
        first=first,
    )
    total = penetration(found.table).row(0, named=True)
    for keys in (["region"], ["branch"], ["manager"], ["territory"], ["branch", "manager"]):
        table = penetration(found.table, keys)
        for name in COUNTED:
            assert abs(table[name].sum() - total[name]) < 1e-6, (keys, name)
    of_branch = {row["branch"]: row for row in penetration(found.table, ["branch"]).to_dicts()}
    by_manager = penetration(found.table, ["branch", "manager"])
    for branch, whole in of_branch.items():
        parts = by_manager.filter(pl.col("branch") == branch)
        assert all(abs(parts[name].sum() - whole[name]) < 1e-6 for name in COUNTED)
    everybody = {record["customer"]: record for record in customers}
    assert total["deal_customers"] + total["outside_register"] <= len(everybody)
    assert total["loan_customers"] <= total["deal_customers"] and total["won_customers"] <= total["deal_customers"]
    assert total["attached_loan_deals"] <= total["loan_deals"]
    assert total["products_held"] == product_penetration(found)["product_holders"].sum()
    assert date.min < ON
