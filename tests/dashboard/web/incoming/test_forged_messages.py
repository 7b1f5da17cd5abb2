"""What somebody who is signed in may send through their page's socket without their page: widgets and tables that say what
nobody typed, pages and places that are not theirs, half a message, or none. Nothing foreign comes back, nothing of others
changes, and everything goes on. `SEED=7` forges others."""

import contextlib
import json
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from sqlalchemy import func, select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from db.audit.check import check
from db.engine import Store
from db.models import Account, Activity, Customer, Manager, Plan, Posting
from metrics.definitions import from_record, interpret
from tests.support.raw_client import Signed
from tests.support.servers import server
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.slow
MESSAGES = scaled(sweep=2_000, test=60)
PAGES = {  # whose: those of their pages where most is typed
    "100001": ("my_day", "our_meeting", "pipeline", "customers", "data_import", "working_days"),
    "head-1": ("morning_meeting", "plans", "activity_log", "agenda", "visiting_day", "manager_profile"),
}
OTHERS = (Activity, Plan, Customer)
SILENT = 0.7  # seconds after which a run is over, whatever was sent
LONGEST = 120.0  # seconds until a page that is opened as a browser opens it has run, on however busy a machine
MOST = 100 << 20  # bytes more than before
TEXTS = (
    "",
    "'; DROP TABLE activity; --",
    "<script>alert(1)</script>",
    "=1+1",
    "\x00",
    "张" * 10_000,
    "../../etc/passwd",
    "-1",
)
NUMBERS = (0, -1, 1, 2, 3, 99, 2**31 - 1, 2**53, -(2**63))


