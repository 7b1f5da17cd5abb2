"""Compressed messages are read as they were sent, with or without a rest between them; at rest no table is held."""

import asyncio
import gc
import random
import weakref

import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from dashboard.web.incoming import compression
from tests.support.sweep import SEED, scaled

PAGE = b"".join(b"element %d: a manager's row, behind by %d visits; " % (nth, nth * 7 % 13) for nth in range(40))


class Pair:
    """A browser's end of a socket and the server's."""

    def __init__(self, **asked: object) -> None:
        uri, deflate = parse_uri("ws://localhost/_stcore/stream"), ClientPerMessageDeflateFactory(**asked)
        self.browser, self.server = (
            ClientProtocol(uri, extensions=[deflate]),
            ServerProtocol(extensions=[compression.offer()]),
        )
        self.browser.send_request(self.browser.connect())
        self.server.receive_data(b"".join(self.browser.data_to_send()))
        [request] = self.server.events_received()
        self.server.send_response(self.server.accept(request))
        self.browser.receive_data(b"".join(self.server.data_to_send()))
        self.browser.events_received()

    def carry(self, message: bytes, to_browser: bool = True) -> int:
        """Bytes on the wire; the message arrives as it was sent."""
        sender, receiver = (self.server, self.browser) if to_browser else (self.browser, self.server)
        sender.send_binary(message)
        wire = b"".join(sender.data_to_send())
        receiver.receive_data(wire)
        [frame] = receiver.events_received()
        assert isinstance(frame, Frame) and frame.opcode is Opcode.BINARY and bytes(frame.data) == message
        return len(wire)


def rest() -> None:
    """As long as to let go of what was sent before."""
    compression.rest()
    compression.rest()


def test_a_page_is_compressed_by_what_was_sent_before_it():
    pair = Pair()
    first, again = pair.carry(PAGE), pair.carry(PAGE)
    assert first < len(PAGE) / 4 and again < first / 4
    rest()
    assert pair.carry(PAGE) == first, "after a rest as at the start"
    compression.rest()
    assert pair.carry(PAGE) == again, "who has just been sent something is not at rest"


def test_a_ping_does_not_keep_it_from_resting():
    pair = Pair()
    first = pair.carry(PAGE)
    for _ in range(2):
        compression.rest()
        pair.server.send_ping(b"ping")
        pair.browser.receive_data(b"".join(pair.server.data_to_send()))
        pair.browser.events_received()
    assert pair.carry(PAGE) == first


@pytest.mark.parametrize(
    "asked",
    [{}, {"server_no_context_takeover": True}, {"server_max_window_bits": 10}, {"client_no_context_takeover": True}],
)
def test_whatever_is_sent_arrives_whoever_rests_in_between(asked):
    rng, pair = random.Random(SEED), Pair(**asked)
    for _ in range(scaled(sweep=5_000, test=200)):
        what = rng.choice([PAGE, b"", b"x", rng.randbytes(rng.randint(1, 5_000)), PAGE * rng.randint(2, 9)])
        pair.carry(what, to_browser=rng.random() < 0.7)
        for _ in range(rng.choice([0, 0, 1, 2])):
            compression.rest()


def test_at_rest_a_socket_holds_no_tables():
    pair = Pair()
    [deflate] = pair.server.extensions
    pair.carry(PAGE)
    pair.carry(PAGE, to_browser=False)
    rest()
    assert deflate.encoder is None and not hasattr(deflate, "decoder")
    gone = weakref.ref(deflate)
    del pair, deflate
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("wanted", [True, False])
def test_the_server_offers_it_where_it_is_configured(wanted):
    async def made() -> compression.Socket:
        config = Config(lambda: None, ws_per_message_deflate=wanted, log_config=None)
        config.load()
        return compression.Socket(config, ServerState(), {})

    offers = asyncio.run(made()).conn.available_extensions
    assert [type(one) for one in offers or []] == [compression.Offer] * wanted
