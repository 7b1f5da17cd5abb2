"""Dormant leads: out of the pipeline, and dealt with many at once."""

import pytest
from sqlalchemy import select

from db.models import Activity, Customer, Opportunity
from tests.conftest import FRIDAY
from tests.support.builders import LI
from tests.support.pages import every_tab, everything_said, healthy, links, look, tables
from tests.support.pipeline_shop import add, ago, button, cards, counts, pipeline


@pytest.fixture
def asleep(shop) -> list[int]:
    add(shop, "醒着", ("consultation", ago(10)))
    add(shop, "有约", ("consultation", ago(200)), next_step="call_again", next_step_due=FRIDAY)
    return [add(shop, f"睡着{number}", ("consultation", ago(70 + number))) for number in range(3)]


def dormant(as_: str, **link: str):
    return healthy(look("dormant", as_=as_, lang="en", **link))


def every_one(app):
    return every_tab(app.toggle[0].set_value(True).run(), "what to do")


def test_who_sleeps_is_in_no_list_of_the_pipeline_and_on_a_page_of_their_own(shop, asleep):
    app = pipeline("head")
    assert counts(app)["Consultation"] == 2 and not [card for card in cards(app) if "睡着" in card]
    assert "Dormant leads: 3" in everything_said(app)
    page = dormant("head")
    assert "Dormant leads · 3" in [one.value for one in page.subheader]
    assert tables(page)[0][1][0] == "王芳" and tables(page)[0][1][-1] == "3"
    assert set(page.dataframe[0].value["Customer"]) == {"睡着0", "睡着1", "睡着2"}
    assert links(page)["王芳"].startswith("manager_profile?")


def test_all_of_them_are_closed_with_a_reason(shop, asleep):
    app = dormant("head")
    assert not [one for one in app.button if one.label.startswith("Close")]  # nothing chosen is not all
    every_one(app)
    button(app, "Close 3").click().run()
    assert "why" in app.error[0].value
    next(one for one in app.get("button_group") if one.label == "Reason").set_value("no_need_any_more").run()
    healthy(button(app, "Close 3").click().run())
    assert "Done: 3" in app.toast[0].value and app.info
    with shop.reading() as connection:
        ended = connection.scalars(select(Activity.opportunity_id).where(Activity.kind == "withdrawn"))
        assert set(ended) == set(asleep)


def test_a_next_step_wakes_them(shop, asleep):
    app = every_one(dormant("wang"))
    app.date_input[0].set_value(FRIDAY).run()
    healthy(button(app, "Set for 3").click().run())
    assert app.info and counts(pipeline("wang"))["Next step due today"] == 4


def test_they_are_handed_over_with_everything_that_is_open(shop, asleep):
    app = every_one(dormant("head"))
    app.selectbox[-1].select(LI).run()
    healthy(button(app, "Hand over 3").click().run())
    with shop.reading() as connection:
        theirs = select(Opportunity.id).join(Customer, Customer.id == Opportunity.customer_id)
        assert set(connection.scalars(theirs.where(Customer.manager_id == LI, Opportunity.manager_id == LI))) == set(
            asleep
        )


def test_by_age_and_by_manager(shop, asleep):
    assert healthy(look("dormant", as_="head", lang="en", silence="60")).info
    assert "Dormant leads · 3" in [one.value for one in dormant("head", silence="0", manager="1").subheader]


def test_who_looks_on_has_nothing_to_tap(shop, asleep):
    app = every_one(dormant("region"))
    assert not [one for one in app.button if one.label.startswith(("Close", "Set"))]
    assert button(app, "Hand over 3") and set(app.dataframe[0].value["Customer"]) == {"睡*"}
