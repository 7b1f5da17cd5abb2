"""What a page has said once is said again without being made, for as long as it would be the same."""

import pytest

from dashboard.shell import language, remembered, session
from db.access import Viewer
from db.people import people
from tests.support.builders import EAST, SOUTH, bank, head

LINK = (("branch", "1"),)


@pytest.fixture
def link(monkeypatch):
    def says(*found: tuple[str, str]) -> None:
        monkeypatch.setattr(session, "whole_link", lambda: found)

    says(*LINK)
    return says


@pytest.fixture
def made() -> list[str]:
    return []


def said(viewer: Viewer, made: list[str], *args) -> str:
    def read() -> str:
        made.append(people.branch_name(viewer, viewer.branch))
        return made[-1]

    return remembered.answer(viewer, "the branch", *args, read=read)


def test_it_is_made_once(sqlite_store, link, made):
    viewer = head(bank(sqlite_store))
    assert [said(viewer, made) for _again in range(3)] == ["东湖支行"] * 3 and len(made) == 1


def test_it_is_made_for_each_language_link_day_and_place(sqlite_store, link, made, monkeypatch):
    store = bank(sqlite_store)
    said(head(store), made)
    assert said(head(store, SOUTH), made) == "南山支行"
    link(("branch", "1"), ("measure", "deals"))
    said(head(store, EAST), made)
    language.speak("en")
    said(head(store), made)
    monkeypatch.setattr(remembered.clock, "today", lambda: None)
    said(head(store), made)
    said(head(store), made, "something else")
    assert len(made) == 6


def test_it_is_made_anew_when_what_it_is_made_of_is_touched(sqlite_store, link, made):
    store = bank(sqlite_store)
    said(head(store), made)
    with store.writing("test") as write:
        write.touch(branches=[SOUTH])
    said(head(store), made)
    assert len(made) == 1
    with store.writing("test"):
        pass  # a write that does not say whom it touches
    said(head(store), made)
    assert len(made) == 2
