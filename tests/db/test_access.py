"""Who may do what, where: every role × every action × every place, and what the table does not name is denied."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import column, func, select

from db.access import Viewer, check, may, reach, scope, within
from db.codes import ROLES
from db.errors import NotAllowed
from db.models import Audit
from db.rights import DEPUTY, OPERATOR, RIGHTS, WORDS
from db.store.parts import CALENDAR
from tests.support.builders import EAST, FAR, LI, NORTH, REGION, SOUTH, WANG, ZHAO, bank, far_region
from tests.support.sheets import fresh

# How many of PLACES a role reaches, from its own outward. Written by hand: it is what RIGHTS is judged by.
NOWHERE, OWN, BRANCH, REGIONAL, ALL = 0, 1, 2, 3, 5
ASKING = ("manager", "branch_head", DEPUTY, "screen", "regional", "administrator", "auditor", OPERATOR, "guest")
EXPECTED = {
    "read_activity": (OWN, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "record_activity": (OWN, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "correct_activity": (OWN, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "close_day": (NOWHERE, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_people": (BRANCH, BRANCH, BRANCH, BRANCH, REGIONAL, ALL, ALL, ALL, NOWHERE),
    "manage_people": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "set_territory_owners": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, ALL, NOWHERE, ALL, NOWHERE),
    "read_plans": (OWN, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "set_plans": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_rates": (BRANCH, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "read_promises": (OWN, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "set_promises": (NOWHERE, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "confirm_promise": (OWN, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "run_meeting": (NOWHERE, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "write_meeting_note": (BRANCH, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "give_reason": (OWN, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_reasons": (OWN, BRANCH, BRANCH, NOWHERE, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "settle_commitment": (OWN, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "set_agenda": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_meetings": (BRANCH, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "read_shelf": (BRANCH, BRANCH, BRANCH, BRANCH, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "write_shelf": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_shelf_views": (OWN, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "name_deputy": (NOWHERE, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "plan_visiting": (NOWHERE, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "hold_interview": (NOWHERE, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_interviews": (OWN, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "answer_interview": (OWN, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "finish_action": (OWN, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "count_interviews": (OWN, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_definitions": (ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, NOWHERE),
    "set_definitions": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "manage_calendar": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "record_absences": (NOWHERE, BRANCH, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "read_customers": (OWN, BRANCH, NOWHERE, NOWHERE, REGIONAL, ALL, ALL, ALL, NOWHERE),
    "forget_customers": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "read_personal_data": (OWN, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "unmask_customer": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "file_customers": (OWN, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "merge_customers": (OWN, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "hand_over_customers": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, NOWHERE, ALL, NOWHERE),
    "import_data": (OWN, BRANCH, NOWHERE, NOWHERE, REGIONAL, ALL, NOWHERE, ALL, NOWHERE),
    "undo_import": (OWN, BRANCH, NOWHERE, NOWHERE, REGIONAL, ALL, NOWHERE, ALL, NOWHERE),
    "export_data": (NOWHERE, BRANCH, NOWHERE, NOWHERE, REGIONAL, NOWHERE, ALL, ALL, NOWHERE),
    "allow_hosts": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "set_channels": (NOWHERE, BRANCH, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "read_messages": (NOWHERE, BRANCH, BRANCH, NOWHERE, NOWHERE, ALL, ALL, ALL, NOWHERE),
    "send_messages": (NOWHERE, BRANCH, BRANCH, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE),
    "read_accounts": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, ALL, ALL, NOWHERE),
    "manage_accounts": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
    "read_audit": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, ALL, ALL, NOWHERE),
    "read_retention": (NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, ALL, NOWHERE, ALL, NOWHERE),
}
HELD = {"region": REGION, "branch": EAST, "manager": WANG}
PLACES = {
    "own": HELD,
    "a colleague's": HELD | {"manager": LI},
    "another branch's": {"region": REGION, "branch": SOUTH, "manager": ZHAO},
    "another region's": {"region": FAR, "branch": NORTH, "manager": 4},
    "nobody's": dict.fromkeys(HELD),
}
LEVEL = {OWN: "manager", BRANCH: "branch", REGIONAL: "region"}
PAIRS = [(role, action, held) for action, row in EXPECTED.items() for role, held in zip(ASKING, row, strict=True)]


@pytest.fixture(scope="module")
def noted(sqlite_template):
    """One store whose trail takes all refusals."""
    with fresh(sqlite_template) as store:
        yield store


def viewer(role: str, store=None, **place) -> Viewer:
    return Viewer(store, f"one {role}", role, **{**HELD, **place})


def refusals(store, since: int = 0) -> list[tuple]:
    """The rows of the trail after so many."""
    said = select(Audit.account, Audit.action, Audit.entity, Audit.after).order_by(Audit.id).offset(since)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(said)]


def height(store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(Audit)).scalar_one()


def test_the_matrix_is_whole():
    assert len(PAIRS) * len(PLACES) == len(EXPECTED) * 9 * 5 >= 500
    assert set(ASKING) - {OPERATOR, DEPUTY, "guest"} == set(ROLES)
    assert EXPECTED.keys() == RIGHTS.keys(), "an action needs a row in RIGHTS and one here"
    assert {role for row in RIGHTS.values() for role in row} <= {*ROLES, DEPUTY}


@pytest.mark.parametrize("role, action, held", PAIRS)
def test_a_right_reaches_exactly_as_far_as_the_table_says(noted, role, action, held):
    asking, before, denied = viewer(role, noted), height(noted), []
    for distance, place in enumerate(PLACES):
        try:
            check(asking, action, **PLACES[place])
        except NotAllowed:
            denied.append(distance)
    assert denied == list(range(held, len(PLACES)))
    assert refusals(noted, before) == [(f"one {role}", "refuse", action, {"role": role})] * len(denied)


@pytest.mark.parametrize("role, action, held", PAIRS)
def test_a_condition_says_the_same_and_without_its_column_is_denied(role, action, held):
    asking, columns = viewer(role), {name: column(name) for name in HELD}
    assert may(asking, action) == (held != NOWHERE)
    if held == NOWHERE:
        for refused in (lambda: scope(asking, action), lambda: within(asking, action, **columns)):
            with pytest.raises(NotAllowed):
                refused()
        return
    level = LEVEL.get(held)
    assert scope(asking, action) == ({level: HELD[level]} if level else {})
    condition = within(asking, action, **columns).compile(compile_kwargs={"literal_binds": True})
    assert str(condition) == (f"{level} = {HELD[level]}" if level else "true")
    if level:
        with pytest.raises(NotAllowed):
            within(asking, action, **{name: one for name, one in columns.items() if name != level})


@pytest.mark.parametrize("role, action, held", PAIRS)
def test_a_role_without_its_place_may_do_nothing_there(role, action, held):
    assert may(viewer(role, region=None, branch=None, manager=None), action) == (held == ALL)


@pytest.mark.parametrize("role", [*ASKING, "", None])
@pytest.mark.parametrize("action", ["fly", "", None])
def test_an_unknown_action_is_denied_to_everyone(role, action):
    assert reach(viewer(role), action) is None
    with pytest.raises(NotAllowed):
        scope(viewer(role), action)


def actions(source: str) -> set[str]:
    """Actions that a source names where it asks for a right."""
    asks, found = {"scope", "within", "check", "covers", "may", "reach", "posted", "in_reach"}, set()
    for node in ast.walk(ast.parse(source)):
        called = getattr(node, "func", None)
        if isinstance(node, ast.Call) and (getattr(called, "id", None) or getattr(called, "attr", None)) in asks:
            stated = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "action")]
            named = [part for one in stated for part in ast.walk(one) if isinstance(part, ast.Constant)]
            found |= {one.value for one in named if isinstance(one.value, str)}
    return found


def test_every_action_that_is_asked_for_has_a_row_and_every_row_is_asked_for():
    root = Path(__file__).parents[2]
    sources = [path for floor in ("db", "dashboard", "pages") for path in sorted((root / floor).rglob("*.py"))]
    asked = {action: path for path in sources for action in actions(path.read_text())}
    assert not asked.keys() - RIGHTS.keys(), {action: str(asked[action]) for action in asked.keys() - RIGHTS.keys()}
    assert not RIGHTS.keys() - asked.keys(), "rights nobody asks for"


def test_every_action_has_its_words_and_no_other_has():
    assert WORDS.keys() == RIGHTS.keys()
    assert all(re.fullmatch("[一-鿿、，]+", said) for said in WORDS.values())


def test_an_action_is_found_however_it_is_asked_for():
    found = actions(
        "access.check(v, 'a'); may(v, action='b'); scope(v, 'c' if x else 'd'); check(s, lambda r: r); f(v, 'e')"
    )
    assert found == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "place, its_parts, those_of_the_south",
    [
        ((REGION, EAST, WANG), ("branch 1", "shared in region 1"), ("branch 2", "shared in region 1")),
        ((REGION, EAST, None), ("branch 1", "shared in region 1"), ("branch 2", "shared in region 1")),
        ((REGION, None, None), ("region 1",), ("branch 2",)),
        ((None, None, None), ("bank",), ("branch 2",)),
    ],
)
def test_what_a_viewer_is_shown_depends_on_their_place_and_that_of_a_branch_on_the_branch(
    place, its_parts, those_of_the_south
):
    asking = Viewer(None, "somebody", "any", *place)
    assert asking.parts == asking.parts_in() == its_parts
    assert asking.parts_in(branch=SOUTH) == those_of_the_south


def test_of_many_branches_only_what_was_touched_is_computed_again(sqlite_store):
    asking, asked = Viewer(far_region(bank(sqlite_store)), "somebody", "auditor"), []

    def one(branch: int) -> int:
        asked.append(branch)
        with asking.store.reading(*asking.parts_in(branch), CALENDAR):
            return branch * 10

    def together() -> dict[int, int]:
        asked.append("together")
        return {branch: branch * 10 for branch in (EAST, SOUTH, NORTH)}

    def newly_asked(**touched) -> list:
        asked.clear()
        if touched:
            with asking.store.writing("test") as write:
                write.touch(*touched.pop("names", ()), **touched)
        for _time in range(2):
            assert asking.by_branch("a test", (EAST, SOUTH, NORTH), one=one, together=together) == [10, 20, 30]
        return list(asked)

    assert newly_asked() == [EAST, "together"]
    assert newly_asked(branches=[SOUTH]) == [SOUTH]
    assert newly_asked(branches=[EAST, NORTH]) == [EAST, "together"]
    assert newly_asked(names=[CALENDAR]) == [EAST, "together"]
