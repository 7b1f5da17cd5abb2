"""Who may bring which file, whose rows it may hold, and that nobody learns from a file what others have."""

from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import select, update

from dashboard.shell.store import operator
from db.access import Viewer
from db.codes import ROLES
from db.errors import NotAllowed
from db.imports.imports import brought_by, kinds
from db.imports.kinds import BY_NAME
from db.models import Activity, ClosedDay, Customer, ImportBatch, Opportunity, Posting
from tests.support.builders import EAST, MONDAY, SOUTH, WANG, ZHAO, head, manager, regional
from tests.support.import_scope import FAR_AWAY, SOUTHERN
from tests.support.sheets import bring, counts, file, held_values, lines, logged, numbers, problems, row, sheet, trail

pytestmark = pytest.mark.slow

NOBODY = row(branch="无名支行", staff_no="9999", manager="无人")


NO_REGION = row(region="无名分行", branch="北门支行", staff_no="1004", manager="孙梅")


NOT_YOURS = ("This region is not within your scope", "This branch is not within your scope")


NOT_YOUR_MANAGER = "This manager is not within your scope"


def somebody(store, role: str) -> Viewer:
    made = {"manager": manager, "branch_head": head, "regional": regional, "operator": operator}
    return made[role](store) if role in made else Viewer(store, role, role)


def close(store, branch: int, day: date) -> None:
    with store.writing("test") as write:
        write.session.add(ClosedDay(branch_id=branch, day=day, closed_at=write.now, closed_by="head"))


HEADINGS = {kind: ",".join(column.name for column in one.columns) for kind, one in BY_NAME.items()}


@pytest.mark.parametrize("kind", BY_NAME)
@pytest.mark.parametrize("role", [*ROLES, "operator", "nobody"])
def test_a_role_brings_the_files_that_are_named_for_it_and_no_other(small, role, kind):
    viewer = somebody(small, role)
    if kind in brought_by(role):
        assert numbers(file(viewer, kind, HEADINGS[kind])) == (0, 0, 0, 0)
        return
    with pytest.raises(NotAllowed):
        file(viewer, kind, HEADINGS[kind])
    assert trail(small)[-1] == (viewer.account, "refuse", "import_data")
    assert kind not in kinds(viewer)


def test_the_administrator_brings_no_customers():
    assert "activities" not in brought_by("administrator")
    assert brought_by("screen") == brought_by("auditor") == ()


def test_a_manager_brings_his_own_rows_with_new_customers(cast):
    report = bring(manager(cast), row(customer="甲", phone="13812345678"), row(customer="乙"))
    assert numbers(report) == (2, 2, 0, 0)
    assert held_values(cast, Customer.name, Customer.manager_id) == {("甲", WANG), ("乙", WANG)}
    assert held_values(cast, ImportBatch.region_id, ImportBatch.branch_id, ImportBatch.manager_id) == {(1, EAST, WANG)}
    assert numbers(bring(manager(cast), row(customer="甲", phone="13812345678"), row(customer="乙"))) == (2, 0, 2, 0)


@pytest.mark.parametrize(
    ("viewer", "foreign", "place"),
    [
        (manager, row(staff_no="1002", manager="李强"), {"工号"}),
        (manager, SOUTHERN, {"支行", "工号"}),
        (manager, FAR_AWAY, {"分行", "工号"}),
        (head, SOUTHERN, {"支行", "工号"}),
        (head, FAR_AWAY, {"分行", "工号"}),
        (regional, FAR_AWAY, {"分行", "工号"}),
    ],
)
def test_a_row_of_somebody_else_is_refused_at_its_cells(cast, viewer, foreign, place):
    held = counts(cast)
    report = bring(viewer(cast), foreign)
    assert {column for _row, column, *_ in problems(report)} == place
    assert {said for *_, said in problems(report)} <= {*NOT_YOURS, NOT_YOUR_MANAGER}
    assert report.refused and counts(cast) == held


