"""A customer's name and number reach those who look after them, and no log line, error, metric, page or file of
others."""

import re
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta

import polars as pl
import pytest

from dashboard.monitoring import log_file
from dashboard.shell.store import operator
from db.engine import Store
from db.log import activity
from db.log.entry import Entry
from db.people import people
from db.recording import recording
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY
from tests.support import servers
from tests.support.browsing import PATIENCE, Visitor
from tests.support.pages import AS, SEEN_BY
from tests.support.servers import serving
from tests.support.sweep import sampled

pytestmark = pytest.mark.browser
PATHS = ("/_stcore/metrics", "/_stcore/health", "/media/x", "/account/files/x", "/no_page")
NAME, PHONE = "欧阳绝密商行", "13987654321"
SECRETS = tuple(one.encode() for one in (NAME, PHONE, "绝密", "87654321"))
# The same server, except that a customer who is looked for as "!" and an entry whose note is "!" break it.
BREAKING = f"""
import sys
from db.customers import customers
from db.recording import recording
from dashboard.web.server import serve

def breaking(function, breaks):
    def broken(*given, **options):
        if breaks(*given):
            raise ValueError("cannot read {NAME} of {PHONE}", {{"phone": "{PHONE}"}})
        return function(*given, **options)
    return broken

customers.search = breaking(customers.search, lambda viewer, text, *rest: text == "!")
recording.record = breaking(recording.record, lambda viewer, manager, entry, *rest: entry.note == "!")
serve(sys.argv[1], "127.0.0.1", int(sys.argv[2]), demo=True)
"""


@pytest.fixture(scope="module")
def served(region_template, tmp_path_factory):
    """The address, and the file everything goes into that the server says. The customer is 100001's, met yesterday and
    today; what was noted of them was corrected once."""
    path, folder = tmp_path_factory.mktemp("planted") / "region.db", tmp_path_factory.mktemp("server")
    store = Store(f"sqlite:///{shutil.copy(region_template, path)}", mark=interpret)
    everyone = operator(store)
    for day in (FRIDAY - timedelta(1), FRIDAY):
        entry = Entry("consultation", day, customer_name=NAME, phone=PHONE, note=f"{NAME} {PHONE}")
        recording.record(everyone, 1, entry, f"planted {day}", day)
    held = activity.rows(everyone, FRIDAY, 1).filter(customer_name=NAME)
    recording.correct(everyone, *held.select("id", "version").row(0), FRIDAY, note=f"{NAME} {PHONE} 再谈")
    store.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "SERVE", BREAKING)
        with serving(f"sqlite:///{path}", folder) as address:
            yield address, folder / "server.log", f"sqlite:///{path}"
    log = b"".join((folder / one).read_bytes() for one in ("server.log", log_file.NAME))  # of this worker's tests
    assert log and not [one for one in SECRETS if one in log]


class Listener(Visitor):
    """A visitor who keeps all that the server sends them."""

    def __init__(self, windows, address: str, **options):
        super().__init__(windows, address, **options)
        self.heard: list[bytes] = []
        self.page.on("response", self.keep)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self.frame))

    def keep(self, response) -> None:
        self.heard.append("\n".join(f"{name}: {value}" for name, value in response.headers.items()).encode())

    def frame(self, payload) -> None:
        self.heard.append(payload.encode() if isinstance(payload, str) else payload)

    def leaked(self) -> list[bytes]:
        heard = b"\n".join(self.heard) + self.page.content().encode()
        return [one for one in SECRETS if one in heard]


@pytest.fixture
def listen(windows, served):
    listeners = []

    def enter(**options) -> Listener:
        listeners.append(Listener(windows, served[0], **options))
        return listeners[-1]

    yield enter
    for one in listeners:
        one.leave()


def others(url: str) -> list[tuple[str, str]]:
    """Who does not look after the customer, with each page they have: another manager, another branch's head, all the
    rest."""
    store = Store(url, mark=interpret)
    staff = people.managers(operator(store), month(FRIDAY))
    own = staff.filter(manager=1)["branch"][0]
    colleague = staff.filter(pl.col("branch") == own, pl.col("manager") != 1)["staff_no"][0]
    store.close()
    logins = AS | {"branch_head": f"head-{3 - own}", "screen": f"screen-{own}", "manager": colleague}
    return [(logins[role], page) for role, pages in SEEN_BY.items() for page in pages]


@pytest.mark.parametrize("page", ["my_day", "customers"])
def test_his_manager_sees_him_whole(listen, page):
    listener = listen()
    listener.open(page, as_=AS["manager"])
    assert {NAME.encode(), PHONE[-4:].encode()} <= {
        one for one in (*SECRETS, b"4321") if one in b"".join(listener.heard)
    }
    assert NAME in listener.page.content()


