"""Saving: what went through is said after the rerun, what was refused is said beside the button, and the form stays."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    """A form whose write is refused below 1, says how many otherwise, and may ask for a rerun itself."""
    import streamlit as st

    from dashboard.shell import session
    from dashboard.widgets import notices
    from dashboard.widgets.saving import saving
    from db.errors import Refused

    notices.kept()
    runs = session.state()["runs"] = session.state().get("runs", 0) + 1
    st.text(f"run {runs}")
    number = st.number_input("number", value=1, key="number")
    if st.button("save"):
        with saving("saved") as outcome:
            if number < 1:
                raise Refused("“{login}” has no account.", login="**甲**")
            if number == 9:
                st.rerun()
            if number == 7:
                raise KeyError("a fault")
            if number > 1:
                outcome.message = f"{number} saved"
        st.text(f"below: {outcome.refused is not None}")
    st.caption("the end")


def after_saving(number: int) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60).run()
    app.number_input[0].set_value(number)
    return app.button[0].click().run()


def said(app: AppTest) -> list[str]:
    return [one.value for one in app.toast]


def test_what_was_saved_is_said_by_the_run_after():
    app = after_saving(1)
    assert said(app) == ["saved"] and app.text[0].value == "run 3" and app.caption[0].value == "the end"
    assert len(app.text) == 1  # what follows the block waits for no answer
    assert said(app.run()) == []  # once


def test_the_message_may_depend_on_what_was_stored():
    assert said(after_saving(5)) == ["5 saved"]


def test_a_refusal_is_shown_where_it_happens_and_the_page_goes_on():
    app = after_saving(0)
    assert app.error[0].value == "没有账号“\\*\\*甲\\*\\*”。" and not app.exception
    assert [one.value for one in app.text] == ["run 2", "below: True"] and app.caption[0].value == "the end"
    assert app.number_input[0].value == 0 and said(app) == said(app.run()) == []


def test_a_rerun_within_the_block_is_no_refusal_and_says_nothing():
    app = after_saving(9)
    assert not app.error and not app.exception and said(app) == [] and app.text[0].value == "run 3"


def test_a_fault_is_not_taken_for_a_refusal():
    app = after_saving(7)
    assert len(app.exception) == 1 and not app.error and said(app) == []