@pytest.mark.parametrize(
    ("viewer", "there", "nowhere"),
    [
        (manager, SOUTHERN, NOBODY),
        (manager, row(staff_no="1002", manager="李强"), row(staff_no="9999", manager="李强")),
        (head, SOUTHERN, NOBODY),
        (head, FAR_AWAY, NO_REGION),
        (regional, FAR_AWAY, NO_REGION),
    ],
)
@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
def test_what_belongs_to_others_looks_like_what_does_not_exist(small, viewer, there, nowhere, stored):
    more = {"customer": "甲", "phone": "13812345678", "product": "信用贷款", "opportunity": "N1", "reference": "R1"}
    if stored:
        assert bring(operator(small), there | more).accepted == 1

    def told(one: dict) -> tuple:
        report = bring(viewer(small), one | more, accept_valid=True)
        return numbers(report), [(place, column, said) for place, column, _value, said in problems(report)]

    assert told(there) == told(nowhere)


def test_a_manager_brings_the_rows_of_the_branch_he_was_in_on_the_day(cast):
    moved = MONDAY - timedelta(7)
    with cast.writing("test") as write:
        stay = update(Posting).where(Posting.manager_id == WANG)
        write.session.execute(stay.values(to_day=moved - timedelta(1), branch_id=SOUTH))
        write.session.add(Posting(manager_id=WANG, branch_id=EAST, from_day=moved))
    before = str(moved - timedelta(1))
    report = bring(
        manager(cast),
        row(date=before, branch="南山支行"),
        row(date=before),
        row(),
        row(branch="南山支行"),
        accept_valid=True,
    )
    assert [(place, column) for place, column, *_ in problems(report)] == [(3, "支行"), (5, "支行")]
    assert logged(cast, Activity.branch_id) == [(SOUTH,), (EAST,)]


def test_a_branch_head_creates_customers_and_nothing_else(cast):
    held = counts(cast)
    report = bring(
        head(cast), row(customer="甲"), row(staff_no="1009", manager="新人"), row(product="火箭贷"), accept_valid=True
    )
    assert [(place, column) for place, column, *_ in problems(report)] == [(3, "工号"), (4, "产品")]
    now = counts(cast)
    assert {name for name in now if now[name] != held[name]} == {
        "activity",
        "audit",
        "counter",
        "history",
        "part_version",
        "customer",
        "import_batch",
        "trail_key",
    }


def test_a_region_brings_the_rows_of_all_its_branches(small):
    assert numbers(bring(regional(small), row(), SOUTHERN)) == (2, 2, 0, 0)


def test_a_reference_of_another_branch_is_as_good_as_a_free_one(cast):
    bring(operator(cast), SOUTHERN | {"reference": "R1"})
    mine = row(reference="R1", note="我的")
    assert numbers(bring(head(cast), mine)) == (1, 1, 0, 0)
    assert numbers(bring(head(cast), mine)) == (1, 0, 1, 0)
    assert numbers(bring(manager(cast), mine)) == (1, 0, 1, 0)
    changed = bring(head(cast), mine | {"note": "别的"})
    assert [said for *_, said in problems(changed)] == ["This reference is stored already with other content"]


def test_references_made_to_stand_in_the_way_do_not(small):
    bring(operator(small), *(SOUTHERN | {"reference": f"{'江城分行/东湖支行/1001/' * n}R1"} for n in range(3)))
    assert numbers(bring(head(small), row(reference="R1"))) == (1, 1, 0, 0)
    assert numbers(bring(head(small), row(reference="R1"))) == (1, 0, 1, 0)


def test_a_manager_does_not_learn_which_references_a_colleague_has(small):
    bring(operator(small), row(staff_no="1002", manager="李强", reference="R1"))
    assert numbers(bring(manager(small), row(reference="R1"))) == (1, 1, 0, 0)


def test_a_phone_known_in_another_branch_is_a_customer_of_ones_own(small):
    bring(operator(small), SOUTHERN | {"customer": "甲", "phone": "13812345678"})
    bring(head(small), row(customer="甲", phone="13812345678"))
    assert held_values(small, Customer.branch_id, Customer.phone) == {(SOUTH, "13812345678"), (EAST, "13812345678")}


