"""Customers whole for their owner and their branch head, masked for everyone else, and nobody's for the rest."""

import random
import shutil

import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.customers import customers
from db.engine import Store
from db.errors import NotAllowed
from db.log import activity
from db.log.entry import Entry
from db.recording import recording
from db.store.on_disk import path_of
from metrics.definitions import interpret
from tests.support.builders import (
    EAST,
    LI,
    MONDAY,
    REGION,
    SOUTH,
    WANG,
    ZHAO,
    bank,
    far_region,
    head,
    manager,
    regional,
)
from tests.support.sheets import trail
from tests.support.sweep import SEED, scaled

PHONE = "13812345678"
NAMES = ["湖滨书店", "湖滨饭店", "100%_纯\\棉", "王小明"]


@pytest.fixture(scope="module")
def built(sqlite_template, tmp_path_factory):
    """The shop as a file of SQLite, that others copy."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("shop") / "shop.db")
    store = filled(Store(f"sqlite:///{path}", mark=interpret))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def shop(store, built):
    if not store.is_sqlite:
        return filled(store)
    shutil.copy(built, path_of(store.engine.url))
    return store


def filled(store: Store) -> Store:
    """湖滨书店 and 湖滨饭店 are 王芳's, 100%_纯\\棉 is 李强's, 王小明 赵敏's; 孙梅 of the other region has a 湖滨书店 too."""
    far_region(bank(store))
    for who, name, phone in [
        (WANG, NAMES[0], PHONE),
        (WANG, NAMES[1], "02787654321"),
        (LI, NAMES[2], "8765432"),
        (ZHAO, NAMES[3], None),
        (4, NAMES[0], "13912345678"),
    ]:
        entry = Entry("consultation", MONDAY, customer_name=name, phone=phone, note=f"电话 {name}", second_record=True)
        recording.record(operator(store), who, entry, f"{who} {name}", MONDAY)
    return store


def found(viewer, text: str = "") -> set[tuple]:
    return set(customers.search(viewer, text).select("customer_name", "phone", "whole").iter_rows())


def auditor(store) -> Viewer:
    return Viewer(store, "auditor", "auditor")


def test_the_owner_and_his_branch_head_see_customers_whole(shop):
    own = {(NAMES[0], PHONE, True), (NAMES[1], "02787654321", True)}
    assert found(manager(shop)) == own
    assert found(head(shop)) == own | {(NAMES[2], "8765432", True)}
    assert found(operator(shop)) >= own


def test_another_manager_and_another_branch_head_do_not_see_them_at_all(shop):
    for viewer in (manager(shop, LI), manager(shop, ZHAO, SOUTH), head(shop, SOUTH)):
        for text in ("", NAMES[0], PHONE, "5678"):
            assert not {name for name, _, _ in found(viewer, text)} & {NAMES[0], "湖*"}


def test_region_audit_and_administration_see_them_masked(shop):
    masked = {
        ("湖*", "138****5678", False),
        ("湖*", "027****4321", False),
        ("1*", "****32", False),
        ("王*", None, False),
    }
    assert found(regional(shop)) == masked
    for viewer in (auditor(shop), Viewer(shop, "admin", "administrator")):
        assert found(viewer) == masked | {("湖*", "139****5678", False)}


@pytest.mark.parametrize("role", ["screen", "guest"])
def test_who_looks_after_no_customers_reads_none(shop, role):
    viewer = Viewer(shop, role, role, REGION, EAST)
    with pytest.raises(NotAllowed):
        customers.search(viewer, "")
    assert trail(shop)[-1] == (role, "refuse", "read_customers")


@pytest.mark.parametrize(
    "text", [PHONE, "138 1234 5678", "138-1234-5678", " +86 13812345678 ", "１３８１２３４５６７８", "5678"]
)
@pytest.mark.both_engines
def test_a_customer_is_found_by_the_whole_phone_or_its_last_four_digits(shop, text):
    assert found(manager(shop), text) == {(NAMES[0], PHONE, True)}
    seen = {("湖*", "138****5678", False)} if text == "5678" else set()
    assert found(regional(shop), text) == seen, "masked, a phone is found by the digits that are seen alone"


