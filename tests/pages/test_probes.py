"""Whoever asks for what is not his, by whatever link, learns nothing: not what it is, and not that it is there."""

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial

import polars as pl
import pytest

from dashboard import report, standings
from dashboard.report import Part
from dashboard.stores import shared
from db import accounts, activity, customers, meetings, people, plans, sign_in, staffing, territories, trail
from db.access import Viewer
from db.engine import Store
from db.entry import Entry
from db.errors import StorageError
from metrics import periods
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.pages.looking import SEEN_BY, healthy, signed_in, visit
from tests.pages.three_regions import (
    BRANCH_OF,
    BRANCHES,
    CUSTOMERS,
    LAST_SIGN,
    NOBODY,
    REGION_OF,
    REGIONS,
    TEAM,
    Names,
    fill,
    logins,
    never_shown,
    phone,
    place_of,
    staff_no,
)
from tests.pages.wire import listening

PROBES = 1_500  # at least so many
MONTH = periods.month(FRIDAY)
AS = {
    "manager": "manager-700111",
    "branch_head": "branch_head-70011",
    "regional": "regional-7001",
    "screen": "screen-70011",
    "administrator": "administrator",
    "auditor": "auditor",
}
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
OWN = {  # what each of them may see, by kind
    "manager": {"region": {7001}, "branch": {70011}, "manager": {700111}, "customer": set(CUSTOMERS[700111])},
    "branch_head": {"region": {7001}, "branch": {70011}, "manager": set(TEAM[70011])},
    "regional": {"region": {7001}, "branch": set(BRANCHES[7001])},
}
OWN["branch_head"]["customer"] = {one for manager in TEAM[70011] for one in CUSTOMERS[manager]}
OWN["regional"]["manager"] = {one for branch in BRANCHES[7001] for one in TEAM[branch]}
OWN["regional"]["customer"] = {one for manager in OWN["regional"]["manager"] for one in CUSTOMERS[manager]}
OWN["screen"] = OWN["branch_head"] | {"customer": set()}
ALL = {"region": REGIONS, "branch": TEAM, "manager": BRANCH_OF, "customer": sum(CUSTOMERS.values(), ())}
FILTERS = ("day", "month", "measure", "lang", "tv")
NO_SESSION, NO_LOGIN = "987654", "branch_head-79999"
UNKNOWN_SIGN = chr(LAST_SIGN)


def foreign(role: str, kind: str) -> list[int]:
    """The ids of that kind which are not the role's; for whom nothing is foreign, all of them."""
    return [one for one in ALL[kind] if one not in OWN.get(role, {}).get(kind, ())]


def probes(role: str, page: str) -> list[tuple[str, str, str]]:
    """Each a parameter of the link, an id in it, and an id of nothing, which is to be answered in the same words."""
    asked = [(kind, str(one), str(NOBODY)) for kind in ALL for one in foreign(role, kind)]
    if role in ("auditor", "administrator"):  # nothing is foreign to them: what is masked is not theirs either
        chosen = {"branch"} - ({"branch"} if page in ("customers", "accounts", "audit_trail") else set())
        chosen |= {"manager"} if page in ("pipeline", "activity_log") else set()
        chosen |= {"region"} if page == "plans" else set()
        asked = [one for one in asked if one[0] not in chosen]
    strangers = [foreign(role, kind)[-1] for kind in ALL]
    asked += [(name, str(one), str(NOBODY)) for name in FILTERS for one in strangers]
    others = [login for login in logins()[::3] if login != AS[role]]
    asked += [(name, login, NO_LOGIN) for name in ("as", "user", "account") for login in others[:4]]
    return asked + [("sign_in", f"session of {login}", NO_SESSION) for login in others]


@pytest.fixture(scope="module")
def written(sqlite_template, tmp_path_factory) -> tuple[str, Names]:
    path = tmp_path_factory.mktemp("three") / "regions.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", mark=interpret)
    names = fill(store)
    store.close()
    return f"sqlite:///{path}", names


@pytest.fixture
def bank(configured, written) -> Store:
    configured.database_url = written[0]
    return shared(written[0])


@pytest.fixture
def names(written) -> Names:
    return written[1]


@pytest.fixture
def wire():
    with listening() as wire:
        yield wire