@pytest.mark.both_engines
def test_a_row_neither_joins_nor_ends_an_opportunity_of_another_branch(cast):
    case = {"product": "信用贷款", "opportunity": "N1"}
    bring(operator(cast), SOUTHERN | case | {"kind": "申请", "customer": "甲"})
    for _again in range(2):
        assert not bring(head(cast), row(kind="拒贷", customer="乙", **case)).problems.height
    bring(head(cast), row(date="2026-11-17", kind="咨询", customer="乙", **case))
    opportunities = held_values(cast, Opportunity.number, Opportunity.manager_id)
    assert opportunities == {("N1", ZHAO), ("N1 · 东湖支行", WANG)}
    joined = logged(cast, Activity.opportunity_id)
    assert joined[1] == joined[2] != joined[0]


def test_a_row_joins_the_opportunity_of_its_own_branch(small):
    case = {"customer": "甲", "product": "信用贷款", "opportunity": "N1"}
    bring(operator(small), row(kind="申请", **case))
    bring(manager(small), row(kind="成交", **case))
    assert held_values(small, Opportunity.number) == {("N1",)}


def test_rows_of_a_merged_customer_go_to_the_record_that_goes_on(small):
    bring(operator(small), row(customer="甲", phone="13812345678"), row(customer="甲店"))
    with small.writing("test") as write:
        known = dict(write.session.execute(select(Customer.name, Customer.id)).all())
        merged = update(Customer).where(Customer.name == "甲店").values(merged_into_id=known["甲"])
        write.session.execute(merged)
    bring(head(small), row(customer="甲店", note="又来"))
    assert logged(small, Activity.customer_id)[-1] == (known["甲"],)


@pytest.mark.parametrize(
    ("viewer", "taken"),
    [(manager, False), (head, True), (regional, False), (operator, True)],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_closed_day_takes_rows_of_the_branch_head_only(cast, viewer, taken):
    close(cast, EAST, MONDAY)
    report = bring(viewer(cast), row(), row(date="2026-11-17"), accept_valid=True)
    assert numbers(report) == (2, 2, 0, 0) if taken else (2, 1, 0, 1)
    if not taken:
        assert problems(report) == [(2, "日期", "2026-11-16", "The evening meeting has closed this day")]


def test_the_closed_day_of_another_branch_closes_nothing_here(small):
    close(small, SOUTH, MONDAY)
    assert numbers(bring(manager(small), row())) == (1, 1, 0, 0)


def test_what_is_stored_already_is_told_so_on_a_closed_day_too(small):
    bring(manager(small), row())
    close(small, EAST, MONDAY)
    assert numbers(bring(manager(small), row())) == (1, 0, 1, 0)


def test_a_preview_names_the_rows_that_would_be_taken(small):
    rows = [row(customer="甲"), row(kind="唱歌"), row(customer="甲"), row(note="【示例】这样填"), row(note="好")]
    bring(head(small), row(customer="甲"))
    report = bring(head(small), *rows, accept_valid=True, dry_run=True)
    assert numbers(report) == (4, 2, 1, 1) and report.samples == 1
    assert report.good["row"].to_list() == [4, 6]


def test_the_sample_row_of_a_template_is_never_stored(small):
    for mark in ("【示例】", "[sample] "):
        report = bring(operator(small), row(staff_no=f"{mark}1001"))
        assert numbers(report) == (0, 0, 0, 0) and report.samples == 1 and report.batch is None
    assert pl.DataFrame(logged(small, Activity.id)).is_empty()


def test_the_stages_of_an_import_are_told(small):
    said: list[str] = []
    content = lines(sheet(row()))
    file(head(small), "activities", content, stage=said.append, dry_run=True)
    assert said == ["reading", "checking"]
    file(head(small), "activities", content, stage=said.append)
    assert said == ["reading", "checking", "reading", "checking", "storing"]
