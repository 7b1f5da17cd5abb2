"""A bank of three regions, two branches each, every name of which begins with a sign of its own, which nothing else on
any page contains: however short a name was cut or masked, it is known where it came from."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from sqlalchemy import insert

from db import models
from db.engine import Store
from tests.conftest import FRIDAY

REGIONS = (7001, 7002, 7003)
BRANCHES = {region: (region * 10 + 1, region * 10 + 2) for region in REGIONS}  # 70011 …
TEAM = {branch: (branch * 10 + 1, branch * 10 + 2) for pair in BRANCHES.values() for branch in pair}  # 700111 …
CUSTOMERS = {manager: (manager * 10 + 1, manager * 10 + 2) for team in TEAM.values() for manager in team}  # 7001111 …
REGION_OF = {branch: region for region, pair in BRANCHES.items() for branch in pair}
BRANCH_OF = {manager: branch for branch, team in TEAM.items() for manager in team}
FOREIGN_PLACES = [*REGIONS, *TEAM, *BRANCH_OF, *(one for pair in CUSTOMERS.values() for one in pair)]
NOBODY = 7999  # no id of anything
FIRST_SIGN, LAST_SIGN = (
    0x3400,
    0x4DBF,
)  # rare characters: no word of ours, and no name people have, is written with them
SIGNS = re.compile(f"[{chr(FIRST_SIGN)}-{chr(LAST_SIGN)}]")
DAYS = [FRIDAY - timedelta(back) for back in (0, 0, 1, 3, 4, 9, 17, 25, 33)]
STEPS = ("consultation", "consultation", "application", "deal")
MOMENT = datetime(2026, 11, 20, 8)  # when everything was recorded


@dataclass
class Names:
    """What everything is called: by kind and id, its sign first."""

    of: dict[tuple[str, int | str], str] = field(default_factory=dict)
    free: count = field(default_factory=lambda: count(FIRST_SIGN))

    def give(self, kind: str, identity: int | str, rest: str) -> str:
        return self.of.setdefault((kind, identity), chr(next(self.free)) + rest)

    def signs(self, kind: str, *identities: int | str) -> set[str]:
        """Of these things, of all of that kind unless told."""
        return {name[0] for (what, one), name in self.of.items() if what == kind and one in (identities or (one,))}


def phone(customer: int) -> str:
    return f"139{customer:08d}"


def staff_no(manager: int) -> str:
    return f"S{manager}"


def place_of(account: str) -> tuple[str, int | None]:
    """Role and place of an account's login."""
    role, _dash, place = account.partition("-")
    return role, int(place) if place else None


def logins() -> list[str]:
    places = [("regional", REGIONS), ("branch_head", TEAM), ("screen", TEAM), ("manager", BRANCH_OF)]
    return [f"{role}-{one}" for role, ones in places for one in ones] + ["administrator", "auditor"]