def test_nobody_elses_pages_hold_him(listen, served):
    found, listener = [], listen()
    for login, page in sampled(others(served[2]), 17):
        listener.open(page, as_=login)
        if page == "customers":
            listener.page.locator("[data-testid=stTextInput] input").first.fill("4321")
            listener.page.keyboard.press("Enter")
            listener.settled()
        found += [(login, page, one.decode()) for one in listener.leaked()]
        listener.heard.clear()
    assert found == []


def test_what_breaks_on_him_is_told_by_a_number_alone(listen, served):
    for login in (AS["manager"], AS["regional"]):
        listener = listen()
        page = listener.open("customers", as_=login)
        listener.heard.clear()
        page.locator("[data-testid=stTextInput] input").first.fill("!")
        page.keyboard.press("Enter")
        page.get_by_test_id("stAlert").first.wait_for(timeout=PATIENCE)
        (number,) = re.findall(r"[0-9a-f]{6}", page.get_by_test_id("stAlert").first.inner_text())
        assert listener.leaked() == [] and "ValueError" not in page.content()
        log = served[1].read_text()
        assert f"error {number}: ValueError" in log and "in broken" in log, "where it broke is written down"


def test_an_entry_that_breaks_on_him_says_as_little(listen, served):
    listener = listen()
    page = listener.open("my_day", as_="100002")
    page.get_by_test_id("stExpander").filter(has_text="备注").locator("summary").click()
    page.get_by_label("备注", exact=True).first.fill("!")
    page.keyboard.press("Enter")
    listener.settled()
    page.get_by_role("button", name="记录", exact=True).click()
    page.get_by_test_id("stAlert").first.wait_for(timeout=PATIENCE)
    assert listener.leaked() == []


@pytest.mark.parametrize(
    ("login", "path"), sampled([(login, path) for login in (None, "100001", "region-1", "admin") for path in PATHS], 5)
)
def test_metrics_health_and_error_pages_hold_nothing_of_him(listen, login, path):
    listener = listen()
    if login:
        listener.open(as_=login)
    for headers in ({"accept": "text/html"}, {"accept": "*/*"}):
        answer = listener.context.request.get(f"{listener.address}{path}", headers=headers)
        assert not [one for one in SECRETS if one in answer.body() + str(answer.headers).encode()]


@pytest.mark.parametrize("role", ["manager", "screen", "administrator"])
def test_a_role_that_may_not_export_has_nothing_to_download(listen, role):
    listener = listen()
    for page in sampled(SEEN_BY[role], 9):
        shown = listener.open(page, as_=AS[role])
        blank = page == "data_import"  # the template to fill in
        assert shown.get_by_test_id("stDownloadButton").count() == blank


@pytest.mark.parametrize(
    ("role", "page"),
    sampled([("regional", "branch_comparison"), ("auditor", "branch_comparison"), ("auditor", "audit_trail")], 2),
)
def test_a_file_taken_away_holds_nothing_of_him(listen, role, page):
    listener = listen()
    shown = listener.open(page, as_=AS[role])
    with shown.expect_download() as download:
        shown.get_by_test_id("stDownloadButton").first.get_by_role("button").click()
    book = zipfile.ZipFile(download.value.path())
    assert not [one for one in SECRETS if any(one in book.read(part) for part in book.namelist())]


def test_the_log_of_all_this_holds_nothing_of_him(served, listen):
    """Also after somebody has taken the number for their sign-in name. What other tests did is looked at when the
    server ends."""
    request = listen().context.request
    for form in ({"login": PHONE, "password": NAME}, {"person": NAME}, {"login": NAME, "password": PHONE * 99}):
        assert request.post(f"{served[0]}/account/sign-in", form=form).status == 403
    request.get(f"{served[0]}/my_day?branch={PHONE}&manager={NAME}")
    log = served[1].read_bytes()
    assert log and not [one for one in SECRETS if one in log]


@pytest.mark.parametrize("words", sampled([("check",), ("check", "--json"), ("account", "disable", PHONE)], 2))
def test_the_command_lines_errors_hold_nothing_of_him(served, words):
    command = [sys.executable, "-m", "dashboard", *words, "--database", served[2]]
    answer = subprocess.run(command, cwd=servers.ROOT, capture_output=True)
    said = answer.stdout + (b"" if PHONE in words else answer.stderr)
    assert answer.returncode in (0, 1) and not [one for one in SECRETS if one in said]
