"""A page as a browser fetches it, without a browser: the document by HTTP, then one run of its script over the socket. By one
thread: the socket's client of websockets.sync reads and writes a TLS connection in two at once, which Python's ssl does not
hold out, and one handshake in 250 was never sent."""

import asyncio
from dataclasses import dataclass

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

LONGEST = 240.0  # seconds: whoever is not answered by then is not answered at all, however busy the machine
TEXT = {"accept": "text/html"}


@dataclass(frozen=True)
class View:
    """`whole`: the script ran to its end without saying that anything is wrong. `said` is what it says is wrong, or the
    page that came in its place; "" where nothing came."""

    whole: bool
    said: str = ""


def view(client: httpx.Client, page: str) -> View:
    """Opens a page as whoever is signed in with the client. Raises TimeoutError or httpx.TimeoutException where nobody
    answers, ConnectionError or another httpx.TransportError where there is no server."""
    document = client.get(f"/{page}", params={"lang": "en"}, headers=TEXT, timeout=LONGEST)
    if document.status_code != 200:
        return View(False, document.text)
    try:
        return asyncio.run(shown(client, page))
    except InvalidStatus:  # the gate has nobody in: a browser tries again by itself, and says nothing meanwhile
        return View(False)
    except (ConnectionClosed, InvalidHandshake) as error:
        raise ConnectionError(str(error)) from error


async def shown(client: httpx.Client, page: str) -> View:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    async with connect(
        f"{str(client.base_url).replace('http', 'ws', 1).rstrip('/')}/_stcore/stream",
        additional_headers={"Cookie": cookies},
        origin=str(client.base_url).rstrip("/"),
        subprotocols=["streamlit"],
        compression=None,
        max_size=None,
        open_timeout=LONGEST,
    ) as socket:
        return await asyncio.wait_for(run(socket, page), LONGEST)


async def run(socket: ClientConnection, page: str) -> View:
    """One run of a page's script, to its end."""
    asked = BackMsg()
    asked.rerun_script.query_string = "lang=en"
    asked.rerun_script.page_name = page
    await socket.send(asked.SerializeToString())
    wrong = []
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await socket.recv())
        match answer.WhichOneof("type"):
            case "delta":
                wrong += complaint(answer)
            case "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return View(not wrong, " ".join(wrong))


def complaint(answer: ForwardMsg) -> list[str]:
    """What an element says is wrong."""
    element = answer.delta.new_element
    match element.WhichOneof("type"):
        case "alert" if element.alert.format == element.alert.ERROR:
            return [element.alert.body]
        case "exception":
            return [element.exception.message or element.exception.type]
    return []
