"""Files to take away: in the reader's language, noted before they leave, and for whoever may export alone."""

from threading import Thread

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboard.shell.language import language
from db.access import Viewer
from db.audit import trail
from db.errors import NotAllowed
from db.models import Account
from tests.support.builders import bank, signed_in
from tests.support.sent_messages import listening


def page(viewer, spoken, make):
    from dashboard.shell.language import speak
    from dashboard.widgets import download

    speak(spoken)
    download.export(viewer, "summary", {"from": "2026-11-01"}, "chenxi.xlsx", make)


def offered(viewer: Viewer, spoken: str = "zh") -> list:
    """What a tap on the page's buttons makes: the language that was spoken while it was made."""
    with listening() as wire:
        app = AppTest.from_function(
            page, default_timeout=60, args=(viewer, spoken, lambda: (language().encode(), 12))
        ).run()
        assert not app.exception
    return wire.files


def tapped(make) -> bytes | Exception:
    """In a thread of its own, as Streamlit makes a file."""
    made: list = []

    def run() -> None:
        try:
            made.append(make())
        except Exception as error:
            made.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return made[0]


def exports(store) -> list[tuple]:
    auditor = Viewer(store, "auditor", "auditor")
    day = trail.latest_day(auditor)
    found = trail.entries(auditor, trail.Wanted(day, day, action="export")) if day else None
    return [] if found is None else found.select("account", "entity", "after").rows()


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_a_file_is_made_when_asked_for_in_the_readers_language_and_noted(sqlite_store, spoken):
    viewer = signed_in(bank(sqlite_store), "auditor", login="reader")
    [make] = offered(viewer, spoken)
    assert exports(sqlite_store) == []
    assert tapped(make) == spoken.encode()
    assert exports(sqlite_store) == [("reader", "summary", '{"from": "2026-11-01", "rows": 12}')]


def test_who_may_not_export_is_offered_nothing(sqlite_store):
    assert offered(signed_in(bank(sqlite_store), "administrator")) == []


def test_a_right_withdrawn_after_the_page_was_drawn_lets_no_file_out(sqlite_store):
    viewer = signed_in(bank(sqlite_store), "auditor", login="reader")
    [make] = offered(viewer)
    with sqlite_store.noting("test") as write:
        write.session.execute(update(Account).where(Account.login == "reader").values(role="administrator"))
    assert isinstance(tapped(make), NotAllowed)
    assert exports(sqlite_store) == []
