"""Whoever speaks to the server without a browser: requests by hand, and a page kept open by its socket alone."""

import contextlib
import select
import socket
import struct
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

LAST, BINARY, MASKED, LONG = 0x80, 0x2, 0x80, 127  # of a frame of a socket (RFC 6455, 5.2)
LATEST = 60  # seconds after which a server that is silent is broken


class Signed:
    """Somebody signed in to a demo."""

    def __init__(self, address: str, login: str) -> None:
        self.address, self.login = address, login
        anew = httpx.Limits(max_keepalive_connections=0)  # an idle line may be closed just as it is used again
        self.http = httpx.Client(base_url=address, headers={"Origin": address}, timeout=LATEST, limits=anew)
        answer = self.http.post("/account/sign-in", data={"person": login, "next": "/"})
        assert answer.status_code == 303, answer.text
        self.http.get("/_stcore/health", headers={"sec-fetch-dest": "empty"})  # brings the token for uploads

    @contextlib.contextmanager
    def page(self, path: str = "") -> Iterator[str]:
        """The id of an open page that has run, as Streamlit calls it, while it stays open."""
        with self.dialled() as open_socket:
            sent = BackMsg()
            sent.rerun_script.query_string = ""
            sent.rerun_script.page_name = path
            open_socket.send(sent.SerializeToString())
            name = named(open_socket)
            until_it_has_run(open_socket)
            yield name

    def announces(self, size: int) -> int | None:
        """Begins a message of so many bytes through a socket, and gives the code that it is closed with."""
        with self.dialled() as open_socket:
            open_socket.socket.sendall(struct.pack("!BBQI", LAST | BINARY, MASKED | LONG, size, 0))
            return closed(open_socket)

    def says(self, message: bytes) -> None:
        """Says something that a socket is closed for; who still sends may not hear with which code."""
        with self.dialled() as open_socket:
            with contextlib.suppress(ConnectionClosed):
                open_socket.send(message)
            closed(open_socket)

    def dialled(self) -> ClientConnection:
        address, held = self.address.replace("http", "ws") + "/_stcore/stream", {"Cookie": self.cookies()}
        ours = {
            "origin": self.address,
            "subprotocols": ["streamlit"],
            "max_size": None,
            "max_queue": None,
            "compression": None,
        }
        return connect(address, additional_headers=held, **ours)

    def cookies(self) -> str:
        return "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)

    def put(self, page: str, file: str, content: bytes) -> int:
        """The status of an upload to the page."""
        path = f"/_stcore/upload_file/{page}/{file}"
        return self.http.put(path, files={file: ("a.csv", content)}, headers=self.token()).status_code

    def delete(self, page: str, file: str) -> int:
        return self.http.delete(f"/_stcore/upload_file/{page}/{file}", headers=self.token()).status_code

    def token(self) -> dict[str, str]:
        return {"X-Xsrftoken": self.http.cookies.get("_streamlit_xsrf") or ""}


def closed(open_socket: ClientConnection) -> int | None:
    """The code that it was closed with by the other side, None where the line just ended. Raises TimeoutError where it
    stays open."""
    try:
        while True:
            open_socket.recv(timeout=LATEST)
    except ConnectionClosed as end:
        return end.rcvd and end.rcvd.code


def named(open_socket: ClientConnection) -> str:
    while True:
        said = ForwardMsg()
        said.ParseFromString(open_socket.recv(timeout=LATEST))
        if said.HasField("new_session"):
            return said.new_session.initialize.session_id


def until_it_has_run(open_socket: ClientConnection) -> None:
    said = ForwardMsg()
    while not said.HasField("script_finished"):
        said.ParseFromString(open_socket.recv(timeout=LATEST))


def pushed(
    address: str, method: str, path: str, size: int | None, cookies: str, headers: dict[str, str]
) -> tuple[int, int]:
    """The status of a request whose body has so many bytes, or no end, and how many were taken before it was answered."""
    length = "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}"
    named = {"type": "Content-Type", "origin": "Origin", "token": "X-Xsrftoken"}
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(address).netloc}", length, f"Cookie: {cookies}"]
    lines += [f"{named[name]}: {said}" for name, said in headers.items()]
    part = b"x" * 65_536
    part = part if size is not None else b"10000\r\n" + part + b"\r\n"
    taken = 0
    with dialled(address) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        line.setblocking(False)
        said = b""
        while not said and (size is None or taken < size):
            readable, writable, _broken = select.select([line], [line], [], LATEST)
            if readable:
                said = line.recv(65_536)
                break
            if writable:
                taken += line.send(part)
        return int(said.split()[1]), taken


def answered(address: str, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that is answered until the server closes the connection, to what is sent part by part."""
    with dialled(address) as line:
        for part in parts:
            try:
                line.sendall(part)
            except ConnectionError:
                return b""
            time.sleep(pause)
        said = b""
        while part := line.recv(65_536):
            said += part
        return said


def dialled(address: str) -> socket.socket:
    return socket.create_connection(urlsplit(address).netloc.split(":"), LATEST)
