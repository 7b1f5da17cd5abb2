"""Whose a territory is on a day: its owners' in their shares, nobody's for the rest."""

from datetime import date

import polars as pl
import pytest

from metrics.penetration.owners import latest, shares
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.metrics.territories import BEGINNING, HILL, LAKE, MARKET, ON, POSTED, bank, owner, register


def divided(*owners: dict, on: date = ON, posted=POSTED) -> dict[int, dict[int | None, float]]:
    """territory → manager → share."""
    small = bank(owners=owners, posted=posted)
    rows = shares(small.territories, small.owners, small.posted, on).select("territory", "manager", "share").rows()
    return {one: {who: share for where, who, share in rows if where == one} for one in (LAKE, HILL, MARKET)}


def test_a_territory_nobody_owns_is_nobodys():
    assert divided() == {LAKE: {None: 1}, HILL: {None: 1}, MARKET: {None: 1}}


def test_owners_share_equally_unless_something_is_stated():
    assert divided(owner(LAKE, WANG), owner(LAKE, LI))[LAKE] == {WANG: 0.5, LI: 0.5}
    assert divided(owner(LAKE, WANG, share=0.7), owner(LAKE, LI))[LAKE] == pytest.approx({WANG: 0.7, LI: 0.3})


def test_what_stated_shares_leave_is_nobodys():
    found = divided(owner(LAKE, WANG, share=0.5), owner(LAKE, LI, share=0.3))[LAKE]
    assert found == pytest.approx({WANG: 0.5, LI: 0.3, None: 0.2})


def test_shares_that_are_one_but_for_rounding_leave_nothing():
    thirds = [owner(LAKE, one, share=0.1) for one in (WANG, LI)] + [owner(LAKE, ZHAO, share=0.8)]
    posted = [(WANG, EAST), (LI, EAST), (ZHAO, EAST)]
    assert None not in divided(*thirds, posted=posted)[LAKE]


def test_an_owner_counts_on_the_days_of_the_ownership_both_included():
    tenth = date(2026, 11, 10)
    owners = [owner(LAKE, WANG, to_day=date(2026, 11, 9)), owner(LAKE, LI, from_day=tenth)]
    assert [list(divided(*owners, on=on)[LAKE]) for on in (date(2026, 11, 9), tenth)] == [[WANG], [LI]]


def test_ownership_ends_with_the_posting():
    owners = [owner(LAKE, WANG), owner(LAKE, LI)]
    assert divided(*owners, posted=[(WANG, SOUTH), (LI, EAST)])[LAKE] == {LI: 1}
    stated = [owner(LAKE, WANG, share=0.4), owner(LAKE, LI, share=0.6)]
    assert divided(*stated, posted=[(WANG, SOUTH), (LI, EAST)])[LAKE] == pytest.approx({LI: 0.6, None: 0.4})
    assert divided(*owners, posted=[])[LAKE] == {None: 1}


def test_the_latest_register_up_to_the_day_holds():
    registers = [register(LAKE, 90, date(2026, 6, 1)), register(LAKE, 50), register(HILL, 5, ON)]
    small = bank(registers=[register(LAKE, 9_999, date(2026, 12, 1)), *registers])
    assert sorted(latest(small.registers, ON).select("territory", "potential_customers").rows()) == [
        (LAKE, 90),
        (HILL, 5),
    ]
    assert latest(small.registers, date(2026, 5, 31)).select("territory", "potential_customers").rows() == [(LAKE, 50)]
    assert latest(small.registers, date(2025, 5, 31)).is_empty() and BEGINNING < ON


def test_nothing_is_divided_without_territories():
    small = bank(owners=[owner(LAKE, WANG)])
    assert shares(small.territories.clear(), small.owners, small.posted, ON).select(pl.len()).item() == 0
