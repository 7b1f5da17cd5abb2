"""A connection before it is a request: whoever opens one has to say soon what they want."""

from asyncio import TimerHandle, Transport
from typing import Any

from streamlit.web.server.starlette import starlette_server
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.web.incoming.compression import Socket

HEAD = 15.0  # seconds until a request's head has come
LARGEST_MESSAGE = 8 * 1024 * 1024  # bytes of what an open page sends at once: a large table typed over has one


class Prompt(H11Protocol):
    """Closes a connection that says nothing, or half a head; uvicorn waits for it as long as the other side likes."""

    waiting: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:
        super().connection_made(transport)
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self.wait_no_more()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        self.wait_no_more()
        super().handle_websocket_upgrade(event)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self.wait_no_more()

    def on_response_complete(self) -> None:
        if self.waiting is None:
            self.wait()
        super().on_response_complete()

    def wait(self) -> None:
        self.waiting = self.loop.call_later(HEAD, self.give_up)

    def wait_no_more(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def give_up(self) -> None:
        self.transport.abort()


def install() -> None:
    """Streamlit starts uvicorn without asking for any of this."""
    usual = starlette_server._get_uvicorn_config_kwargs

    def options() -> dict[str, Any]:
        return usual() | {"http": Prompt, "ws": Socket, "ws_max_size": LARGEST_MESSAGE}

    starlette_server._get_uvicorn_config_kwargs = options
