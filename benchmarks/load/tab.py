"""One browser tab without the browser: a socket that speaks Streamlit's protocol, of somebody who has signed in."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 120.0  # seconds that a run may take


async def sign_in(address: str, login: str) -> httpx.AsyncClient:
    """The cookies of somebody of a demo, as the button on its sign-in page gets them."""
    browser = httpx.AsyncClient(
        base_url=address, headers={"Origin": address, "Accept-Language": "zh"}, timeout=PATIENCE
    )
    answer = await browser.post("/account/sign-in", data={"person": login, "next": "/"})
    if answer.status_code != 303:
        raise RuntimeError(f"{login} cannot sign in: {answer.status_code}")
    return browser


@dataclass(eq=False)
class Tab:
    """An open page. `runs` counts how often the whole page was run, `fragments` how often a part of it by itself."""

    address: str
    browser: httpx.AsyncClient | None  # None where nobody signs in
    page: str
    query: str = ""
    runs: int = 0
    fragments: int = 0
    received: int = 0  # bytes
    wrong: list[str] = field(default_factory=list)  # exceptions that the page showed
    compares: bool = False  # whether texts are compared with those of the run before
    on_new: Callable[[float], None] | None = None  # told then when one arrives that was not there
    _socket: ClientConnection = field(init=False)
    _page_hash: str = field(init=False, default="")
    _texts: set[bytes] = field(init=False, default_factory=set)
    _before: set[bytes] = field(init=False, default_factory=set)
    _done: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _timers: dict[str, asyncio.Task] = field(init=False, default_factory=dict)
    _reader: asyncio.Task = field(init=False)

    async def open(self) -> Self:
        """Connects, and waits for the first run of the page."""
        headers = {}
        if self.browser is not None:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        self._socket = await connect(
            f"{self.address.replace('http', 'ws')}/_stcore/stream",
            origin=self.address,  # ty: ignore[invalid-argument-type]
            subprotocols=["streamlit"],  # ty: ignore[invalid-argument-type]
            additional_headers=headers,
            max_size=None,
            open_timeout=PATIENCE,
            ping_timeout=None,
        )
        self._reader = asyncio.create_task(self._read())
        await self.rerun()
        return self

    async def reopen(self) -> Self:
        """Connects anew when the connection is gone, as the page in a browser does by itself."""
        self._stop_timers()
        self._reader.cancel()
        await self._socket.close()
        return await self.open()

    async def rerun(self) -> float:
        """Seconds from asking for a run of the whole page until all of it has arrived."""
        self._done.clear()
        began = time.perf_counter()
        await self._ask()
        done = asyncio.create_task(self._done.wait())
        await asyncio.wait((done, self._reader), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            done.cancel()
            why = (
                f"after {PATIENCE:.0f} s"
                if self._socket.close_code is None
                else f"the line ended ({self._socket.close_code})"
            )
            raise ConnectionError(f"{self.page} did not arrive: {why} {self._socket.close_reason or ''}".strip())
        return time.perf_counter() - began

    async def close(self) -> None:
        self._stop_timers()
        await self._socket.close()
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        if self.browser is not None:
            await self.browser.aclose()

    async def _ask(self, fragment: str = "") -> None:
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.fragment_id, state.is_auto_rerun = self.query, fragment, bool(fragment)
        if self._page_hash:
            state.page_script_hash = self._page_hash
        else:
            state.page_name = self.page
        state.context_info.CopyFrom(
            ContextInfo(
                timezone="Asia/Shanghai", timezone_offset=-480, locale="zh-CN", url=f"{self.address}/{self.page}"
            )
        )
        await self._socket.send(asked.SerializeToString())

    async def _read(self) -> None:
        """Takes what arrives. Ends with the connection."""
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                if isinstance(frame, bytes):
                    self.received += len(frame)
                    self._take(ForwardMsg.FromString(frame), time.perf_counter())

    def _take(self, message: ForwardMsg, at: float) -> None:
        match message.WhichOneof("type"):
            case "new_session" if message.metadata.run.fragment_ids:
                self.fragments += 1
            case "new_session":
                self.runs += 1
                self._page_hash = message.new_session.page_script_hash
                self._before, self._texts = self._texts, set()
                self._stop_timers()
            case "navigation":  # which page it is, is known only now
                self._page_hash = message.navigation.page_script_hash
            case "delta":
                self._look(message, at)
            case "auto_rerun":
                rerun = message.auto_rerun
                self._stop(rerun.fragment_id)
                self._timers[rerun.fragment_id] = asyncio.create_task(self._poll(rerun.fragment_id, rerun.interval))
            case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._done.set()

    def _look(self, message: ForwardMsg, at: float) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            self.wrong.append(element.exception.message)
        if self.compares:
            text = message.delta.SerializeToString()
            self._texts.add(text)
            if self.on_new is not None and text not in self._before:
                self.on_new(at)

    async def _poll(self, fragment: str, interval: float) -> None:
        """A part of the page that runs by itself, as the browser's clock runs it."""
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self._ask(fragment)

    def _stop(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment).cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop(fragment)
