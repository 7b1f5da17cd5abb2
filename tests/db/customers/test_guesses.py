"""Whoever guesses at names and phones that are masked for them finds out no more than what they see, or of a few customers
a day that they are known, each of which stands in the trail."""

import random

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.customers import customers, matching
from db.errors import Refused
from db.log import activity
from db.log.entry import Entry
from db.models import Audit, Customer
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional
from tests.support.sheets import held_values
from tests.support.sweep import SEED, scaled

NAMES = ["湖滨书店", "湖滨饭店", "王小明", "王晓敏", "江城五金", "李四", "1234", "13812345678店"]


@pytest.fixture
def shop(store):
    """Eight customers of 王芳's with names and numbers that are like each other."""
    far_region(bank(store))
    for number, name in enumerate(NAMES):
        entry = Entry("consultation", MONDAY, customer_name=name, phone=phone(number))
        recording.record(operator(store), WANG, entry, name, MONDAY)
    return store


def phone(number: int) -> str:
    return f"1381{number:03}{5670 + number % 3:04}" if number % 4 else f"0278765{number:04}"


def hints(store, account: str) -> list[int]:
    with store.reading() as connection:
        return list(connection.scalars(select(Audit.entity_id).where(Audit.action == "hint", Audit.account == account)))


def guess(chosen: random.Random) -> str:
    """Something like a name or a phone that is there: a part of one, one with a sign changed, the ends that are seen
    with something else between them."""
    whole = chosen.choice([*NAMES, *map(phone, range(len(NAMES)))])
    first, last = sorted(chosen.choices(range(len(whole) + 1), k=2))
    spoilt = chosen.randrange(len(whole))
    return chosen.choice(
        (
            whole,
            whole[first:last],
            whole[:spoilt] + chosen.choice("0123456789湖王%_*") + whole[spoilt + 1 :],
            whole[:3] + f"{chosen.randrange(10_000):04}" + whole[-4:],
            whole[-4:],
            f"{whole[0]}{chosen.choice(('', '*', '%', ' '))}",
        )
    )


def seen_with(text: str, row: dict) -> bool:
    """Whether a masked row is one that shows the text, and so may be found by it."""
    text = text.strip()
    if not text:
        return True
    by_phone = len(text) == 4 and text.isdigit() and (row["phone"] or "").endswith("*" + text)
    return by_phone or (len(text.rstrip("*")) == 1 and row["customer_name"] == f"{text[0].lower()}*")


@pytest.mark.both_engines
def test_two_thousand_searches_find_by_what_is_seen_alone(shop):
    chosen = random.Random(SEED)
    for viewer in (regional(shop), Viewer(shop, "auditor", "auditor")):
        listed = customers.search(viewer, "", 100).to_dicts()
        assert len(listed) == len(NAMES) and not any(row["whole"] for row in listed)
        for text in (guess(chosen) for _time in range(scaled(1_000, 40))):
            shown = {row["customer"] for row in listed if seen_with(text, row)}
            assert set(customers.search(viewer, text, 100)["customer"]) <= shown, text


@pytest.mark.both_engines
def test_what_a_hint_gives_away_is_of_a_few_a_day_and_each_stands_in_the_trail(shop, monkeypatch):
    """A colleague by names, a manager of another branch by phones: typed, saved, corrected."""
    monkeypatch.setattr(matching, "HINTS_A_DAY", 3)
    chosen, tries = random.Random(SEED), scaled(2_000, 60)
    colleague, elsewhere = manager(shop, LI), manager(shop, ZHAO, SOUTH)
    known: dict[str, set[int]] = {colleague.account: set(), elsewhere.account: set()}
    own = recording.record(elsewhere, ZHAO, Entry("consultation", MONDAY, note="路过"), "own", MONDAY)
    for number in range(tries):
        text = guess(chosen)
        found = matching.similar(colleague, text, EAST)
        assert not found["own"].any() and found["customer_name"].str.ends_with("*").all()
        known[colleague.account] |= set(found["customer"])
        told = matching.owner_of_phone(elsewhere, text, SOUTH)
        known[elsewhere.account] |= {told["customer"]} if told and not told["own"] else set()
        if number % 10 == 0:
            known[elsewhere.account] |= clashes(elsewhere, phone(number % len(NAMES)), number, own)
    for account, ones in known.items():
        assert len(ones) <= 3 and set(hints(shop, account)) == ones
    assert all(known.values()), "there was something to find out"


def clashes(viewer: Viewer, typed: str, number: int, own: int) -> set[int]:
    """Whom the viewer hears of when they save an entry with a phone, and when they put it into one that is there."""
    heard = set()
    entry = Entry("consultation", MONDAY, customer_name=f"新客{number}", phone=typed)
    version = dict(activity.rows(viewer, MONDAY, ZHAO).select("id", "version").iter_rows())[own]
    saving = (
        lambda: recording.record(viewer, ZHAO, entry, f"try {number}", MONDAY),
        lambda: recording.correct(viewer, own, version, MONDAY, customer_name=f"新客{number}", phone=typed),
    )
    for save in saving:
        try:
            save()
        except matching.Clash as clash:
            heard.add(clash.customer)
        except Refused as refusal:
            raise AssertionError(refusal) from refusal
    return heard


def test_who_has_heard_of_enough_saves_all_the_same_and_hears_no_more(shop, monkeypatch):
    monkeypatch.setattr(matching, "HINTS_A_DAY", 1)
    elsewhere = manager(shop, ZHAO, SOUTH)
    first, second = (Entry("consultation", MONDAY, customer_name="新客", phone=phone(n)) for n in (1, 2))
    for _time in range(2):
        with pytest.raises(matching.Clash, match="王芳 in 东湖支行"):
            recording.record(elsewhere, ZHAO, first, "first", MONDAY)
    identity = recording.record(elsewhere, ZHAO, second, "second", MONDAY)
    assert recording.record(elsewhere, ZHAO, second, "second", MONDAY) == identity
    assert len(hints(shop, elsewhere.account)) == 1
    assert held_values(shop, Customer.branch_id, Customer.phone) >= {(SOUTH, phone(2)), (EAST, phone(2))}
    assert recording.record(elsewhere, ZHAO, Entry(**vars(first) | {"second_record": True}), "third", MONDAY)


def test_who_sees_a_customer_whole_is_told_every_time_and_nothing_is_noted(shop, monkeypatch):
    monkeypatch.setattr(matching, "HINTS_A_DAY", 0)
    assert matching.similar(head(shop), "湖滨书社", EAST)["customer_name"].to_list() == ["湖滨书店"]
    with pytest.raises(matching.Clash):
        recording.record(
            operator(shop), ZHAO, Entry("consultation", MONDAY, customer_name="新", phone=phone(1)), "x", MONDAY
        )
    assert matching.similar(manager(shop, LI), "湖滨书社", EAST).is_empty()
    assert hints(shop, head(shop).account) == hints(shop, operator(shop).account) == []
