"""Columns of another name are said once on the import page, and the next file of the branch is read so."""

from db.engine import Store
from db.models import Activity
from tests.pages.test_data_import import brought, entries, entry, numbers, press
from tests.support.pages import healthy, look
from tests.support.sheets import lines, logged, sheet


def own_words(store: Store, day: int) -> bytes:
    """A sheet with the headings of a bank's own system: one that is known nowhere, one that may be the amount."""
    rows = [entry(store, n, date=f"2026-10-{day:02}", kind="成交", amount="8.5") for n in range(2)]
    table = sheet(*rows)
    table[0] = [{"日期": "拜访日期", "金额": "放款金额（万元）"}.get(one, one) for one in table[0]]
    return lines(table)


def test_a_heading_is_mapped_once_and_known_in_the_next_file(own_demo):
    page = healthy(look("data_import", as_="head-1"))
    brought(page, own_words(own_demo, 8), name="十月.csv")
    assert numbers(healthy(page)) == [2, 0, 0, 1]
    chosen = {one.label: one.value for one in page.selectbox if one.label.startswith(("拜访", "放款"))}
    assert list(chosen.values()) == ["date", "amount"]
    press(page, "按此读取文件")
    assert numbers(healthy(page)) == [2, 2, 0, 0]
    press(page, "导入 2")
    assert entries(own_demo) == 2
    assert set(logged(own_demo, Activity.amount_cents)[-2:]) == {(8_500_000,)}

    again = healthy(look("data_import", as_="head-1"))
    brought(again, own_words(own_demo, 9), name="十一月.csv")
    assert numbers(healthy(again)) == [2, 2, 0, 0]
