"""A long table is sent a piece at a time."""

from streamlit.testing.v1 import AppTest

from dashboard.widgets.grids import PAGE
from tests.support.pages import tables


def page(rows: int) -> None:
    import polars as pl

    from dashboard.widgets import grids

    grids.paged(pl.DataFrame({"number": range(rows)}), [grids.text("number", "Number")], "numbers")


def shown(app: AppTest) -> list[str]:
    (table,) = tables(app)
    return [row[0] for row in table[1:]]


def test_more_rows_come_for_the_asking_until_there_are_none():
    app = AppTest.from_function(page, args=(2 * PAGE + 1,)).run()
    assert shown(app) == [str(one) for one in range(PAGE)]
    assert app.button[0].label == f"再显示 {PAGE} 条（还有 {PAGE + 1} 条）"
    app.button[0].click().run()
    assert len(shown(app)) == 2 * PAGE and app.button[0].label == "再显示 1 条（还有 1 条）"
    app.button[0].click().run()
    assert len(shown(app)) == 2 * PAGE + 1 and not app.button


def test_a_short_table_has_nothing_to_ask_for():
    app = AppTest.from_function(page, args=(PAGE,)).run()
    assert len(shown(app)) == PAGE and not app.button
