"""A table to type into keeps its start until it is saved, whatever others store meanwhile."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Counts as they are stored (in the state "bank", where others write too), typed in tens."""
    import polars as pl
    import streamlit as st

    from dashboard.shell import session
    from dashboard.widgets.edited_table import EditedTable

    bank = session.state().setdefault("bank", {1: 10, 2: None})

    def start() -> pl.DataFrame:
        rows = [(one, None if value is None else value / 10) for one, value in bank.items()]
        return pl.DataFrame(rows, {"row": pl.Int64, "deals": pl.Float64}, orient="row")

    def stored(table: pl.DataFrame) -> pl.DataFrame:
        return table.with_columns((pl.col("deals") * 10).round().cast(pl.Int64))

    table = EditedTable("deals", start, "row", ["deals"], stored)
    table.show({"deals": None}, "deals")
    table.follow()
    session.state()["changes"] = table.changes()
    if st.button("fill"):
        table.fill(table.opened.start.with_columns(pl.col("deals").fill_null(7.0)))
    if st.button("undo"):
        table.undo()
    if st.button("save"):
        bank |= {row: change["deals"].after for row, change in table.changes().items()}
        table.close()
        st.rerun()


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def tap(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def state(app: AppTest, name: str):
    return app.session_state["kept"][name]


def test_nothing_typed_is_no_change():
    assert state(opened(), "changes") == {}


def test_what_is_filled_in_is_a_change_and_not_stored_before_it_is_saved():
    app = tap(opened(), "fill")
    assert state(app, "changes") == {2: {"deals": (None, 70)}} and state(app, "bank") == {1: 10, 2: None}
    app = tap(app, "save")
    assert state(app, "bank") == {1: 10, 2: 70} and state(app, "changes") == {}


def test_what_was_typed_can_be_undone():
    app = tap(tap(opened(), "fill"), "undo")
    assert state(app, "changes") == {} and app.data_editor[0].value["deals"].to_list()[0] == 1.0


def test_what_others_store_is_followed_where_nothing_is_typed_and_otherwise_left_alone():
    app = opened()
    state(app, "bank")[1] = 20
    app = app.run()
    assert app.data_editor[0].value["deals"].to_list()[0] == 2.0 and state(app, "changes") == {}
    app = tap(app, "fill")
    state(app, "bank")[1] = 30
    app = app.run()
    assert app.data_editor[0].value["deals"].to_list() == [2.0, 7.0]
    assert state(app, "changes") == {2: {"deals": (None, 70)}}
    assert state(tap(app, "save"), "bank") == {1: 30, 2: 70}  # what others stored of other rows stands


def test_a_table_is_a_new_widget_after_each_save():
    app = opened()
    first = app.data_editor[0].proto.id
    assert app.run().data_editor[0].proto.id == first
    assert tap(app, "save").data_editor[0].proto.id != first
