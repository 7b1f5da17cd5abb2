"""What is remembered: computed by one thread while others wait, forgotten when it is no longer so."""

import threading

import pytest

from db.store import cache, parts
from db.store.cache import Cache
from db.store.history import Version


def version(number: int, **touched: int) -> Version:
    return Version(number, f"t{number}", {part: (at, f"t{at}") for part, at in touched.items()})


def reading(answer: object, *asked: str):
    def read() -> object:
        parts.depend_on(asked)
        return answer

    return read


def test_fifty_that_ask_at_once_have_it_computed_once():
    one, computed, begun = Cache(), [], threading.Barrier(50)

    def read() -> int:
        computed.append(None)
        threading.Event().wait(0.05)
        return len(computed)

    answers = []

    def ask() -> None:
        begun.wait()
        answers.append(one.ask("key", version(1), read))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert answers == [1] * 50 and len(computed) == 1


def test_an_answer_holds_until_a_part_it_has_read_is_touched():
    one = Cache()
    assert one.ask("key", version(1, east=1), reading("old", "east")) == "old"
    assert one.ask("key", version(2, east=1, south=2), reading("new", "east")) == "old"
    assert one.ask("key", version(3, east=3, south=2), reading("new", "east")) == "new"


def test_an_answer_that_read_nothing_holds_for_its_version_alone():
    """It was made of what came from outside: nobody knows whether that is as it was."""
    one = Cache()
    assert one.ask("key", version(1, east=1), lambda: "old") == "old"
    assert one.ask("key", version(1, east=1), lambda: pytest.fail("the same version")) == "old"
    assert one.ask("key", version(2, east=1, south=2), lambda: "new") == "new"


def test_an_answer_made_of_answers_depends_on_what_they_depend_on():
    one = Cache()

    def whole(at: Version):
        return lambda: one.ask("inner", at, reading(str(at), "east"))

    assert one.ask("outer", version(1, east=1), lambda: whole(version(1, east=1))()) == "1"
    assert one.ask("outer", version(2, east=2), lambda: whole(version(2, east=2))()) == "2"
    with parts.collected() as asked:
        one.ask("outer", version(2, east=2), lambda: pytest.fail("asked again"))
    assert asked.parts == {"east"}, "whoever is answered from memory depends on it too"


def test_a_failure_is_remembered_by_nobody_and_holds_nobody_up():
    one = Cache()
    with pytest.raises(ZeroDivisionError):
        one.ask("key", version(1), lambda: 1 // 0)
    assert one.ask("key", version(1), reading("well")) == "well"


def test_who_waits_too_long_computes_it_too(monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.01)
    one, go, begun = Cache(), threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        go.wait(10)
        return "late"

    slow = threading.Thread(target=lambda: one.ask("key", version(1), slowly))
    slow.start()
    begun.wait(10)
    assert one.ask("key", version(1), reading("at once")) == "at once"
    go.set()
    slow.join()


def test_what_was_asked_for_longest_ago_goes_first(monkeypatch):
    monkeypatch.setattr(cache, "REMEMBERED", 2)
    one = Cache()
    for key in ("a", "b", "a", "c"):
        one.ask(key, version(1), reading(key))
    assert len(one) == 2 and one.ask("a", version(1), lambda: pytest.fail("forgotten")) == "a"


def test_what_nobody_asks_for_any_more_is_let_go():
    now = [0.0]
    one = Cache(lambda: now[0])
    for key, at in (("a", 0), ("b", 10), ("a", cache.UNASKED)):
        now[0] = at
        one.ask(key, version(1), reading(key))
    for at, left in ((cache.UNASKED + 10, 2), (cache.UNASKED + 11, 1), (2 * cache.UNASKED + 1, 0)):
        now[0] = at
        one.forget()
        assert len(one) == left


def test_what_nobody_has_asked_for_in_a_while_is_let_go_sooner_where_memory_is_wanted():
    now = [0.0]
    one = Cache(lambda: now[0])
    for key, at in (("a", 0), ("b", 15)):
        now[0] = at
        one.ask(key, version(1), reading(key))
    one.forget(unasked=10.0)
    assert len(one) == 1 and one.ask("b", version(1), lambda: pytest.fail("let go")) == "b"


@pytest.mark.parametrize("place", [parts.BANK, parts.region(1)])
def test_what_many_write_to_wakes_its_pages_seldom_with_its_log_or_without(place):
    assert parts.is_wide(place) and parts.is_wide(parts.besides_log(place))
    assert not parts.is_wide(parts.besides_log(parts.branch(1)))
