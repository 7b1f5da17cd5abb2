"""The shelf: who sees what, what an item of a meeting takes from it, who has seen it, and what may not stand on it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.meetings import running, shelf
from db.meetings.shelf import Content
from tests.support.builders import EAST, FAR, LI, MONDAY, SOUTH, WANG, bank, far_region, head, manager, regional
from tests.support.sheets import trail

NEWS = Content("news", "监管新规", "小微贷款 LPR 下调", MONDAY)
POINT = Content("knowledge_point", "餐饮业流水怎么看", "看三个月的收款码流水", MONDAY)
CASE = Content("fraud_case", "假流水", "流水与进货不符", MONDAY, done="实地核查", outcome="拒贷", lesson="先看进货单")


def titles(table) -> list[str]:
    return table["title"].to_list()


def test_a_regions_entry_is_seen_by_its_branches_and_a_branchs_by_itself_and_its_region(store):
    far_region(bank(store))
    shelf.put(regional(store), NEWS, None)
    shelf.put(head(store), POINT, EAST)
    far = Viewer(store, "far", "regional", FAR)
    for viewer, found in (
        (manager(store), ["餐饮业流水怎么看", "监管新规"]),
        (head(store, SOUTH), ["监管新规"]),
        (regional(store), ["餐饮业流水怎么看", "监管新规"]),
        (far, []),
        (Viewer(store, "auditor", "auditor"), ["餐饮业流水怎么看", "监管新规"]),
    ):
        assert titles(shelf.read(viewer)) == found
    assert titles(shelf.of_branch(regional(store), SOUTH)) == ["监管新规"]
    assert titles(shelf.of_branch(head(store, SOUTH), EAST)) == []
    with pytest.raises(NotAllowed):
        shelf.read(Viewer(store, "chief", "administrator"))


def test_only_a_head_writes_for_the_branch_and_only_the_region_for_the_region(store):
    bank(store)
    for viewer, branch in ((manager(store), EAST), (head(store), SOUTH), (head(store), None), (regional(store), 99)):
        with pytest.raises(NotAllowed):
            shelf.put(viewer, NEWS, branch)
    entry = shelf.put(regional(store), NEWS, None)
    with pytest.raises(NotAllowed):
        shelf.withdraw(head(store), entry)
    with pytest.raises(NotAllowed):
        shelf.put(head(store), POINT, EAST, entry)


def test_the_same_is_stored_once_and_what_is_changed_or_withdrawn_is_so_for_everybody(store):
    bank(store)
    entry = shelf.put(head(store), POINT, EAST)
    assert shelf.put(head(store), POINT, EAST) == entry
    shelf.put(head(store), replace(POINT, text="看六个月"), EAST, entry)
    assert shelf.read(manager(store))["text"].to_list() == ["看六个月"]
    shelf.withdraw(head(store), entry)
    assert shelf.read(manager(store)).is_empty()
    assert [one[1:] for one in trail(store)][-3:] == [(a, "shelf_entry") for a in ("add", "change", "void")]
    assert "流水" not in str(trail(store))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (replace(NEWS, title=" "), "has a title"),
        (replace(NEWS, kind="poem"), "what kind"),
        (replace(NEWS, step="review"), "what kind"),
        (replace(CASE, lesson=None), "to be learned"),
        (replace(NEWS, until=MONDAY - timedelta(1)), "before the first"),
        (replace(NEWS, months=(13,)), "months of the year"),
        (replace(NEWS, product=999), "no such product"),
        (replace(NEWS, text="客户 13812345678"), "no phone number"),
        (replace(NEWS, text="11010519491231002X"), "ID or bank card"),
        (replace(NEWS, title="长" * 61), "Too long"),
    ],
)
def test_what_may_not_stand_on_it_is_refused(store, content, message):
    bank(store)
    with pytest.raises(Refused, match=message):
        shelf.put(head(store), content, EAST)
    assert shelf.read(head(store)).is_empty()


def test_a_search_finds_every_word_wherever_it_stands(store):
    bank(store)
    for one in (NEWS, POINT, CASE):
        shelf.put(head(store), one, EAST)
    found = shelf.read(head(store))
    assert titles(shelf.search(found, "流水 进货")) == ["假流水"]
    assert titles(shelf.search(found, "ｌｐｒ")) == ["监管新规"]
    assert shelf.search(found, "没有这个词").is_empty() and shelf.search(found, " ").height == 3


def test_an_item_takes_what_fits_the_weak_step_the_product_and_the_season(store):
    bank(store)
    for one in (
        replace(POINT, title="异议处理", text="a", step="application"),
        replace(POINT, title="春耕贷款", text="b", months=(3, 4)),
        replace(POINT, title="年末资金", text="c", months=(11, 12)),
        replace(POINT, title="信用贷款要点", text="d", product=1),
        replace(POINT, title="过期", text="e", until=MONDAY),
        replace(CASE, title="中介骗贷"),
        replace(NEWS, title="明天的新闻", day=MONDAY + timedelta(2)),
        NEWS,
    ):
        shelf.put(head(store), one, EAST)
    on = MONDAY + timedelta(1)

    def asked(item, **fit):
        return titles(shelf.proposed(head(store), EAST, item, on, **fit))

    assert asked("role_play", step="application", product=1) == ["异议处理", "信用贷款要点", "年末资金"]
    assert asked("lesson")[0] == "年末资金" and "春耕贷款" not in asked("lesson") and "过期" not in asked("lesson")
    assert asked("news") == ["监管新规"] and asked("risks") == ["中介骗贷"]
    assert asked("policy") == asked("targets") == []
    assert asked("lesson") == asked("lesson"), "asked the same, answers the same"
    assert shelf.proposed(head(store, SOUTH), EAST, "news", on).is_empty()


def test_what_the_team_saw_lately_comes_last(store):
    bank(store)
    entries = [shelf.put(head(store), replace(POINT, title=one, text=one), EAST) for one in ("甲", "乙")]
    on = MONDAY + timedelta(1)
    first = shelf.proposed(head(store), EAST, "lesson", on)["entry"][0]
    shelf.mark_seen(manager(store), first, MONDAY)
    assert shelf.proposed(head(store), EAST, "lesson", on)["entry"].to_list() == [sum(entries) - first, first]
    shelf.mark_seen(manager(store), sum(entries) - first, on)
    again = shelf.proposed(head(store), EAST, "lesson", on)["entry"].to_list()
    assert again[-1] == first, "what is opened today changes nothing today"


def test_a_manager_who_opens_it_is_counted_once_and_a_head_sees_who(store):
    bank(store)
    entry, foreign = shelf.put(head(store), POINT, EAST), shelf.put(head(store, SOUTH), NEWS, SOUTH)
    for day in (MONDAY, MONDAY + timedelta(1)):
        shelf.mark_seen(manager(store), entry, day)
    shelf.mark_seen(head(store), entry, MONDAY)
    assert shelf.views(head(store)).rows() == [(entry, WANG, EAST, MONDAY)]
    assert shelf.views(manager(store, LI)).is_empty() and shelf.views(head(store, SOUTH)).is_empty()
    for one in (foreign, 999):
        with pytest.raises(Refused, match="no such entry"):
            shelf.mark_seen(manager(store), one, MONDAY)


def test_a_note_of_the_evening_becomes_a_method_once(store):
    bank(store)
    meeting = running.start(head(store), EAST, "evening", MONDAY, MONDAY)
    entry = shelf.extract(
        head(store), meeting, "review", "先问旺季备货再谈额度，客户愿意说。\n当场约下次。", step="application"
    )
    assert shelf.extract(head(store), meeting, "review", "先问旺季备货再谈额度，客户愿意说。\n当场约下次。") == entry
    row = shelf.read(manager(store)).row(0, named=True)
    assert (row["kind"], row["title"], row["day"]) == ("extracted_method", "先问旺季备货再谈额度，客户愿意说。", MONDAY)
    assert shelf.proposed(head(store), EAST, "lesson", MONDAY, step="application")["entry"].to_list() == [entry]
    with pytest.raises(NotAllowed):
        shelf.extract(manager(store), meeting, "review", "别人的话")
