"""The watcher runs again the pages that show something older, and no others, each once a version."""

import pytest

from dashboard.shell import waking
from dashboard.shell.waking import Watcher
from db.access import Viewer
from db.engine import Version
from db.store.parts import EVERYTHING, OTHER, branch, past_of, region

OTHERS = {branch(2): (5, "z")}
OLD, NEW, NEXT = (Version(n, token, {branch(1): (n, token)} | OTHERS) for n, token in ((7, "a"), (8, "b"), (9, "c")))


@pytest.fixture
def watcher(monkeypatch) -> Watcher:
    return Watcher()


def shows(watcher: Watcher, monkeypatch, page: str, version: Version | None, parts=(branch(1),)) -> None:
    """What a run of this page says of itself."""
    monkeypatch.setattr(waking, "page_of_this_run", lambda: page)
    watcher.shows(version, parts)


def woken_by(watcher: Watcher, version: Version, gone: tuple[str, ...] = ()) -> list[str]:
    woken: list[str] = []

    def wake(page: str) -> bool:
        woken.append(page)
        return page not in gone

    watcher.look(version, wake)
    return woken


def test_who_shows_an_older_version_is_woken_and_nobody_else(watcher, monkeypatch):
    shows(watcher, monkeypatch, "behind", OLD)
    shows(watcher, monkeypatch, "current", NEW)
    shows(watcher, monkeypatch, "typed into", None)
    assert woken_by(watcher, NEW) == ["behind"]


def test_a_page_of_another_branch_is_not_woken(watcher, monkeypatch):
    shows(watcher, monkeypatch, "theirs", OLD, parts=[branch(2)])
    shows(watcher, monkeypatch, "ours", OLD, parts=[branch(1)])
    shows(watcher, monkeypatch, "anybody's", OLD, parts=[EVERYTHING])
    monkeypatch.setattr(waking, "WIDE", 0)
    assert woken_by(watcher, NEW) == ["ours", "anybody's"]


def test_a_write_that_does_not_say_whom_it_touches_wakes_everybody(watcher, monkeypatch):
    shows(watcher, monkeypatch, "theirs", OLD, parts=[branch(2)])
    assert woken_by(watcher, Version(8, "b", OLD.parts | {OTHER: (8, "b")})) == ["theirs"]


def test_norms_of_days_that_are_over_wake_nobody(watcher, monkeypatch):
    shows(watcher, monkeypatch, "theirs", OLD, parts=[branch(2), past_of(1)])
    assert woken_by(watcher, Version(8, "b", OLD.parts | {past_of(1): (8, "b")})) == []


def test_a_region_is_woken_every_few_seconds_at_most_and_then_for_all_that_was_written(watcher, monkeypatch):
    clock = iter((100.0, 101.0, 102.5, 103.5, 104.0))
    monkeypatch.setattr(waking.time, "monotonic", lambda: next(clock))
    shows(watcher, monkeypatch, "region", OLD, parts=[region(1)])
    versions = [Version(n, "b", {region(1): (n, "b")}) for n in (8, 9, 10)]
    assert [woken_by(watcher, one) for one in versions] == [[], [], ["region"]]


def test_a_page_is_woken_once_a_version_until_it_says_what_it_shows(watcher, monkeypatch):
    shows(watcher, monkeypatch, "page", OLD)
    assert woken_by(watcher, NEW) == ["page"] and woken_by(watcher, NEW) == []
    shows(watcher, monkeypatch, "page", NEW)
    assert woken_by(watcher, NEW) == [] and woken_by(watcher, NEXT) == ["page"]


def test_a_page_that_turns_to_be_typed_into_is_left_alone(watcher, monkeypatch):
    shows(watcher, monkeypatch, "page", OLD)
    shows(watcher, monkeypatch, "page", None)
    assert woken_by(watcher, NEW) == []


def test_a_run_knows_once_whether_it_was_woken(watcher, monkeypatch):
    shows(watcher, monkeypatch, "page", OLD)
    assert not watcher.was_woken()
    woken_by(watcher, NEW)
    assert watcher.was_woken() and not watcher.was_woken()


def test_a_browser_that_is_gone_is_forgotten_and_counts_as_not_woken(watcher, monkeypatch):
    shows(watcher, monkeypatch, "gone", OLD)
    woken_by(watcher, NEW, gone=("gone",))
    assert not watcher.was_woken() and woken_by(watcher, NEXT) == []


def test_a_script_that_runs_outside_of_a_browser_is_nobodys_page(watcher):
    watcher.shows(OLD)
    assert woken_by(watcher, NEW) == [] and not watcher.was_woken()


def test_nobody_is_woken_where_no_server_runs():
    assert not waking.run_again("page")


def looked_for_ended(watcher: Watcher, over: list[Viewer]) -> list[str]:
    woken: list[str] = []
    watcher.look_for_ended(
        lambda viewers: [one for one in viewers if one in over], lambda page: woken.append(page) or True
    )
    return woken


def test_the_pages_of_a_session_that_has_ended_are_woken_once(watcher, monkeypatch):
    one, other = (Viewer(None, login, "branch_head", 1, 1, sign_in=number) for number, login in enumerate("ab"))  # ty: ignore
    for page, viewer in {"first": one, "second": one, "theirs": other, "typed into": one}.items():
        shows(watcher, monkeypatch, page, OLD)
        watcher.ends_with(viewer)
    watcher.ends_with(None)  # the last of them
    assert looked_for_ended(watcher, []) == []
    assert looked_for_ended(watcher, [one]) == ["first", "second"] and watcher.was_woken() is False
    assert looked_for_ended(watcher, [one]) == []
    assert woken_by(watcher, NEW) == ["theirs", "typed into"]


def test_a_page_that_nobody_has_open_is_forgotten(watcher, monkeypatch):
    one = Viewer(None, "a", "branch_head", 1, 1, sign_in=1)  # ty: ignore[invalid-argument-type]
    for page in ("open", "gone"):
        shows(watcher, monkeypatch, page, OLD)
        watcher.ends_with(one)
    watcher.forget(lambda page: page == "open")
    assert looked_for_ended(watcher, [one]) == ["open"] and woken_by(watcher, NEW) == []
