"""Commitments stand in every meeting until they are done or dropped with a reason."""

from datetime import timedelta

import pytest

from db.errors import NotAllowed, Refused
from db.meetings import commitments, running
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager
from tests.support.sheets import trail

LATER = MONDAY + timedelta(1)


@pytest.fixture
def meeting(store) -> int:
    return running.start(head(bank(store)), EAST, "morning", MONDAY, MONDAY)


def agreed(store, meeting: int, text="跟进老张", due=LATER, manager=WANG, **more) -> int:
    return commitments.agree(head(store), meeting, "focus", text, due, manager, MONDAY, **more)


def open_on(store, day) -> list[str]:
    return commitments.read(head(store), EAST, day)["text"].to_list()


def test_they_are_carried_on_until_done_or_dropped(store, meeting):
    first, second = agreed(store, meeting), agreed(store, meeting, "补资料", MONDAY, None, about=LI, reaction="train")
    assert agreed(store, meeting) == first
    assert open_on(store, MONDAY) == ["补资料", "跟进老张"] == open_on(store, MONDAY + timedelta(90))
    commitments.finish(manager(store), first, LATER)
    commitments.drop(head(store), second, "客户已走", LATER)
    assert open_on(store, LATER) == ["补资料", "跟进老张"], "settled that day, it is said that day"
    assert open_on(store, LATER + timedelta(1)) == [] and open_on(store, MONDAY - timedelta(1)) == []
    assert [one[1] for one in trail(store)][-4:] == ["agree", "agree", "done", "drop"]
    assert "老张" not in str(trail(store))


def test_what_is_settled_stays_so(store, meeting):
    done, dropped = agreed(store, meeting), agreed(store, meeting, "另一件")
    commitments.finish(head(store), done, MONDAY)
    commitments.drop(head(store), dropped, "不需要", MONDAY)
    with pytest.raises(Refused, match="done already"):
        commitments.drop(head(store), done, "晚了", LATER)
    with pytest.raises(Refused, match="was dropped"):
        commitments.finish(head(store), dropped, LATER)


def test_nobody_settles_anothers(store, meeting):
    one = agreed(store, meeting)
    for viewer in (manager(store, LI), head(store, SOUTH)):
        with pytest.raises(NotAllowed):
            commitments.finish(viewer, one, MONDAY)
    with pytest.raises(NotAllowed):
        commitments.finish(head(store), 999, MONDAY)
    assert commitments.read(head(store, SOUTH), EAST, MONDAY).is_empty()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"text": " "}, "Say what is to be done"),
        ({"due": MONDAY - timedelta(1)}, "due today or later"),
        ({"manager": ZHAO}, "not posted"),
        ({"about": ZHAO}, "not posted"),
        ({"reaction": "shout"}, "urge, train or support"),
        ({"text": "卡号 6222020200112233445"}, "ID or bank card"),
    ],
)
def test_what_nobody_could_do_is_refused(store, meeting, wrong, message):
    with pytest.raises(Refused, match=message):
        agreed(store, meeting, **wrong)
    assert open_on(store, MONDAY) == []


def test_dropping_wants_a_reason(store, meeting):
    one = agreed(store, meeting)
    with pytest.raises(Refused, match="Say why"):
        commitments.drop(head(store), one, "", MONDAY)