def fill(store: Store, only: set[int] | None = None) -> Names:
    """Writes the bank into an empty store; `only` leaves out everything of other managers than these, their branches
    and regions included. Ids, names and numbers of what is there are the same either way."""
    names, rows = Names(), {}

    def add(model, **row) -> None:
        rows.setdefault(model, []).append(row)

    def wanted(*managers: int) -> bool:
        return only is None or bool(only & set(managers))

    for region in REGIONS:
        name = names.give("region", region, "分行")
        if wanted(*(one for branch in BRANCHES[region] for one in TEAM[branch])):
            add(models.Region, id=region, name=name)
    for branch, team in TEAM.items():
        name, street = names.give("branch", branch, "支行"), names.give("territory", branch, "街")
        if wanted(*team):
            add(models.Branch, id=branch, region_id=REGION_OF[branch], name=name)
            add(models.Territory, id=branch, branch_id=branch, kind="street", name=street)
            register = {"territory_id": branch, "as_of": date(2026, 1, 1), "source": "普查"}
            add(models.TerritoryRegister, **register, potential_customers=300 + branch % 100)
            add_plans(add, "branch_id", branch, 41)
    for place, (manager, branch) in enumerate(BRANCH_OF.items(), 1):
        name = names.give("manager", manager, "经理")
        customers = [(one, names.give("customer", one, "某某商户")) for one in CUSTOMERS[manager]]
        note = names.give("note", manager, "的记事")
        if not wanted(manager):
            continue
        add(models.Manager, id=manager, staff_no=staff_no(manager), name=name)
        add(models.Posting, manager_id=manager, branch_id=branch)
        add(models.Absence, manager_id=manager, day=FRIDAY - timedelta(2 + place))
        for customer, called in customers:
            home = {"branch_id": branch, "manager_id": manager, "territory_id": branch}
            add(models.Customer, id=customer, **home, name=called, phone=phone(customer))
        add_plans(add, "manager_id", manager, 7 + place)
        texts = dict.fromkeys(("activity", "products", "skill", "mind", "drive", "real_reason", "view"), note)
        codes = {"factor": "consultations", "proposed": "urge", "cause": "habit", "reaction": "urge"}
        held = {"manager_id": manager, "branch_id": branch, "day": FRIDAY - timedelta(28), "held_by": f"test {manager}"}
        codes["watched"] = "consultations_a_day"
        add(models.Interview, id=manager, **held, **codes, **texts, viewed_at=MOMENT)
        meeting = {"branch_id": branch, "kind": "morning", "day": FRIDAY - timedelta(manager % 10)}
        moments = {"started_at": MOMENT, "item": "focus", "item_since": MOMENT}
        add(models.Meeting, id=manager, **meeting, **moments, started_by="test", chair=names.of["manager", manager])
        add(models.MeetingItem, meeting_id=manager, place=0, key="focus", minutes=5, used_seconds=0, reached=True)
        wrote = {"meeting_id": manager, "item": "focus", "author": f"test {manager}", "written_at": MOMENT}
        add(models.MeetingNote, **wrote, text=note)
        add(models.OwnReason, meeting_id=manager, manager_id=manager, text=note, written_at=MOMENT)
        add(models.Attendance, meeting_id=manager, manager_id=manager, state="present")
        agreed = {"branch_id": branch, "meeting_id": manager, "item": "focus", "manager_id": manager}
        add(models.Commitment, id=manager, **agreed, text=note, due=FRIDAY, agreed_on=FRIDAY - timedelta(9))
        outing = {"branch_id": branch, "day": FRIDAY - timedelta(manager % 10), "territory_id": branch, "target": 5}
        add(models.VisitingDay, id=manager, **outing, planned_by="test", planned_at=MOMENT)
        goes = {"visiting_day_id": manager, "manager_id": manager, "group_number": 1, "part": "main_talker"}
        add(models.VisitingPlace, **goes)
        stands_in = {"branch_id": branch, "manager_id": manager, "from_day": FRIDAY - timedelta(30)}
        until = {"to_day": FRIDAY - timedelta(20), "named_by": "test", "named_at": MOMENT}
        add(models.Deputy, id=manager, **stands_in, **until)
        entry = {"region_id": REGION_OF[branch], "branch_id": branch, "kind": "news", "months": [], "day": FRIDAY}
        entry |= {"title": names.of["branch", branch], "text": names.of["manager", manager], "written_by": "test"}
        add(models.ShelfEntry, id=manager, **entry, written_at=MOMENT)
        looked = {"account": f"test {manager}", "branch_id": branch, "manager_id": manager, "day": FRIDAY}
        add(models.ShelfView, entry_id=manager, **looked)
        result = {"branch_id": branch, "manager_id": manager, "day": FRIDAY - timedelta(1), "measure": "deals"}
        add(models.DayResult, **result, promised=3, done=place)
        add(models.AgreedAction, id=manager, interview_id=manager, owner="the_manager", action=note, due=FRIDAY)
        for step, measure in enumerate(("consultations", "applications", "deals")):
            promise = {"manager_id": manager, "branch_id": branch, "day": FRIDAY, "measure": measure}
            add(models.Promise, **promise, target=3 + (place + step) % 5)
            week = {"grain": "week", "day": FRIDAY - timedelta(4)}
            add(models.Promise, **promise | week, target=9 + (place + step) % 5)
        for nth, day in enumerate(DAYS):
            for step, kind in enumerate(STEPS[: 2 + (nth + place) % 3]):
                activity = {"region_id": REGION_OF[branch], "branch_id": branch, "manager_id": manager}
                activity |= {"customer_id": customers[(nth + step) % 2][0], "kind": kind, "day": day, "time": time(9)}
                activity |= {"product_id": 1 + (place + nth) % 3 if kind != "consultation" else None}
                activity |= {"amount_cents": place * 1_230_000 + nth * 70_000 if kind != "consultation" else None}
                activity |= {"effective": True, "met_decider": True, "need_recorded": True, "note": note}
                activity["recorded_by"] = "test"
                add(models.Activity, id=manager * 100 + nth * 10 + step, **activity)
    for region in REGIONS:
        if only is None or only >= {one for branch in BRANCHES[region] for one in TEAM[branch]}:
            add_plans(add, "region_id", region, 101)
    for number, login in enumerate(logins(), 7901):
        name = names.give("account", login, "某人")
        role, place = place_of(login)
        level = {"regional": "region_id", "branch_head": "branch_id", "screen": "branch_id", "manager": "manager_id"}
        there = {models.Region: "region_id", models.Branch: "branch_id", models.Manager: "manager_id"}
        held = {column: [row["id"] for row in rows.get(model, [])] for model, column in there.items()}
        if place is None or place in held[level[role]]:
            account = dict.fromkeys(there.values()) | ({} if place is None else {level[role]: place})
            add(models.Account, id=number, login=login, name=name, role=role, must_change=False, **account)
    with store.writing("test") as write:
        for model in sorted(rows, key=lambda one: models.Base.metadata.sorted_tables.index(one.__table__)):
            stamp = {"recorded_at": MOMENT, "version": write.version} if model is models.Activity else {}
            write.session.execute(insert(model), [row | stamp for row in rows[model]])
    return names