@pytest.mark.parametrize("text", ["1381234", "567", "45678", "13812345679", "9999"])
def test_another_part_of_a_phone_finds_nobody(shop, text):
    assert found(manager(shop), text) == found(regional(shop), text) == set()


@pytest.mark.parametrize(
    "text, names", [("湖滨", NAMES[:2]), ("书店", NAMES[:1]), (" 湖滨书店 ", NAMES[:1]), ("湖店", [])]
)
def test_who_sees_names_whole_finds_by_a_part_of_one(shop, text, names):
    assert {name for name, _, _ in found(manager(shop), text)} == set(names)


@pytest.mark.parametrize(
    "text", [*NAMES, PHONE, "湖滨", "书店", "湖滨书", "湖?", "%", "_", "____", "湖滨书_", "湖%", "*", "5432", "0138"]
)
def test_no_guess_tells_more_of_a_masked_customer_than_is_seen(shop, text):
    """5432: the end of a short number, of which two digits are seen."""
    for viewer in (regional(shop), auditor(shop)):
        assert found(viewer, text) == set()


@pytest.mark.both_engines
@pytest.mark.parametrize("text", ["湖", "湖*", " 湖 "])
def test_who_sees_names_masked_finds_by_the_surname_that_is_seen(shop, text):
    assert found(regional(shop), text) == {("湖*", "138****5678", False), ("湖*", "027****4321", False)}


def test_two_thousand_guesses_at_a_phone_find_nothing_out(shop):
    """Its first three and last four digits are seen; each guess at the four between answers the same."""
    chosen = random.Random(SEED)
    guesses = [f"138{chosen.randrange(10_000):04}5678" for _ in range(scaled(2_000, 40))]
    assert {frozenset(found(regional(shop), one)) for one in (*guesses, PHONE)} == {frozenset()}


@pytest.mark.parametrize(
    "text, names",
    [("%", [NAMES[2]]), ("_", [NAMES[2]]), ("\\", [NAMES[2]]), ("0%_纯\\", [NAMES[2]]), ("湖%店", []), ("湖_书店", [])],
)
@pytest.mark.both_engines
def test_signs_that_mean_something_to_a_database_mean_themselves(shop, text, names):
    assert {name for name, _, _ in found(head(shop), text)} == set(names)


@pytest.mark.parametrize("text", ["a\0b", "'", "' OR 1=1 --", "湖" * 10_000])
def test_a_text_nobody_is_called_finds_nobody(shop, text):
    assert found(head(shop), text) == set()


@pytest.mark.both_engines
def test_as_many_are_found_as_were_asked_for_the_one_met_last_first(shop):
    assert customers.search(head(shop), "", limit=1)["customer_name"].to_list() == [NAMES[2]]
    assert customers.search(operator(shop), "").height == 5


def test_the_log_shows_names_and_notes_whole_to_whom_they_belong_only(shop):
    def row(viewer, who=WANG) -> list[tuple]:
        return activity.rows(viewer, MONDAY, who).select("customer_name", "note").rows()

    whole = [(name, f"电话 {name}") for name in (NAMES[1], NAMES[0])]
    screen = Viewer(shop, "screen", "screen", REGION, EAST)
    assert row(manager(shop)) == row(head(shop)) == row(operator(shop)) == whole
    assert row(regional(shop)) == row(auditor(shop)) == row(screen) == [("湖*", None)] * 2
    assert row(manager(shop, LI)) == row(head(shop, SOUTH)) == []
    recording.record(manager(shop), WANG, Entry("consultation", MONDAY, note="路过，没有客户"), "nobody", MONDAY)
    assert row(regional(shop))[0] == (None, "路过，没有客户")


def test_a_colleagues_customer_is_masked_in_ones_own_log_too(shop):
    entry = Entry("consultation", MONDAY, customer_name=NAMES[0], phone=PHONE, note="代王芳")
    recording.record(manager(shop, LI), LI, entry, "for 王芳", MONDAY)
    seen = activity.rows(manager(shop, LI), MONDAY, LI).select("customer_name", "note").rows()
    assert seen == [("湖*", None), (NAMES[2], f"电话 {NAMES[2]}")]
    assert activity.rows(head(shop), MONDAY, LI)["customer_name"].to_list() == [NAMES[0], NAMES[2]]