def viewer(store: Store, role: str) -> Viewer:
    return sign_in.viewer(store, signed_in(store, AS[role]), FRIDAY)


def leaks(sent: bytes, words: set[str]) -> list[str]:
    return [word for word in words if word.encode() in sent]


def unpacked(workbook: bytes) -> bytes:
    """Everything that stands in an Excel file, but when it was made."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return b"\n".join(parts.read(name) for name in sorted(parts.namelist()) if not name.startswith("docProps"))


# -- pages -----------------------------------------------------------------------------------------------------------


def test_there_are_enough_probes():
    assert sum(len(probes(*case)) for case in CASES) >= PROBES


@pytest.mark.parametrize(("role", "page"), CASES)
def test_no_link_shows_anything_foreign_or_that_it_exists(bank, names, wire, role, page):
    sessions = {f"session of {login}": str(signed_in(bank, login)) for login in logins()}
    mine, words = signed_in(bank, AS[role]), never_shown(names, AS[role])
    answers: dict[tuple[str, str], str] = {}
    wrong = []

    def shown(name: str, value: str) -> str:
        wire.clear()
        healthy(visit(mine, page, **{name: value}))
        wrong.extend((name, value, word) for word in leaks(wire.sent(), words))
        if page == "branch_comparison" and name in ("branch", "region"):
            files = b"\n".join(unpacked(made()) for made in wire.files)
            assert files
            wrong.extend((name, value, "in the file", word) for word in leaks(files, words))
        return wire.shown(**{name: value})

    for name, value, nobody in probes(role, page):
        if (name, nobody) not in answers:
            answers[name, nobody] = shown(name, nobody)
        if shown(name, sessions.get(value, value)) != answers[name, nobody]:
            wrong.append((name, value, "is told from what does not exist"))
    assert not wrong


@pytest.mark.parametrize(("role", "page"), [case for case in CASES if case[0] in OWN])
def test_a_page_is_the_same_to_the_letter_where_there_is_nobody_else(
    bank, names, wire, configured, sqlite_url, role, page
):
    visit(signed_in(bank, AS[role]), page)
    among_others = wire.shown()
    alone = shared(sqlite_url)
    fill(alone, only=OWN[role]["manager"])
    configured.database_url = sqlite_url
    wire.clear()
    healthy(visit(signed_in(alone, AS[role]), page))
    assert wire.shown() == among_others


@pytest.mark.parametrize("role", ["regional", "auditor"])
def test_the_excel_file_holds_ones_own_branches_and_no_others(bank, names, wire, role):
    visit(signed_in(bank, AS[role]), "branch_comparison")
    (made,) = wire.files
    found = unpacked(made())
    own = OWN.get(role, ALL)
    for kind in ("branch", "manager"):
        assert [one for one in ALL[kind] if names.of[kind, one].encode() in found] == sorted(own[kind])
    assert not leaks(found, never_shown(names, AS[role]))


def test_the_auditors_file_holds_nothing_of_a_customer(bank, names, wire):
    head = viewer(bank, "branch_head")
    row = activity.rows(head, FRIDAY, 700111).row(0, named=True)
    activity.correct(head, row["id"], row["version"], FRIDAY, amount_cents=123_400)
    visit(signed_in(bank, AS["auditor"]), "audit_trail")
    (made,) = wire.files
    assert not leaks(unpacked(made()), never_shown(names, AS["auditor"]))


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_a_corrected_note_does_not_reach_those_who_may_not_see_the_customer(configured, names, wire, sqlite_url, role):
    configured.database_url = sqlite_url
    store = shared(sqlite_url)
    fill(store)
    head = viewer(store, "branch_head")
    row = activity.rows(head, FRIDAY, 700111).row(0, named=True)
    activity.correct(head, row["id"], row["version"], FRIDAY, note="孙老板的新记事")
    visit(signed_in(store, AS[role]), "audit_trail")
    sent = wire.sent() + b"".join(unpacked(made()) for made in wire.files)
    assert not leaks(sent, never_shown(names, AS[role]) | {"孙老板"})


@pytest.mark.parametrize("role", ["manager", "branch_head", "regional"])
def test_customers_of_others_are_not_found_by_what_one_knows_of_them(bank, names, wire, role):
    session, words = signed_in(bank, AS[role]), never_shown(names, AS[role])
    strangers = foreign(role, "customer")[-3:]
    app = healthy(visit(session, "customers"))

    def said(text: str) -> str:
        wire.clear()
        healthy(app.text_input(key="wanted customer").set_value(text).run())
        assert not leaks(wire.sent().replace(text.encode(), b""), words), text
        return wire.shown().replace(text, "·")

    for customer in strangers:
        name = names.of["customer", customer]
        assert said(name) == said(UNKNOWN_SIGN + name[1:])
        assert said(name[:2]) == said(UNKNOWN_SIGN + name[1])
        assert said(phone(customer)) == said("13900000000")
        assert said(phone(customer)[-4:]) == said("0000")


# -- functions -------------------------------------------------------------------------------------------------------

MADE_UP = Entry("consultation", FRIDAY, customer_name="新客户")
REASON = "回访客户的投诉"
ANY_LIMIT = 1_000_000

# What can be asked of an id, by the kind of the id.
ASKED: dict[str, dict[str, Callable[[Viewer, int], object]]] = {
    "branch": {
        "people.managers": lambda viewer, one: people.managers(viewer, MONTH, one),
        "report.summary": lambda viewer, one: report.summary(viewer, MONTH, FRIDAY, ["manager"], Part(branch=one))[:2],
        "report.summary by branch": lambda viewer, one: report.summary(
            viewer, MONTH, FRIDAY, ["branch"], Part(branch=one)
        )[:2],
        "standings.promised": lambda viewer, one: standings.promised(viewer, FRIDAY, Part(branch=one)),
        "standings.by_week": lambda viewer, one: standings.by_week(viewer, MONTH, Part(branch=one)),
        "staffing.hire": lambda viewer, one: staffing.hire(viewer, "S1", "某人", one, FRIDAY),
        "accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "screen", one, None),
    },
    "region": {
        "report.summary": lambda viewer, one: report.summary(viewer, MONTH, FRIDAY, ["branch"], Part(region=one))[:2],
        "accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "regional", one, None),
    },
    "manager": {
        "activity.rows": lambda viewer, one: activity.rows(viewer, FRIDAY, one),
        "activity.record": lambda viewer, one: activity.record(viewer, one, MADE_UP, f"{viewer.account} {one}", FRIDAY),
        "customers.of_manager": lambda viewer, one: customers.of_manager(viewer, one),
        "meetings.set_promises": lambda viewer, one: meetings.set_promises(viewer, FRIDAY, {one: {"deals": 9}}),
        "report.summary": lambda viewer, one: report.summary(viewer, MONTH, FRIDAY, (), Part(manager=one))[:2],
        "standings.promised": lambda viewer, one: standings.promised(viewer, FRIDAY, Part(manager=one)),
        "staffing.transfer": lambda viewer, one: staffing.transfer(viewer, one, 70011, FRIDAY),
        "staffing.leave": lambda viewer, one: staffing.leave(viewer, one, FRIDAY),
        "accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "manager", one, None),
    },
    "customer": {
        "customers.unmask": lambda viewer, one: customers.unmask(viewer, one, REASON, ANY_LIMIT),
        "activity.record": lambda viewer, one: activity.record(
            viewer, viewer.manager, Entry("consultation", FRIDAY, customer=one), f"{viewer.account} of {one}", FRIDAY
        ),
    },
    "activity": {
        "activity.correct": lambda viewer, one: activity.correct(viewer, one, 1, FRIDAY, amount_cents=1),
        "activity.void": lambda viewer, one: activity.void(viewer, one, 1),
    },
    "account": {
        "accounts.change_role": lambda viewer, one: accounts.change_role(viewer, one, "auditor", None),
        "accounts.disable": lambda viewer, one: accounts.disable(viewer, one),
        "accounts.enable": lambda viewer, one: accounts.enable(viewer, one),
        "accounts.set_password": lambda viewer, one: accounts.set_password(viewer, one, "a new long password"),
    },
}


def asked_for(role: str, kind: str) -> list[int]:
    if kind == "activity":
        return [one * 100 for one in foreign(role, "manager")]
    return list(range(7901, 7941, 3)) if kind == "account" else foreign(role, kind)


def answer(ask: Callable[[], object]) -> object:
    """What is answered, in a form that can be compared: the same words for the same refusal."""
    try:
        found = ask()
    except StorageError as error:
        return type(error).__name__, error.message, error.values
    frames = found if isinstance(found, tuple) else (found,)
    return [one.to_dicts() if isinstance(one, pl.DataFrame) else one for one in frames]


QUESTIONS = [
    pytest.param(role, kind, asked, id=f"{role} {kind} {asked}")
    for role in OWN
    for kind, questions in ASKED.items()
    for asked in questions
    if (role, kind, asked) != ("manager", "branch", "people.managers")  # of his colleagues he sees the names
    and (kind, asked) != ("customer", "activity.record")  # a branch shares its customers: two may visit one
]


@pytest.mark.parametrize(("role", "kind", "asked"), QUESTIONS)
def test_no_function_tells_a_foreign_id_from_one_that_does_not_exist(bank, names, role, kind, asked):
    mine, ask = viewer(bank, role), ASKED[kind][asked]
    nothing = answer(partial(ask, mine, NOBODY))
    words = never_shown(names, AS[role])
    for one in asked_for(role, kind):
        found = answer(partial(ask, mine, one))
        assert found == nothing, one
        assert not leaks(repr(found).encode(), words)


@pytest.mark.parametrize("role", OWN)
def test_nothing_foreign_is_in_what_is_read_without_an_id(bank, names, role):
    mine, words = viewer(bank, role), never_shown(names, AS[role])
    year = periods.Period(date(2026, 1, 1), date(2026, 12, 31))
    read: dict[str, Callable[[], pl.DataFrame]] = {
        "branches": lambda: people.branches(mine),
        "managers": lambda: people.managers(mine, year),
        "names": lambda: people.names(mine),
        "postings": lambda: people.postings(mine),
        "posting_days": lambda: people.posting_days(mine, year),
        "absences": lambda: people.absences(mine, year),
        "registers": lambda: territories.registers(mine),
        "promises": lambda: meetings.promises(mine, FRIDAY),
        "plans": lambda: plans.read(mine, year),
        "log": lambda: activity.read(mine, year).collect(),
        "customers": lambda: customers.search(mine, "", limit=1_000),
        "accounts": lambda: accounts.listing(mine),
        "trail": lambda: trail.entries(mine, date(2026, 1, 1), date(2099, 1, 1)),
    }
    for name, ask in read.items():
        found = answer(ask)
        assert not leaks(repr(found).encode(), words), name
        if isinstance(found, tuple):
            assert found[0] == "NotAllowed", name
            continue
        for row in found[0]:
            for kind in ("region", "branch", "manager", "customer"):
                seen = set(OWN[role][kind]) | (set(TEAM[70011]) if role == "manager" and kind == "manager" else set())
                told = row.get(kind) is not None and (name, kind) != ("log", "customer")  # there a number to count by
                assert not told or row[kind] in seen, (name, row)


@pytest.mark.parametrize("role", OWN)
def test_no_name_in_a_report_tells_a_foreign_place_from_none(bank, names, role):
    mine = viewer(bank, role)
    for kind, unknown in (("region", "无此分行"), ("branch", "无此支行"), ("manager", "无此经理")):
        for one in foreign(role, kind):
            if role == "manager" and one in TEAM[70011]:
                continue  # a colleague, whose name he knows
            for name in {names.of[kind, one], staff_no(one) if kind == "manager" else names.of[kind, one]}:
                wanted = {"region": None, "branch": None, "manager": None}
                found = answer(partial(report.find_part, mine, **wanted | {kind: name}, period=MONTH))
                nothing = answer(partial(report.find_part, mine, **wanted | {kind: unknown}, period=MONTH))
                assert found[:2] == nothing[:2] and found[0] == "Refused"


def test_the_fixture_has_a_stranger_in_every_direction():
    assert {REGION_OF[one] for one in foreign("branch_head", "branch")} == set(REGIONS)
    assert set(foreign("manager", "manager")) & set(TEAM[70011])
    assert place_of(AS["regional"]) == ("regional", 7001)
