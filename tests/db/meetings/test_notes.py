"""Notes of a meeting: one text an item and author; nobody writes over anybody else, nor over themselves unseen."""

import random

import pytest

from db.errors import Conflict, NotAllowed, Refused
from db.meetings import held, notes, running
from tests.support import sweep
from tests.support.builders import EAST, MONDAY, SOUTH, bank, head, manager


@pytest.fixture
def meeting(store) -> int:
    return running.start(head(bank(store)), EAST, "morning", MONDAY, MONDAY)


def texts(store, meeting: int) -> dict[tuple[str, str], str]:
    rows = held.notes(head(store), meeting, EAST).select("item", "author", "text").rows()
    return {(item, author): text for item, author, text in rows}


def test_each_author_has_a_text_of_their_own(store, meeting):
    notes.write_note(head(store), meeting, "focus", "先谈额度", "")
    notes.write_note(manager(store), meeting, "focus", "客户在外地", "")
    notes.write_note(head(store), meeting, "news", "新规\n两行", "")
    assert set(texts(store, meeting).values()) == {"先谈额度", "客户在外地", "新规\n两行"}
    notes.write_note(manager(store), meeting, "focus", "", "客户在外地")
    assert set(texts(store, meeting).values()) == {"先谈额度", "新规\n两行"}


def test_on_two_devices_the_second_is_told_and_nothing_is_lost(store, meeting):
    notes.write_note(head(store), meeting, "focus", "手机上写的", "")
    with pytest.raises(Conflict, match="another device"):
        notes.write_note(head(store), meeting, "focus", "电脑上写的", "")
    notes.write_note(head(store), meeting, "focus", "手机上写的", "")  # sent again
    notes.write_note(head(store), meeting, "focus", "手机上写的，电脑上写的", "手机上写的")
    assert list(texts(store, meeting).values()) == ["手机上写的，电脑上写的"]


def test_who_is_not_of_the_branch_writes_nothing_and_no_secret_is_stored(store, meeting):
    with pytest.raises(NotAllowed):
        notes.write_note(head(store, SOUTH), meeting, "focus", "看看", "")
    with pytest.raises(Refused, match="ID or bank card"):
        notes.write_note(head(store), meeting, "focus", "11010519491231002X", "")
    with pytest.raises(Refused, match="no such item"):
        notes.write_note(head(store), meeting, "lesson", "？", "")
    assert texts(store, meeting) == {}


def test_whatever_the_order_two_writers_lose_nothing(sqlite_store):
    """Each of two writers, now and then on a second device that is behind, types on; the text that stands at the end is
    what that writer stored last, and every refusal left the other device's text untouched."""
    meeting = running.start(head(bank(sqlite_store)), EAST, "morning", MONDAY, MONDAY)
    draw = random.Random(sweep.SEED)
    for _ in range(sweep.scaled(500, 10)):
        shown = {(who, device): "" for who in (head, manager) for device in (1, 2)}
        for who in (head, manager):
            own = [
                text
                for (_item, author), text in texts(sqlite_store, meeting).items()
                if author == who(sqlite_store).account
            ]
            for device in (1, 2):
                shown[who, device] = own[0] if own else ""
        stored = {who: shown[who, 1] for who in (head, manager)}
        for step in range(draw.randint(2, 8)):
            who, device = draw.choice([head, manager]), draw.choice([1, 2])
            text = f"{shown[who, device]}{step}"[-40:]
            try:
                notes.write_note(who(sqlite_store), meeting, "focus", text, shown[who, device])
                stored[who] = shown[who, device] = text
            except Conflict:
                assert stored[who] != shown[who, device]
                shown[who, device] = stored[who]
            found = texts(sqlite_store, meeting)
            assert sorted(found.values()) == sorted(one for one in stored.values() if one)
