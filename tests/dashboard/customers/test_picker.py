"""Customers on their buttons: by name, and by what tells two of one name apart."""

from datetime import date

import polars as pl

from dashboard.customers import picker
from db.customers.customers import CUSTOMER

ROWS = [
    (1, "郭记餐馆", "13800134490", date(2026, 11, 18)),
    (2, "王芳", "13900001111", date(2026, 11, 18)),
    (3, "王芳", "13900002222", date(2026, 11, 17)),
    (4, "李强", None, date(2026, 11, 18)),
    (5, "李强", None, date(2026, 11, 16)),
    (6, "赵敏", None, None),
    (7, "赵敏", None, None),
]
TABLE = pl.DataFrame(ROWS, CUSTOMER, orient="row")


def test_a_name_that_no_other_has_stands_alone():
    assert picker.short_labels(TABLE)[1] == "郭记餐馆"
    assert picker.labels(TABLE)[1] == "郭记餐馆 · 4490"


def test_customers_of_one_name_are_told_apart_by_phone_last_contact_or_number():
    said = picker.short_labels(TABLE)
    assert (said[2], said[3]) == ("王芳 · 1111", "王芳 · 2222")
    assert (said[4], said[5]) == ("李强 · 11月18日", "李强 · 11月16日")
    assert (said[6], said[7]) == ("赵敏 · — · #6", "赵敏 · — · #7")
    assert len(set(said.values())) == len(set(picker.labels(TABLE).values())) == len(ROWS)
