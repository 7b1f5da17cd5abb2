"""Performance interviews of a simulated region: who was behind last month spoke with the head. Chosen without a draw, so that
nothing else of the region depends on them."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from statistics import median

from db.engine import BANK_TIME
from db.simulate.log import Log
from db.simulate.people import FIRST_STAFF_NO, Desk, Roles, Row, postings
from db.simulate.plans import Key, branch_in, months_between

HELD_ON, LATELY = 2, -3  # which working day of a month they are held on, and which before today the last ones
PLANNED = ("consultations", "deals")  # who was furthest behind in these
TIME = timedelta(14)  # for an action
Rates = dict[str, float]  # watched number → value
FACTOR = {
    "consultations_a_day": "consultations",
    "application_rate": "application_rate",
    "deal_rate": "deal_rate",
}
REACTION = {"consultations_a_day": "urge", "application_rate": "train", "deal_rate": "train"}
CAUSES = {  # what was found, by turns
    "consultations_a_day": ("habit", "attitude", "habit", "circumstances"),
    "application_rate": ("skill", "skill", "knowledge", "attitude"),
    "deal_rate": ("knowledge", "skill", "knowledge", "skill", "attitude"),
}
REASON = {
    "habit": "没有固定的外拓时间，上午多在网点处理杂事，走访全凭临时安排。",
    "attitude": "连续两周被拒后信心不足，怕打电话，遇到熟客才愿意开口。",
    "skill": "聊得多、问得少，客户的用款时间和还款来源问不出来，谈完没有约定下一步。",
    "knowledge": "对信用贷和保证贷的准入条件不熟，材料清单说不全，客户来回跑了几趟。",
    "circumstances": "辖区内建材市场拆迁，老客户外迁，一时没有新的片区可走。",
}
ACTIVITY = ("每周外拓不足三个半天，集中在周四、周五。", "走访路线重复，新客户占比低。", "电话回访停了近两周。")
PRODUCTS = ("本行产品熟悉，他行抵押贷的利率说不清。", "信用贷政策更新后没有再学习。", "能讲清产品，不会比较同业。")
SKILL = ("需求挖掘停留在“要不要贷款”。", "促成时不敢提申请，常以“您再考虑”收尾。", "开场自然，收口偏弱。")
MIND = ("有压力，愿意改。", "情绪平稳，认为是淡季原因。", "担心考核，近期睡眠不好。")
DRIVE = ("希望明年竞聘高级客户经理。", "看重团队认可，喜欢带新人。", "家里刚换房，看重绩效收入。")
VIEW = (
    "认同，会按约定执行，希望有人陪访几次。",
    "原因说得对，片区的事请支行帮忙协调。",
    "同意，两周后请再看我的数据。",
)
THEIRS = {
    "urge": "每天上午固定走访三户，当天夕会报数",
    "train": "每天复盘一笔未成交的面谈，记下客户的真实顾虑",
    "support": "跟随老师傅陪访两次，写一页心得",
}
HEADS = {
    "urge": "每周一核对走访路线并调整片区",
    "train": "组织一次产品与话术演练",
    "support": "安排老师傅陪访并跟踪反馈",
}
NEWCOMER = timedelta(183)


def interview_rows(
    log: Log,
    done: Counter[Key],
    desks: list[Desk],
    roles: Roles,
    targets: dict[Key, int],
    first: date,
    workdays: list[date],
) -> tuple[list[Row], list[Row]]:
    """Interviews and what was agreed in them. In each month of the log but its first the head of a branch spoke with
    whoever was furthest behind their plan of the month before, and some days ago with who is behind in this one: these have
    not read the sheet yet. Most of what was agreed is done; of what is overdue some is not."""
    theirs = postings(desks)
    interviews: list[Row] = []
    actions: list[Row] = []
    held: set[tuple[int, date]] = set()

    def hold(branch: int, day: date, month: date, measure: str, waits: bool) -> None:
        for manager, desk in behind(theirs, done, targets, measure, branch, month, day)[:1]:
            if (manager, day) in held or manager == roles.star:
                continue
            held.add((manager, day))
            nth = len(interviews) + 1
            numbers = rates(done, targets, desks, branch, month)
            watched = min(FACTOR, key=lambda one: numbers[manager][one])
            newcomer = day - desk.person.joined_on < NEWCOMER
            interviews.append(sheet(nth, manager, branch, day, watched, newcomer, waits))
            actions.extend(agreed(interviews[-1], log.today))

    for month, following in zip(months := months_between(first, log.today), months[1:], strict=False):
        days = [one for one in workdays if one >= following]
        if len(days) > HELD_ON and days[HELD_ON].replace(day=1) == following:
            for branch in sorted({desk.branch for desk in desks}):
                for measure in PLANNED:
                    hold(branch, days[HELD_ON], month, measure, waits=False)
    if len(workdays) > -LATELY and workdays[LATELY].replace(day=1) == log.today.replace(day=1):
        for branch in sorted({desk.branch for desk in desks}):
            hold(branch, workdays[LATELY], log.today.replace(day=1), "deals", waits=True)
    return interviews, actions


def behind(
    theirs: dict[int, list[Desk]],
    done: Counter[Key],
    targets: dict[Key, int],
    measure: str,
    branch: int,
    month: date,
    day: date,
) -> list[tuple[int, Desk]]:
    """Managers at work in the branch that day with a plan of a month, the furthest behind it in a measure first."""
    here = (desk for desks in theirs.values() for desk in desks if desk.branch == branch)
    there = {desk.person.id: desk for desk in here if day in desk.days}
    planned = [one for one in there if targets.get((one, month, measure)) and branch_in(theirs[one], month) == branch]
    short = {one: done[one, month, measure] / targets[one, month, measure] for one in planned}
    return [(one, there[one]) for one in sorted(short, key=lambda one: (short[one], one))]


def rates(done: Counter[Key], targets: dict[Key, int], desks: list[Desk], branch: int, month: date) -> dict[int, Rates]:
    """The numbers of everybody in the branch in a month, each over the branch's median: consultations over their plan,
    and the two rates."""
    everybody = sorted({desk.person.id for desk in desks if desk.branch == branch})

    def over(one: int, of: str, to: float) -> float:
        return done[one, month, of] / max(to, 1)

    found = {
        one: {
            "consultations_a_day": over(one, "consultations", targets.get((one, month, "consultations"), 0)),
            "application_rate": over(one, "applications", done[one, month, "consultations"]),
            "deal_rate": over(one, "deals", done[one, month, "applications"]),
        }
        for one in everybody
    }
    usual = {name: median(row[name] for row in found.values()) or 1.0 for name in FACTOR}
    return {one: {name: row[name] / usual[name] for name in FACTOR} for one, row in found.items()}


def sheet(nth: int, manager: int, branch: int, day: date, watched: str, newcomer: bool, waits: bool) -> Row:
    """The sheet of an interview; the head follows what is proposed but for every sixth."""
    cause = CAUSES[watched][nth % len(CAUSES[watched])]
    proposed = "support" if newcomer else REACTION[watched]
    reaction = "support" if nth % 6 == 0 else proposed
    answered = datetime.combine(day + timedelta(1), time(9, 10)) - BANK_TIME
    return {
        "id": nth,
        "manager_id": manager,
        "branch_id": branch,
        "day": day,
        "held_by": f"head-{branch}",
        "factor": FACTOR[watched],
        "proposed": proposed,
        "cause": cause,
        "reaction": reaction,
        "watched": watched,
        "activity": ACTIVITY[nth % len(ACTIVITY)],
        "products": PRODUCTS[nth // 2 % len(PRODUCTS)],
        "skill": SKILL[nth // 3 % len(SKILL)],
        "mind": MIND[nth % len(MIND)],
        "drive": DRIVE[nth // 2 % len(DRIVE)],
        "real_reason": REASON[cause],
        "view": None if waits else VIEW[nth % len(VIEW)],
        "viewed_at": None if waits else answered,
    }


def agreed(held: Row, today: date) -> list[Row]:
    """The manager's action, and of every second interview the head's; done some days before they were due, but for every
    fourth of what is due already."""
    rows = []
    for place, (owner, words) in enumerate((("the_manager", THEIRS), ("the_branch_head", HEADS))):
        if place and held["id"] % 2:
            continue
        due = held["day"] + TIME
        done = due < today and (held["id"] + place) % 4 > 0
        by = held["held_by"] if place or held["id"] % 3 == 0 else str(FIRST_STAFF_NO + held["manager_id"])
        row = {"interview_id": held["id"], "owner": owner, "action": words[held["reaction"]], "due": due}
        said = {"done_on": due - timedelta(1 + held["id"] % 5), "done_by": by} if done else {}
        rows.append({"done_on": None, "done_by": None} | row | said)
    return rows