def add_plans(add, level: str, holder: int, size: int) -> None:
    nobody = dict.fromkeys(("region_id", "branch_id", "manager_id", "product_id"))
    for nth, measure in enumerate(("consultations", "applications", "deals", "deal_amount")):
        target = size * (4 - nth) if nth < 3 else size * 5_000_000
        plan = {"month": date(2026, 11, 1), "measure": measure, "target": target}
        add(models.Plan, **nobody | {level: holder}, **plan)


def may_be_shown(names: Names, login: str) -> set[str]:
    """The signs of whatever the holder of the account may see, masked or whole."""
    role, place = place_of(login)
    own = names.signs("account", login)
    everywhere = names.signs("region") | names.signs("branch") | names.signs("manager") | names.signs("territory")
    match role:
        case "administrator" | "auditor":
            return everywhere | names.signs("account") | names.signs("customer")
        case "regional":
            branches = BRANCHES[place]
        case "manager":
            branches = (BRANCH_OF[place],)
        case _:
            branches = (place,)
    managers = [one for branch in branches for one in TEAM[branch]]
    seen = own | names.signs("region", REGION_OF[branches[0]]) | names.signs("branch", *branches)
    seen |= names.signs("manager", *managers) | names.signs("territory", *branches)
    looked_after = [place] if role == "manager" else managers
    if role != "screen":
        seen |= names.signs("customer", *(one for manager in looked_after for one in CUSTOMERS[manager]))
    if role in ("manager", "branch_head"):
        seen |= names.signs("note", *looked_after)
    return seen


def never_shown(names: Names, login: str) -> set[str]:
    """What must stand nowhere in what the account is sent: signs, staff numbers, and what only owner and branch head
    may see of a customer."""
    role, place = place_of(login)
    seen = may_be_shown(names, login)
    words = {name[0] for name in names.of.values()} - seen
    words |= {staff_no(one) for one in BRANCH_OF if names.of["manager", one][0] not in seen}
    whole = set()
    if role in ("manager", "branch_head"):
        whole = {one for manager, ones in CUSTOMERS.items() for one in ones if place in (manager, BRANCH_OF[manager])}
    for customer in (one for ones in CUSTOMERS.values() for one in ones if one not in whole):
        words |= {names.of["customer", customer], phone(customer)}
    return words
