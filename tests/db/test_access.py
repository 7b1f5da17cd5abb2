"""Who may do what, where: what the table does not name is denied."""

import pytest
from builders import EAST, REGION, SOUTH, WANG
from sqlalchemy import column

from db.access import RIGHTS, Viewer, check, may, scope, within
from db.errors import NotAllowed

ACTIONS = sorted({action for rights in RIGHTS.values() for action in rights})
OWN = {"region": REGION, "branch": EAST, "manager": WANG}
NEEDS = {"own": "manager", "branch": "branch", "region": "region", "all": None}
EVERY = [(role, action) for role in RIGHTS for action in ACTIONS]


def viewer(role: str, **place) -> Viewer:
    return Viewer(None, role, role, **{**OWN, **place})


@pytest.mark.parametrize("role, action", EVERY)
def test_a_right_reaches_exactly_as_far_as_the_table_says(role, action):
    reach = RIGHTS[role].get(action)
    asking = viewer(role)
    assert may(asking, action) == (reach is not None)
    if reach is None:
        with pytest.raises(NotAllowed):
            check(asking, action, **OWN)
        return
    level = NEEDS[reach]
    assert scope(asking, action) == ({level: OWN[level]} if level else {})
    check(asking, action, **OWN)
    for other in OWN:
        elsewhere = OWN | {other: 99}
        if other == level:
            with pytest.raises(NotAllowed):
                check(asking, action, **elsewhere)
        else:
            check(asking, action, **elsewhere)


@pytest.mark.parametrize("role, action", EVERY)
def test_a_role_without_its_place_may_do_nothing_there(role, action):
    nowhere = viewer(role, region=None, branch=None, manager=None)
    assert may(nowhere, action) == (RIGHTS[role].get(action) == "all")


@pytest.mark.parametrize("role, action", [one for one in EVERY if RIGHTS[one[0]].get(one[1])])
def test_a_condition_without_the_column_it_needs_is_denied(role, action):
    level = NEEDS[RIGHTS[role][action]]
    columns = {name: column(name) for name in OWN}
    condition = within(viewer(role), action, **columns)
    assert str(condition.compile(compile_kwargs={"literal_binds": True})) == (
        f"{level} = {OWN[level]}" if level else "true"
    )
    if level:
        with pytest.raises(NotAllowed):
            within(viewer(role), action, **{name: one for name, one in columns.items() if name != level})


@pytest.mark.parametrize(
    "role, action", [("guest", "read_activity"), ("", "read_plans"), ("operator", "fly"), (None, "")]
)
def test_an_unknown_role_or_action_is_denied(role, action):
    asking = Viewer(None, "somebody", role, **OWN)
    assert not may(asking, action)
    with pytest.raises(NotAllowed):
        scope(asking, action)
    with pytest.raises(NotAllowed):
        within(asking, action, region=column("region"), branch=column("branch"), manager=column("manager"))


def test_nothing_that_belongs_to_nobody_belongs_to_a_manager():
    with pytest.raises(NotAllowed):
        check(viewer("manager"), "read_activity", region=REGION, branch=SOUTH, manager=None)
