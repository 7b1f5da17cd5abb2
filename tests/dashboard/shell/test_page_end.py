"""A page that ends early ends nothing else: real sockets on a real server, with a meeting under way."""

import asyncio
import shutil

import pytest
from sqlalchemy import true
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks import region
from benchmarks.load import people, tab, waking
from db.accounts import sign_in
from db.engine import Store
from db.meetings import held
from metrics.definitions import interpret
from tests.support.builders import head
from tests.support.servers import serving

pytestmark = pytest.mark.slow
SOON = 15.0  # seconds
DELAYS = (0.0, 0.01, 0.02, 0.03)  # seconds after a run began


class Chair(tab.Tab):
    """Knows the buttons of the page by the end of their keys, and the parts that run by themselves."""

    def _look(self, message, at: float) -> None:
        super()._look(message, at)
        element = message.delta.new_element
        if element.WhichOneof("type") == "button":
            self.buttons[element.button.id.rpartition("-")[2]] = element.button.id
        if element.WhichOneof("type") == "bidi_component":
            self.part = message.delta.fragment_id

    async def open(self):
        self.buttons, self.part = {}, ""
        return await super().open()

    async def tap(self, key: str, delay: float) -> None:
        """So many seconds after a run of the page began, as a tap does that arrives together with a note."""
        tapped = BackMsg()
        tapped.rerun_script.fragment_id = self.part
        tapped.rerun_script.page_script_hash = self._page_hash
        tapped.rerun_script.widget_states.widgets.add(id=self.buttons[key], trigger_value=True)
        runs = self.runs
        await self._ask()
        while self.runs == runs:
            await asyncio.sleep(0.001)
        await asyncio.sleep(delay)
        await self._socket.send(tapped.SerializeToString())


def in_hand(database: str, on) -> str | None:
    store = Store(database, mark=interpret)
    try:
        return held.read(head(store, 1), 1, "morning", on).item
    finally:
        store.close()


def end_every_session(database: str) -> None:
    store = Store(database, mark=interpret)
    with store.noting("elsewhere") as write:
        sign_in.end_sessions(write, true())
    store.close()


@pytest.fixture(scope="module")
def meeting(region_template, tmp_path_factory):
    """The address of a bank whose first branch meets, its database, and when it is."""
    folder = tmp_path_factory.mktemp("meeting")
    path = shutil.copy(region_template, folder / "region.db")
    now = region.last_afternoon(path)
    waking.begin_meetings(path, [1], now)
    with serving(f"sqlite:///{path}", folder) as address:
        yield address, f"sqlite:///{path}", now


async def chairing(address: str, database: str) -> Chair:
    login = people.everybody(database)["branch_head"][0].login
    return await Chair(address, await tab.sign_in(address, login), "morning_meeting").open()


def test_a_tap_that_comes_while_the_page_runs_is_done(meeting):
    address, database, now = meeting

    async def taps(delay: float) -> None:
        before = in_hand(database, now.date())
        chair = await chairing(address, database)
        try:
            await chair.tap(f"next after {before}", delay)
            for _look in range(int(SOON * 10)):
                await asyncio.sleep(0.1)
                if in_hand(database, now.date()) != before:
                    return
        finally:
            await chair.close()
        raise AssertionError(f"a tap {delay} s after the run began is lost")

    for delay in DELAYS:
        asyncio.run(taps(delay))


def test_whoever_runs_a_meeting_learns_that_their_session_has_ended(meeting):
    address, database, _now = meeting

    async def learnt() -> bool:
        chair = await chairing(address, database)
        try:
            runs = chair.runs
            end_every_session(database)
            for _look in range(int(SOON * 10)):
                await asyncio.sleep(0.1)
                if chair.runs > runs:
                    return True
            return False
        finally:
            await chair.close()

    assert asyncio.run(learnt())
