"""Territories have owners from day to day: no more than all of one is given, and only by who leads the branch."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.models import Territory
from db.people import ownership, staffing, territories, territory_owners
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import trail
from tests.support.sweep import scaled

LAKE, MARKET = 11, 21
FIRST, TENTH = date(2026, 11, 1), date(2026, 11, 10)


@pytest.fixture
def divided(store):
    bank(store)
    with store.writing("test") as write:
        rows = [
            {"id": LAKE, "branch_id": EAST, "name": "东湖社区"},
            {"id": MARKET, "branch_id": SOUTH, "name": "南山市场"},
        ]
        write.session.execute(insert(Territory), rows)
        write.settle_ids(Territory)
    return store


def owned(viewer: Viewer) -> list[tuple]:
    return territories.owners(viewer).select("territory", "manager", "from_day", "to_day", "share").rows()


@pytest.mark.both_engines
def test_a_territory_is_given_changed_from_a_day_and_taken_back(divided):
    one = head(divided)
    territory_owners.give(one, LAKE, WANG, FIRST)
    territory_owners.give(one, LAKE, LI, FIRST, share=0.4)
    assert owned(one) == [(LAKE, WANG, FIRST, None, None), (LAKE, LI, FIRST, None, 0.4)]
    territory_owners.give(one, LAKE, LI, TENTH, share=0.6)
    assert owned(one)[1:] == [(LAKE, LI, FIRST, date(2026, 11, 9), 0.4), (LAKE, LI, TENTH, None, 0.6)]
    (latest,) = territories.owners(one).filter(manager=LI, from_day=TENTH)["owner"]
    territory_owners.end(one, latest, date(2026, 11, 20))
    assert owned(one)[2][3] == date(2026, 11, 20)
    territory_owners.end(one, latest, FIRST)
    assert len(owned(one)) == 2
    assert [done[1] for done in trail(divided) if done[2] == "territory_owner"] == ["set"] * 5 + ["void"]


def test_what_is_refused_says_why(divided):
    one = head(divided)
    territory_owners.give(one, LAKE, WANG, FIRST, share=0.7)
    for asked, said in [
        ((LAKE, LI, TENTH, None, 0.4), "more than 100 %"),
        ((LAKE, LI, TENTH, None, 1.2), "at most 100 %"),
        ((LAKE, LI, TENTH, None, 0.0), "at most 100 %"),
        ((LAKE, LI, TENTH, FIRST), "before the first"),
        ((LAKE, ZHAO, FIRST), "does not work"),
        ((LAKE, 99, FIRST), "does not work"),
    ]:
        with pytest.raises(Refused, match=said):
            territory_owners.give(one, *asked)
    territory_owners.give(one, LAKE, LI, TENTH, None, 0.3)
    assert len(owned(one)) == 2


def test_who_has_moved_away_can_be_given_the_days_before(divided):
    staffing.transfer(operator(divided), WANG, SOUTH, TENTH)
    with pytest.raises(Refused):
        territory_owners.give(head(divided), LAKE, WANG, TENTH)
    territory_owners.give(head(divided), LAKE, WANG, None, date(2026, 11, 30))
    territory_owners.give(head(divided, SOUTH), MARKET, WANG, TENTH)
    assert len(owned(operator(divided))) == 2


def test_only_who_leads_the_branch_gives_its_territories(divided):
    territory_owners.give(regional(divided), MARKET, ZHAO, FIRST)
    (owner,) = territories.owners(regional(divided))["owner"]
    said = set()
    for asking in (head(divided), manager(divided), Viewer(divided, "s", "screen", 1, EAST)):
        for ask in (
            lambda asking=asking: territory_owners.give(asking, MARKET, ZHAO, FIRST),
            lambda asking=asking: territory_owners.give(asking, 99, ZHAO, FIRST),
            lambda asking=asking: territory_owners.end(asking, owner, TENTH),
            lambda asking=asking: territory_owners.end(asking, 99, TENTH),
        ):
            with pytest.raises(NotAllowed) as refusal:
                ask()
            said.add((asking.role, refusal.value.message))
    assert len(said) == 3  # each is told one thing, whether it exists or not
    assert owned(head(divided)) == [] and len(owned(regional(divided))) == 1


STAYS = st.builds(
    ownership.stay,
    st.sampled_from([1, 2]),
    st.none() | st.sampled_from([date(2026, 1, day) for day in range(1, 9)]),
    st.none() | st.sampled_from([date(2026, 1, day) for day in range(8, 12)]),
    st.none() | st.sampled_from([0.2, 0.5, 0.7]),
)


@settings(max_examples=scaled(sweep=2_000, test=50))
@given(st.lists(STAYS, max_size=8))
def test_an_owner_is_never_there_twice_and_the_same_again_changes_nothing(new):
    stays: list[ownership.Stay] = []
    for one in new:
        stays = ownership.placed(stays, one)
        assert set(ownership.placed(stays, stays[-1])) == set(stays)
    for day in (date(2026, 1, day) for day in range(1, 13)):
        there = [one.manager for one in stays if one.first <= day <= one.last]
        assert len(there) == len(set(there))
    worst = max((sum(x.share or 0 for x in stays if x.first <= one.first <= x.last) for one in stays), default=0)
    assert (ownership.overfull(stays) is not None) == (worst > 1)
