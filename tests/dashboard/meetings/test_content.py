"""What the data say to the items of meetings: the same numbers as the book, nobody judged by nothing, everything text."""

from datetime import date

import pytest

from dashboard.documents.blocks import Bars, Table, Text
from dashboard.meetings import minutes, report
from dashboard.meetings.content import contents
from dashboard.meetings.content.asked import Asked
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from db.meetings import agenda, closing, commitments, promises, running
from db.models import Manager
from tests.support.builders import EAST, LI, REGION, WANG, bank, head
from tests.support.sheets import bring, row

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def branch(configured, sqlite_store):
    configured.database_url = sqlite_store.url
    store = bank(sqlite_store)
    promises.set_promises(operator(store), FRIDAY, {WANG: {"consultations": 1}, LI: {"consultations": 2}})
    bring(operator(store), row(customer="甲店", date="2026-11-20"))
    return store


def asked(store, kind="evening", on=FRIDAY, viewer=None) -> Asked:
    return Asked(open_book(viewer or head(store), on, Part(branch=EAST)), kind)


def texts(blocks) -> list[list[str]]:
    return [
        [cell.text for cell in line]
        for one in blocks
        if isinstance(one, Table)
        for line in (*one.rows, one.total)
        if line
    ]


def test_the_evening_says_who_reached_what_they_promised_also_before_the_day_is_closed(branch):
    assert [line[0] for line in texts(contents.blocks(asked(branch), "kept"))] == ["王芳"]
    assert [line[0] for line in texts(contents.blocks(asked(branch), "not_kept"))] == ["李强"]


def test_minutes_report_and_page_say_the_same_numbers(branch):
    made, said = minutes.document(asked(branch)), report.as_report(asked(branch))
    lines = {line[0]: line for line in texts([made.promises])}
    for one in said["promises"]:
        done, promised = one["consultations"]["done"], one["consultations"]["promised"]
        assert lines[one["manager"]][2] == f"{done} / {promised}"
    assert said["version"] == asked(branch).book.version.counter and f"{said['version']}" in made.footer[1]


def test_what_is_logged_after_closing_changes_no_result(branch):
    meeting = running.start(head(branch), EAST, "evening", FRIDAY, FRIDAY)
    results = {WANG: {"consultations": (1, 1)}, LI: {"consultations": (2, 0)}}
    running.end(head(branch), meeting, results)
    bring(
        operator(branch), *(row(customer=one, date="2026-11-20", staff_no="1002", manager="李强") for one in "乙丙丁")
    )
    (wang, li) = sorted(report.as_report(asked(branch))["promises"], key=lambda one: one["staff_no"])
    assert (wang["status"], wang["late"]) == ("kept", 0)
    assert (li["status"], li["late"], li["consultations"]["done"]) == ("not_kept", 3, 0)
    assert closing.closed(head(branch), EAST, FRIDAY)


@pytest.mark.parametrize("kind", agenda.ITEMS)
def test_every_item_of_every_meeting_is_filled_on_an_empty_bank_too(configured, sqlite_store, kind):
    configured.database_url = sqlite_store.url
    bank(sqlite_store)
    for one in agenda.ITEMS[kind]:
        blocks = contents.blocks(asked(sqlite_store, kind), one.key)
        assert all(isinstance(block, Text | Table | Bars) for block in blocks)
    assert report.as_report(asked(sqlite_store, kind))["held"] is False


def test_a_leavers_commitment_is_the_heads(branch):
    meeting = running.start(head(branch), EAST, "morning", FRIDAY, FRIDAY)
    commitments.agree(head(branch), meeting, "focus", "跟进", FRIDAY, LI, FRIDAY)
    with branch.writing("test") as write:
        write.session.get_one(Manager, LI).left_on = date(2026, 11, 22)
    (line,) = report.as_report(asked(branch, "morning", date(2026, 11, 23)))["commitments"]
    assert (line["manager"], line["state"]) == (None, "overdue")


def test_on_the_screens_minutes_customers_are_masked(branch):
    screen = Viewer(branch, "operator", "screen", REGION, EAST)
    said = str(report.as_report(asked(branch, "weekly", viewer=screen)))
    assert "甲店" not in said
