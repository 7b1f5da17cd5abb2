"""Whoever asks for what is not theirs, by whatever link, learns nothing: not what it is, and not that it is there."""

import io
import random
import zipfile

import pytest

from dashboard.shell.store import shared
from db.log import activity
from db.recording import recording
from tests.conftest import FRIDAY
from tests.support.pages import MEETINGS, SEEN_BY, healthy, signed_in, visit
from tests.support.probes import ALL, AS, OWN, foreign, leaks, viewer
from tests.support.sent_messages import listening
from tests.support.sweep import SEED, SWEEP, sampled, scaled
from tests.support.three_regions import BRANCH_OF, LAST_SIGN, NOBODY, fill, logins, never_shown, phone

pytestmark = pytest.mark.slow

PROBES = scaled(sweep=1_500, test=400)  # at least so many


CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]


OF_ALL = [("manager", "visiting_day")]  # a branch goes out together: who goes with whom is for all of it
SHIFTS = {  # by what an id is divided to give its region, branch and manager
    "region": (1, 10**9, 10**9),
    "branch": (10, 1, 10**9),
    "manager": (100, 10, 1),
    "customer": (1000, 100, 10),
}


FILTERS = ("day", "month", "measure", "lang", "tv")


NO_SESSION, NO_LOGIN = "987654", "branch_head-79999"


UNKNOWN_SIGN = chr(LAST_SIGN)


def relation(role: str, kind: str, one: int) -> str:
    """Where an id stands, seen from the role's own place: its class. Answers may differ by class, not within one."""
    if one in OWN.get(role, {}).get(kind, ()):
        return "own"
    region, branch, manager = (one // shift for shift in SHIFTS[kind])
    if region != 7001:
        return "other region"
    return "other branch" if branch and branch != 70011 else "colleague" if manager else "own branch"


def by_class(role: str, kind: str, chance: random.Random) -> list[int]:
    """One foreign id of each class."""
    classes: dict[str, list[int]] = {}
    for one in foreign(role, kind):
        classes.setdefault(relation(role, kind, one), []).append(one)
    return [chance.choice(ones) for _class, ones in sorted(classes.items())]


def probes(role: str, page: str) -> list[tuple[str, str, str]]:
    """Each a parameter of the link, an id in it, and an id of nothing, which is to be answered in the same words: every
    id there is in the sweep; else one of each class, and for filters and logins one that changes from page to page."""
    chance = random.Random(f"{SEED} {role} {page}")
    ids = {kind: foreign(role, kind) if SWEEP else by_class(role, kind, chance) for kind in ALL}
    if role in ("auditor", "administrator"):  # nothing is foreign to them: what is masked is not theirs either
        chosen = {"branch"} - ({"branch"} if page in ("accounts", "audit_trail") else set())
        chosen |= (
            {"manager"}
            if page in ("pipeline", "dormant", "activity_log", "customers", "manager_profile", *MEETINGS)
            else set()
        )
        chosen |= (
            {"customer"} if page in ("customer", "customers", "activity_log", "retention", "audit_trail") else set()
        )
        chosen |= {"region"} if page in ("plans", "agenda") else set()
        ids = {kind: ones for kind, ones in ids.items() if kind not in chosen}
    strangers = [foreign(role, kind)[-1] for kind in ALL]
    others = [login for login in logins()[::3] if login != AS[role]]
    filters = [(name, str(one), str(NOBODY)) for name in FILTERS for one in strangers]
    names = [(name, login, NO_LOGIN) for name in ("as", "user", "account") for login in others[:4]]
    names += [("sign_in", f"session of {login}", NO_SESSION) for login in others]
    if not SWEEP:
        filters, names = [chance.choice(filters)], [chance.choice(names)]
    return [(kind, str(one), str(NOBODY)) for kind, ones in ids.items() for one in ones] + filters + names


def own_links(role: str, page: str) -> list[tuple[str, str]]:
    """Links to what is one's own, which show it and nothing else: all in the sweep, else one of them."""
    links = [(kind, str(one)) for kind, ones in sorted(OWN.get(role, {}).items()) for one in sorted(ones)]
    return links if SWEEP else [random.Random(f"{SEED} own {role} {page}").choice(links)] if links else []


@pytest.fixture
def wire():
    with listening() as wire:
        yield wire


def unpacked(workbook: bytes) -> bytes:
    """Everything that stands in an Excel file, but when it was made."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return b"\n".join(parts.read(name) for name in sorted(parts.namelist()) if not name.startswith("docProps"))


def test_there_are_enough_probes_of_every_class():
    assert {relation("manager", "manager", one) for one in BRANCH_OF} == {
        "own",
        "colleague",
        "other branch",
        "other region",
    }
    assert {relation("regional", kind, one) for kind in ALL for one in foreign("regional", kind)} == {"other region"}
    assert sum(len(probes(*case)) for case in CASES) >= PROBES


@pytest.mark.parametrize(("role", "page"), sampled(CASES, 14))
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

    for name, value in own_links(role, page):
        shown(name, value)
    for name, value, nobody in probes(role, page):
        if (name, nobody) not in answers:
            answers[name, nobody] = shown(name, nobody)
        if shown(name, sessions.get(value, value)) != answers[name, nobody]:
            wrong.append((name, value, "is told from what does not exist"))
    assert not wrong


@pytest.mark.parametrize(
    ("role", "page"), sampled([case for case in CASES if case[0] in OWN and case not in OF_ALL], 6)
)
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
    recording.correct(head, row["id"], row["version"], FRIDAY, amount_cents=123_400)
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
    recording.correct(head, row["id"], row["version"], FRIDAY, note="孙老板的新记事")
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
