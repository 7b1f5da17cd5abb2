"""What goes over the sockets of open pages, compressed (RFC 7692), at no cost of memory while nothing goes over them."""

import zlib
from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CTRL_OPCODES, Frame
from websockets.typing import ExtensionParameter

WINDOW = 12  # bits: 4 kB of what was sent before, which the next message is compressed by
SETTINGS = {"memLevel": 5}  # as uvicorn has it: with the window 38 kB a socket, which a page of many messages is worth
OPEN: "WeakSet[Deflate]" = WeakSet()  # of the sockets that are open


class Deflate(PerMessageDeflate):
    """Of one socket. The sender may begin anew with every message: the receiver need not be told."""

    sent = True  # since the last rest

    def encode(self, frame: Frame) -> Frame:
        if frame.opcode not in CTRL_OPCODES:
            self.sent = True
            if not self.local_no_context_takeover and self.encoder is None:
                self.encoder = zlib.compressobj(wbits=-self.local_max_window_bits, **self.compress_settings)
        return super().encode(frame)

    def rest(self) -> None:
        """Lets go of what was sent before, where nothing was sent since the last time."""
        if not self.sent and not self.local_no_context_takeover:
            self.encoder = None
        self.sent = False


class Offer(ServerPerMessageDeflateFactory):
    """What the server offers a browser; what they agree on is one of ours."""

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, agreed = super().process_request_params(params, accepted_extensions)
        deflate = Deflate(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
            agreed.compress_settings,
        )
        OPEN.add(deflate)
        return answer, deflate


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's, with an offer of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.conn.available_extensions:
            self.conn.available_extensions = [offer()]


def offer() -> Offer:
    """What a browser sends is short, and compressed by itself."""
    return Offer(
        client_no_context_takeover=True,
        server_max_window_bits=WINDOW,
        client_max_window_bits=WINDOW,
        compress_settings=SETTINGS,
    )


def rest() -> None:
    """To be called now and then where the server's loop runs."""
    for one in list(OPEN):
        one.rest()
