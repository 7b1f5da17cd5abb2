"""A link as a phone has it: so many bits a second for all connections together, and a wait each way."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.support.servers import free_port

PIECE = 1_460  # bytes: what a packet carries


class Line:
    """One direction of the link, which all connections share; packets arrive in order, `delay` seconds after they left."""

    def __init__(self, bits: float, delay: float) -> None:
        self.bytes_a_second, self.delay = bits / 8, delay
        self.free_at = 0.0  # of the loop's clock
        self.carried = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Everything from the one to the other, until it ends."""
        loop = asyncio.get_running_loop()
        on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        arriving = loop.create_task(self.arrive(on_its_way, writer))
        try:
            while piece := await reader.read(PIECE):
                self.free_at = max(self.free_at, loop.time()) + len(piece) / self.bytes_a_second
                self.carried += len(piece)
                await asyncio.sleep(self.free_at - loop.time())
                await on_its_way.put((loop.time() + self.delay, piece))
        except OSError:
            pass
        await on_its_way.put((loop.time() + self.delay, b""))
        await arriving

    @staticmethod
    async def arrive(on_its_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            when, piece = await on_its_way.get()
            await asyncio.sleep(max(0.0, when - loop.time()))
            if not piece:
                break
            if not writer.is_closing():
                writer.write(piece)
        writer.close()


@contextmanager
def link(address: str, bits: float, delay: float) -> Generator[tuple[str, Line]]:
    """The address under which the server is reached through the link, and the link's way down."""
    to, port = urlsplit(address), free_port()
    up, down, done = Line(bits, delay), Line(bits, delay), threading.Event()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * delay)  # the connection is made in one way there and back
        far_reader, far_writer = await asyncio.open_connection(to.hostname, to.port)
        with suppress(asyncio.CancelledError):  # the link is taken down while a browser holds it open
            await asyncio.gather(up.carry(reader, far_writer), down.carry(far_reader, writer))

    async def carry() -> None:
        await asyncio.start_server(meet, "127.0.0.1", port)
        while not done.is_set():
            await asyncio.sleep(0.1)

    thread = threading.Thread(target=asyncio.run, args=(carry(),), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}", down
    finally:
        done.set()
        thread.join()
