"""What is sent to the server, before anything of it is parsed or stored: how much, how fast, by whom and to where."""

import asyncio
import re
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import cast

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.shell import clock
from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from dashboard.web import threads
from db.accounts import sign_in
from db.imports import imports

UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
LARGEST_FORM = 64 * 1024  # bytes
LARGEST_UPLOAD = 21 * 1024 * 1024  # of a file of 20 MB, with what stands around it
HELD = 60 * 1024 * 1024  # bytes of files that one sign-in may hold at a time, those on their way included
SLOWEST = 20.0  # seconds in which something has to come
LOOKED = 1.0  # seconds for another look
SLOWEST_LINE = 32 * 1024  # bytes a second: a file of 20 MB has eleven minutes


UNDER_WAY: Counter[int] = Counter()  # sign-in session → bytes; of the event loop alone


class Broken(Exception):
    """A body that is too large, or comes too slowly; `status` is what is answered."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


class Body:
    """What is received, up to so many bytes: no pause longer than SLOWEST before its end, and no longer in all than so
    many bytes take on the slowest line."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.most, self.got, self.whole, self.looked = receive, most, 0, False, False
        self.until = asyncio.get_running_loop().time() + SLOWEST + most / SLOWEST_LINE

    async def __call__(self) -> Message:
        if self.whole:  # whoever waits now waits for the browser to go
            return await self.receive()
        left = self.until - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self.receive(), min(SLOWEST, left))
        except TimeoutError:
            message = await self.come_meanwhile()
        self.got += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.got > self.most:
            raise Broken("too large", 413)
        return message

    async def come_meanwhile(self) -> Message:
        """What has come while the server itself had no time to look; once."""
        try:
            return await asyncio.wait_for(self.receive(), 0 if self.looked else LOOKED)
        except TimeoutError:
            raise Broken("nothing came", 408) from None
        finally:
            self.looked = True


def most(request: HTTPConnection) -> int:
    """How many bytes may be sent there."""
    return LARGEST_UPLOAD if UPLOAD.fullmatch(request.url.path) else LARGEST_FORM


async def refusal(request: HTTPConnection, session: int) -> Response | None:
    """Why whoever is in the session may not put a file there; None where they may, or where it is no file."""
    into = UPLOAD.fullmatch(request.url.path)
    if into is None or request.scope["type"] != "http":
        return None
    if request.scope["method"] not in ("PUT", "DELETE"):
        return None
    if not is_own_page(into[1], session) or not await threads.run(threads.GATE, may_bring, session):
        return PlainTextResponse("not yours", 403)
    if request.scope["method"] == "DELETE":
        return None
    size = length(request.headers)
    if size is None:
        return PlainTextResponse("say how much", 411)
    if size > LARGEST_UPLOAD or held_by(session) + UNDER_WAY[session] + size > HELD:
        return PlainTextResponse("too large", 413)
    return None


def length(headers: Mapping[str, str]) -> int | None:
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else None


def is_own_page(page: str, session: int) -> bool:
    """Whether the open page is of this sign-in session: the name of a page is no secret between people."""
    found = get_instance().get_app_session(page) if exists() else None
    return found is not None and found._user_info.get("sign_in") == str(session)


def held_by(session: int) -> int:
    """Bytes of the files that the server holds for the pages of the sign-in session."""
    storage = cast(MemoryUploadedFileManager, get_instance().uploaded_file_mgr).file_storage
    own = [files for page, files in list(storage.items()) if is_own_page(page, session)]
    return sum(len(file.data) for files in own for file in list(files.values()))


@contextmanager
def under_way(request: HTTPConnection, session: int) -> Generator[None]:
    """Counts a file while it comes, so that many at once are not each weighed alone."""
    size = (length(request.headers) or 0) if UPLOAD.fullmatch(request.url.path) else 0
    UNDER_WAY[session] += size
    try:
        yield
    finally:
        UNDER_WAY[session] -= size
        if not UNDER_WAY[session]:
            del UNDER_WAY[session]


def may_bring(session: int) -> bool:
    """Whether whoever is in the session may import anything at all."""
    viewer = sign_in.viewer(shared(settings().database_url), session, clock.today())
    return viewer is not None and bool(imports.kinds(viewer))