@pytest.fixture(scope="module")
def served(region_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forged")
    path = Path(shutil.copy(region_template, folder / "region.db"))
    one = server(f"sqlite:///{path}", folder)
    one.start()
    yield one, Store(f"sqlite:///{path}", mark=interpret, patience=60)
    one.stop()


def megabytes(process: int) -> int:
    said = Path(f"/proc/{process}/status").read_text()
    return int(said.partition("VmRSS:")[2].split()[0]) * 1024


class Page:
    """One that is open, and what came back through its socket."""

    def __init__(self, socket: ClientConnection, path: str) -> None:
        self.socket, self.path, self.widgets, self.heard = socket, path, {}, b""
        self.send(self.rerun(), LONGEST)

    def rerun(self) -> BackMsg:
        sent = BackMsg()
        sent.rerun_script.query_string, sent.rerun_script.page_name = "", self.path
        return sent

    def send(self, message: BackMsg | bytes, silent: float = SILENT) -> None:
        """Sends it, and listens until its run is over; of what is no message there is none."""
        if isinstance(message, bytes):
            self.socket.send(message)
            return
        self.socket.send(message.SerializeToString())
        with contextlib.suppress(TimeoutError):
            while True:
                part = self.socket.recv(timeout=silent)
                self.heard += part
                said = ForwardMsg()
                said.ParseFromString(part)
                if said.HasField("delta"):
                    self.note(said)
                if said.HasField("script_finished"):
                    return

    def note(self, said: ForwardMsg) -> None:
        element = said.delta.new_element
        kind = element.WhichOneof("type") if said.delta.HasField("new_element") else None
        identity = getattr(getattr(element, kind), "id", "") if kind else ""
        if identity:
            self.widgets[identity] = kind


def opened(signed: Signed, path: str) -> tuple[Signed, Page]:
    """A new page of the same person, signed in anew if one of the forged buttons was theirs to leave by: what was pressed
    last may still be carried out while the next page opens."""
    while True:
        try:
            page = Page(signed.dialled(), path)
            if page.widgets or path == "our_meeting":
                return signed, page
            page.socket.close()
        except (InvalidStatus, ConnectionClosed):
            pass
        assert signed.http.get("/account/me").status_code != 200, path
        signed = Signed(signed.address, signed.login)


def table(chosen: random.Random) -> str:
    """What a table that is typed over says: rows and columns that it may not have."""
    columns = ("_index", "amount", "金额", "target", "customer", "manager", "text", "0", "__proto__", "selected")
    cells = {chosen.choice(columns): chosen.choice((*TEXTS, *NUMBERS, None, True, [], {})) for _ in range(3)}
    rows = {str(chosen.choice(NUMBERS)): cells for _ in range(2)}
    said = {
        "edited_rows": rows,
        "added_rows": [cells] * chosen.choice((0, 1, 50)),
        "deleted_rows": [chosen.choice(NUMBERS)],
    }
    return json.dumps(chosen.choice((said, {"selection": {"rows": [10**6, -1], "columns": ["x"]}}, [], None, "x")))


def forge(chosen: random.Random, page: Page) -> BackMsg | bytes:
    """One message."""
    sent = page.rerun()
    match chosen.randrange(8):
        case 0:
            return chosen.randbytes(chosen.choice((0, 1, 30, 5_000)))
        case 1:
            whole = sent.SerializeToString()
            return whole[: chosen.randrange(len(whole))]
        case 2:
            sent.rerun_script.page_script_hash = f"{chosen.getrandbits(128):032x}"
            sent.rerun_script.page_name = chosen.choice(
                ("accounts", "audit_trail", "what_is_kept", "../app", "definitions")
            )
        case 3:
            place = chosen.choice(("branch", "manager", "customer", "opportunity", "meeting", "region", "day", "lang"))
            sent.rerun_script.query_string = f"{place}={chosen.choice((*NUMBERS, *TEXTS[:4]))}"
        case 4:
            sent.rerun_script.fragment_id = f"{chosen.getrandbits(128):032x}"
        case _:
            for identity in chosen.sample(sorted(page.widgets), k=min(len(page.widgets), 3)):
                state = sent.rerun_script.widget_states.widgets.add()
                state.id = identity
                match chosen.randrange(7):
                    case 0:
                        state.trigger_value = True
                    case 1:
                        state.int_value = chosen.choice(NUMBERS)
                    case 2:
                        state.double_value = chosen.choice((float("nan"), float("inf"), -1e308))
                    case 3:
                        state.string_array_value.data.extend(TEXTS)
                    case 4:
                        state.json_value = table(chosen)
                    case 5:
                        state.string_value = chosen.choice(TEXTS)
                    case _:
                        state.string_value = table(chosen)
    return sent


def others(store: Store, branch: int) -> tuple[dict[str, int], set[str]]:
    """How many rows the other branches have, and the names of their customers that nobody here has."""
    with store.reading() as connection:
        counted = {
            one.__tablename__: connection.scalar(select(func.count()).select_from(one).where(one.branch_id != branch))
            for one in OTHERS
        }
        theirs = set(connection.scalars(select(Customer.name).where(Customer.branch_id != branch)))
        ours = "".join(connection.scalars(select(Customer.name).where(Customer.branch_id == branch)))
        ours += "".join(connection.scalars(select(Manager.name)))  # some customers are called as people of the bank are
    return counted, {name for name in theirs if len(name) > 2 and name not in ours}


def branch_of(store: Store, login: str) -> int:
    posted = select(Account.branch_id, Posting.branch_id).outerjoin(Posting, Posting.manager_id == Account.manager_id)
    with store.reading() as connection:
        return next(one for one in connection.execute(posted.where(Account.login == login)).first() if one)


@pytest.mark.parametrize("login", PAGES)
def test_nothing_foreign_comes_back_and_everything_goes_on(served, login):
    one, store = served
    chosen, signed, branch = random.Random(f"{SEED} {login}"), Signed(one.address, login), branch_of(store, login)
    before, names = others(store, branch)
    assert names and all(before.values())
    sent, closed, memory = Counter(), 0, None
    while sent.total() < MESSAGES // len(PAGES):
        path = chosen.choice(PAGES[login])
        signed, page = opened(signed, path)
        with page.socket:
            memory = memory or megabytes(one.process.pid)
            try:
                for _ in range(20):
                    sent[path] += 1
                    page.send(forge(chosen, page))
            except (ConnectionClosed, DecodeError):
                closed += 1
        text = page.heard.decode("utf-8", "replace")
        assert not {name for name in names if name in text}
    print(f"{login}: {sent.total()} messages on {len(sent)} pages, {closed} sockets closed")
    assert others(store, branch)[0] == before
    assert {name: said for name, (_rows, said) in check(store, lambda said: from_record(*said)).items() if said} == {}
    page = opened(signed, PAGES[login][0])[1]
    page.socket.close()
    assert page.widgets
    assert megabytes(one.process.pid) - memory <= MOST
