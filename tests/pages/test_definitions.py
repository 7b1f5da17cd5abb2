"""The definitions on screen: everybody reads them, regional staff try a change out before it is saved."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from dashboard.standing import summary_report
from db import definitions
from db.access import Viewer
from db.accounts import sign_in
from db.engine import Store
from db.log import activity
from db.models import Account, Activity
from metrics import periods
from metrics.definitions import DEFAULT
from tests.conftest import FRIDAY
from tests.support.builders import FAR
from tests.support.pages import AS, everything_said, healthy, look, signed_in, tables, visit

pytestmark = pytest.mark.slow

MONDAY = date(2026, 11, 16)
MONTH = periods.month(FRIDAY)
LAX = {"effective": ["customer", "decider"]}


def regional(store: Store) -> Viewer:
    return sign_in.viewer(store, signed_in(store, AS["regional"]), FRIDAY)


def box(app, label: str):
    return next(one for one in app.checkbox if one.label == label)


def button(app, label: str):
    return next(one for one in app.button if one.label.startswith(label))


def threshold(app, label: str):
    return next(one for one in app.number_input if one.label.startswith(label))


def begun_on(day: date, session: int | str | None = None):
    """The form with this first day."""
    app = visit(session, "definitions", lang="en") if session else look("definitions", as_=AS["regional"], lang="en")
    return healthy(app.date_input[0].set_value(day).run())


def without_need(day: date = MONDAY):
    return healthy(box(begun_on(day), "need, or no need, recorded").uncheck().run())


def preview(app) -> dict[str, dict[str, str]]:
    """Staff number (or Together) → heading → cell, as the preview says it."""
    (table,) = [one for one in tables(app) if one[0][0] == "Manager"]
    return {row[0].split(" ")[-1]: dict(zip(table[0], row, strict=True)) for row in table[1:]}


def consultations(store: Store) -> dict[str, int]:
    table, total, _rules = summary_report.summary(regional(store), MONTH, FRIDAY - timedelta(1), ["manager"])
    return dict(table.select("staff_no", "consultations").iter_rows()) | {"Together": total["consultations"].item()}


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "branch_head", "regional", "auditor", "administrator"])
def test_everybody_reads_what_is_in_force_in_plain_words(demo, role):
    app = look("definitions", as_=AS[role])
    said = everything_said(app)
    assert "今日执行：v1" in said and "客户已识别 + 见到决策人 + 已记录需求" in said
    assert "-10 个百分点" in said and "有任一成交的客户" in said and "初始版本" in said
    assert bool(app.checkbox) == (role == "regional")


def test_the_history_tells_who_changed_what_from_which_day(own_demo):
    definitions.set_version(regional(own_demo), MONDAY, LAX | {"far_behind_below": -0.2}, 1, FRIDAY)
    definitions.set_version(regional(own_demo), FRIDAY + timedelta(3), {"small_sample": 5}, 2, FRIDAY)
    app = healthy(look("definitions", as_=AS["manager"], lang="en"))
    rows = tables(app)[-1]
    assert [row[0] for row in rows[1:]] == ["v3 upcoming", "v2 in force today", "v1"]
    assert rows[1][1:4] == ["from 2026-11-23 on", "Threshold for few cases: 10 cases → 5 cases", "region-1"]
    assert rows[2][1] == "from 2026-11-16 on"
    assert "Threshold for Far behind: -30 points → -20 points" in rows[2][2]
    assert "+ need, or no need, recorded → customer identified + met the decision-maker" in rows[2][2]
    assert rows[3][1:4] == ["from the beginning", "the first version", "at installation"]
    assert "In force today: v2, from 2026-11-16 on" in everything_said(app)
    assert "v3 takes effect on 2026-11-23." in everything_said(app)


def test_who_looks_at_several_regions_chooses_one(own_demo):
    with own_demo.writing("test") as write:
        write.session.execute(text(f"INSERT INTO region (id, name) VALUES ({FAR}, '山城分行')"))
        write.session.execute(text(f"INSERT INTO branch (id, region_id, name) VALUES (99, {FAR}, '北门支行')"))
    definitions.set_version(regional(own_demo), MONDAY, LAX, 1, FRIDAY)
    app = look("definitions", as_=AS["auditor"], lang="en")
    assert "In force today: v1" in everything_said(healthy(app)) and len(tables(app)[-1]) == 3
    for region, version in ((1, 2), (FAR, 1)):
        healthy(app.selectbox(key="definitions of").set_value(region).run())
        assert f"In force today: v{version}" in everything_said(app)
    assert len(tables(app)[-1]) == 2


def test_a_bank_without_a_version_of_its_own_begins_with_the_first(own_demo):
    with own_demo.writing("test") as write:
        write.session.execute(text("DELETE FROM definitions"))
    app = without_need()
    assert "Saving makes this definitions v1" in everything_said(app)


def test_a_period_of_two_versions_names_both_below_its_numbers(own_demo):
    definitions.set_version(regional(own_demo), date(2026, 11, 10), LAX, 1, FRIDAY)
    app = healthy(look("morning_meeting", as_=AS["branch_head"]))
    (note,) = [one for one in app.expander if "口径" in one.label]
    assert "口径 v2，11月10日起；此前 v1" in note.label
    (note,) = healthy(look("branch_comparison", as_=AS["regional"], month="2026-10-01")).expander
    assert "口径 v1" in note.label


# -- trying out ------------------------------------------------------------------------------------------------------


def test_without_a_change_there_is_neither_a_preview_nor_a_way_to_save(demo):
    app = look("definitions", as_=AS["regional"], lang="en")
    assert not [one for one in app.button if one.label.startswith("Save")]
    assert "Nothing is stored until you save." in everything_said(app)


def test_a_preview_shows_before_and_after_per_manager_and_stores_nothing(own_demo):
    before, held = consultations(own_demo), own_demo.counter()
    found = preview(without_need())
    assert own_demo.counter() == held and consultations(own_demo) == before
    assert len(found) > 2
    for number, row in found.items():
        was, is_, change = map(
            int, re.match(r"([\d,]+) → ([\d,]+) \(\+(\d+)\)", row["Consultations"].replace(",", "")).groups()
        )
        assert was == before[number] and is_ == was + change and change > 0
    app = without_need()
    unchanged = len(before) - 1 - (len(found) - 1)
    assert f"{unchanged} managers do not change." in everything_said(app)


def test_what_is_saved_is_what_the_preview_said(own_demo):
    app = without_need()
    said = {number: row["Consultations"].split(" → ")[1].split(" ")[0] for number, row in preview(app).items()}
    attained = {
        number: row["Consultations: attainment"] for number, row in preview(app).items() if number == "Together"
    }
    before, held = consultations(own_demo), own_demo.counter()
    assert "Saving makes this definitions v2 of" in everything_said(app)
    app = healthy(button(app, "Save as v2").click().run())
    assert own_demo.counter() == held + 1
    after = consultations(own_demo)
    assert {number: f"{after[number]:,}" for number in said} == said
    assert {number: after[number] for number in after if number not in said} == {
        number: before[number] for number in before if number not in said
    }
    _table, total, rules = summary_report.summary(regional(own_demo), MONTH, FRIDAY - timedelta(1))
    assert f"{total['consultations_attainment'].item() * 100:.1f}%" in attained["Together"].split(" → ")[1]
    assert rules.version == 2
    assert "v2 in force today" in [row[0] for row in tables(app)[-1]]
    assert not [one for one in app.button if one.label.startswith("Save")]


def test_only_days_from_the_first_one_on_are_counted_anew(own_demo):
    healthy(button(without_need(), "Save").click().run())
    marked = activity.read_stated(regional(own_demo), MONTH).collect()
    lacking = marked.filter(kind="consultation", need_recorded=False, met_decider=True)
    assert lacking.height > 3
    assert not lacking.filter(lacking["day"] < MONDAY)["counted"].any()
    assert lacking.filter(lacking["day"] >= MONDAY)["counted"].sum() > 0
    answers = [
        summary_report.as_json(*summary_report.summary(regional(own_demo), period, FRIDAY), period, [], True)[
            "definitions"
        ]
        for period in (periods.Period(MONTH.first, MONDAY - timedelta(1)), MONTH)
    ]
    assert answers == [1, 2]


def test_a_version_that_begins_tomorrow_is_shown_as_if_it_had_held_all_month(demo):
    app = healthy(box(look("definitions", as_=AS["regional"], lang="en"), "need, or no need, recorded").uncheck().run())
    assert "keep counting as they do now" in everything_said(app) and len(preview(app)) > 2
    way = next(one for one in app.get("button_group") if one.label == "Calculated")
    healthy(way.set_value(False).run())
    assert "No number of this month changes." in everything_said(app)


def test_one_that_begins_in_another_month_says_how_it_is_reckoned(demo):
    app = without_need(date(2026, 12, 1))
    assert "Takes effect after this month" in everything_said(app) and len(preview(app)) > 2


def test_other_thresholds_change_words_with_their_icons(demo):
    app = begun_on(MONDAY)
    healthy(threshold(app, "Threshold for Watch").set_value(-5.0).run())
    cells = [cell for row in preview(app).values() for cell in row.values() if "→" in cell]
    assert cells and set(cells) == {"○ Watch → √ On pace"}
    assert "Threshold for Watch: 0 points → -5 points" in everything_said(app)


def test_the_base_of_penetration_shows_in_total(demo):
    app = begun_on(MONDAY)
    healthy(next(one for one in app.radio if one.label == "Numerator of market penetration").set_value("loan").run())
    assert "Market penetration" in everything_said(app) and "before" in everything_said(app)


def test_a_setting_that_no_number_of_the_month_depends_on_says_so(demo):
    app = begun_on(MONDAY)
    healthy(threshold(app, "Waiting for a deal").set_value(60).run())
    assert "No number of this month changes." in everything_said(app) and button(app, "Save as v2")


def test_thresholds_out_of_order_are_named_and_cannot_be_saved(demo):
    app = begun_on(MONDAY)
    threshold(app, "Threshold for Behind").set_value(5.0).run()
    assert "Threshold for Behind must not be higher than Threshold for Watch." in app.warning[0].value
    assert not [one for one in app.button if one.label.startswith("Save")]


def test_who_saves_what_somebody_else_changed_meanwhile_is_told_by_whom(own_demo):
    app = without_need()
    definitions.set_version(regional(own_demo), FRIDAY, {"small_sample": 5}, 1, FRIDAY)
    held = own_demo.counter()
    button(app, "Save").click().run()
    assert re.sub(r"\\", "", app.error[0].value).startswith("region-1 saved definitions v2 meanwhile")
    assert own_demo.counter() == held
    assert not box(app, "need, or no need, recorded").value  # what they chose is still there
    app = healthy(button(app, "Start over").click().run())
    assert box(app, "need, or no need, recorded").value and threshold(app, "Threshold for few cases").value == 5
    healthy(threshold(app, "Threshold for few cases").set_value(6).run())
    healthy(button(app, "Save as v3").click().run())
    assert definitions.read(regional(own_demo))[-1][3] == DEFAULT | {"small_sample": 6}


def test_what_was_saved_meanwhile_is_there_as_soon_as_nothing_is_lost_by_it(own_demo):
    app = begun_on(FRIDAY)
    definitions.set_version(regional(own_demo), MONDAY, {"small_sample": 5}, 1, FRIDAY)
    assert threshold(healthy(app.run()), "Threshold for few cases").value == 5


def test_a_later_version_that_still_takes_over_is_named(own_demo):
    definitions.set_version(regional(own_demo), date(2026, 12, 1), {"small_sample": 5}, 1, FRIDAY)
    assert "v2, saved before, still takes over on 2026-12-01." in [one.value for one in without_need().warning]


def test_a_save_after_the_account_was_disabled_stores_nothing(own_demo):
    app = without_need()
    with own_demo.noting("test") as write:
        write.session.execute(update(Account).where(Account.login == AS["regional"]).values(disabled_at=write.now))
    button(app, "Save").click().run()
    assert not app.exception and len(definitions.read(Viewer(own_demo, "x", "auditor"))) == 1


def test_an_empty_month_has_a_preview_too(own_demo):
    with own_demo.writing("test") as write:
        write.session.execute(update(Activity).values(voided_at=write.now, version=write.version))
    assert "No number of this month changes." in everything_said(without_need())
