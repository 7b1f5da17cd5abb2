"""A file that comes again, mended or beside another: nothing twice, nobody mixed up, nothing forgotten."""

from datetime import date

from dashboard.shell.store import operator
from db.models import Activity, Customer, Manager
from db.privacy import REASON
from tests.support.builders import bank
from tests.support.sheets import bring, file, held_values, logged, numbers, problems, row


def test_a_file_mended_after_its_good_rows_were_taken_stores_each_row_once(sqlite_store):
    viewer = operator(bank(sqlite_store))
    deal = {"kind": "成交", "customer": "老王", "product": "信用卡"}
    taken = bring(viewer, row(**deal, amount="十万"), row(**deal), accept_valid=True, create_missing=True)
    assert numbers(taken) == (2, 1, 0, 1)
    again = bring(viewer, row(**deal, amount="100000"), row(**deal), create_missing=True)
    assert numbers(again) == (2, 1, 1, 0)
    assert sorted(logged(sqlite_store, Activity.amount_cents), key=str) == [(10_000_000,), (None,)]


def test_two_people_of_one_name_stay_two_beside_a_namesake_without_a_phone(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(customer="张三"), create_missing=True)
    two = [row(customer="张三", phone=f"1380000000{n}") for n in (1, 2)]
    assert numbers(bring(viewer, *two, create_missing=True)) == (2, 2, 0, 0)
    phones = {(None,), ("13800000001",), ("13800000002",)}
    assert held_values(sqlite_store, Customer.phone) == phones


def test_a_known_customer_learns_his_phone_from_a_file(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(customer="张三"), create_missing=True)
    bring(viewer, row(customer="张三", phone="13800000001"))
    assert held_values(sqlite_store, Customer.name, Customer.phone) == {("张三", "13800000001")}


def test_another_kind_of_customer_is_other_content(sqlite_store):
    viewer = operator(bank(sqlite_store))
    entry = {"customer": "张三", "reference": "r1"}
    header = "date,region,branch,staff_no,manager,kind,customer,customer_kind,reference"
    line = "2026-11-16,江城分行,东湖支行,1001,王芳,consultation,{customer},{kind},{reference}"
    first, second = (f"{header}\n{line.format(kind=kind, **entry)}" for kind in ("农户", "个体工商户"))
    assert numbers(file(viewer, "activities", first, create_missing=True)) == (1, 1, 0, 0)
    assert [one[1] for one in problems(file(viewer, "activities", second))] == ["reference"]


def test_an_id_number_is_refused_as_a_number_of_the_bank_too(sqlite_store):
    viewer = operator(bank(sqlite_store))
    wrong = bring(viewer, row(reference="11010119900307663X", opportunity="11010119900307663X"), create_missing=True)
    assert [one[3] for one in problems(wrong)] == [REASON.split(":")[0]] * 2
    assert bring(viewer, row(reference="6222021234567890123")).problems.is_empty()


def test_a_list_without_leaving_days_brings_nobody_back(sqlite_store):
    viewer = operator(bank(sqlite_store))
    file(viewer, "people", "region,branch,staff_no,manager,left_on\n江城分行,东湖支行,1002,李强,2026-03-05\n")
    file(viewer, "people", "region,branch,staff_no,manager\n江城分行,东湖支行,1002,李强\n")
    assert (date(2026, 3, 5),) in held_values(sqlite_store, Manager.left_on)
    file(viewer, "people", "region,branch,staff_no,manager,from\n江城分行,南山支行,1002,李强,2026-06-01\n")
    assert held_values(sqlite_store, Manager.left_on) == {(None,)}
