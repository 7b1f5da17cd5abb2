"""The gate in front of every request: who has not signed in gets no further than the sign-in page, sockets included,
and every answer carries the headers that keep a page's content where it belongs."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import TypeVar
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboard.shell import log_redaction
from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from dashboard.web import health, media_files, requests, threads
from dashboard.web.assets import page
from dashboard.web.incoming import bodies, pacing
from dashboard.web.requests import COOKIE
from db.accounts import accounts, sign_in
from db.engine import busy

IDENTITY = "x-chenxi-sign-in"  # the session's id, for st.user; from outside it is taken off
OPEN = ("/account/", "/static/", "/favicon")  # nothing of the bank's is behind these
UNPACED = ("/static/", health.ADDRESS)  # the same for everybody, and asked for by programs that watch
SIGN_IN, ACCOUNT = "/account/sign-in", "/account/me"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
T = TypeVar("T")
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() != IDENTITY.encode()]
        if not requests.is_for_us(request):
            await refuse(request, 421, "not this server's name")(scope, receive, send)
            return
        if is_stranger(request) and not await paced(request):
            told = Answer(send, scope) if scope["type"] == "http" else send
            await refuse(request, 429, "too many requests")(scope, receive, told)
            return
        if scope["type"] == "websocket":
            if requests.is_from_own_page(request):
                await self.let_in(request, receive, send)
            else:
                await refuse(request, 403, "not from this address")(scope, receive, send)
            return
        receive = bodies.Body(receive, bodies.most(request))
        answer = Answer(send, scope)
        try:
            if request.url.path == health.ADDRESS and scope["method"] in ("GET", "HEAD"):
                await (await threads.run(threads.HEALTH, health.answer, request) or self.app)(scope, receive, answer)
            elif request.url.path.startswith(OPEN):
                await self.app(scope, receive, answer)
            else:
                await self.let_in(request, receive, answer)
        except Exception as error:
            if isinstance(error, bodies.Broken) and not answer.begun:
                await PlainTextResponse(str(error), error.status)(scope, receive, answer)
                return
            number = log_redaction.log_error(error)
            if answer.begun:
                raise
            if busy(error):
                await requests.out_of_reach(Request(scope), error)(scope, receive, answer)
                return
            await PlainTextResponse(f"error {number}", 500)(scope, receive, answer)

    async def let_in(self, request: HTTPConnection, receive: Receive, send: Send) -> None:
        """On to the pages, with the session's id; back to the sign-in page without one."""
        if COOKIE not in request.cookies:  # a stranger, without asking the database
            await turn_away(request, must_change=False)(request.scope, receive, send)
            return
        try:
            session, must_change = await threads.run(threads.GATE, twice, session_of, request)
        except Exception as error:
            if request.scope["type"] != "websocket" or not busy(error):
                raise
            await WebSocketClose(1013, "try again later")(request.scope, receive, send)  # which the page does by itself
            return
        if session is None and not await paced(request):
            await refuse(request, 429, "too many requests")(request.scope, receive, send)
            return
        if session is None or must_change:
            await turn_away(request, must_change)(request.scope, receive, send)
            return
        if media_files.is_foreign(request.scope["path"], session):
            await PlainTextResponse("not found", 404)(request.scope, receive, send)
            return
        refused = await bodies.refusal(request, session)
        if refused is not None:
            await refused(request.scope, receive, send)
            return
        request.scope["headers"].append((IDENTITY.encode(), str(session).encode()))
        with bodies.under_way(request, session):
            await self.app(request.scope, receive, send)


def is_stranger(request: HTTPConnection) -> bool:
    """Who shows no session's cookie; at the sign-in page nobody looks at it."""
    path = request.url.path
    return path == SIGN_IN or (COOKIE not in request.cookies and not path.startswith(UNPACED))


async def paced(request: HTTPConnection) -> bool:
    """Waits until it is the turn of a stranger; False where they are too many at their address."""
    return await pacing.turn(request.client.host if request.client else "")


def twice(ask: Callable[[HTTPConnection], T], request: HTTPConnection) -> T:
    """Asks once more where the database dropped the connection that it was asked through."""
    try:
        return ask(request)
    except Exception as error:
        if not busy(error):
            raise
        return ask(request)


def session_of(request: HTTPConnection) -> tuple[int | None, bool]:
    """The session the request's cookie stands for, None when there is none; and whether its password has to be changed
    before anything else."""
    store = shared(settings().database_url)
    session = sign_in.find(store, request.cookies.get(COOKIE))
    return session, session is not None and accounts.must_change(store, session)


def turn_away(request: HTTPConnection, must_change: bool) -> ASGIApp:
    """To the sign-in page, or one's own, for whoever opens a page; a bare refusal for everything else."""
    if request.scope["type"] == "websocket":
        return WebSocketClose(4401, "signed out")
    wants_page = "text/html" in request.headers.get("accept", "")
    if request.scope["method"] not in ("GET", "HEAD") or not wants_page:
        return PlainTextResponse("signed out", 401)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(ACCOUNT if must_change else f"{SIGN_IN}?next={quote(here)}", 303)


def refuse(request: HTTPConnection, status: int, said: str) -> ASGIApp:
    """A bare answer; to a socket none but its end."""
    return WebSocketClose(4403, said) if request.scope["type"] == "websocket" else PlainTextResponse(said, status)


class Answer:
    """What is sent back: its head carries our headers, whoever made it."""

    def __init__(self, send: Send, scope: Scope):
        self.send, self.scope, self.begun = send, scope, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", policy())
            if self.scope["scheme"] == "https":
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            if not self.scope["path"].startswith("/static/"):
                headers["Cache-Control"] = "no-store"
        await self.send(message)


@cache
def policy() -> str:
    """Scripts from this server alone, and those that stand in the page. Styles may stand in the page:
    Streamlit makes them there. Plotly and the tables compile code, for which WebAssembly and eval are needed."""
    scripts = INLINE_SCRIPT.findall(page.text())
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {allowed} 'wasm-unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'self'",
            "object-src 'none'",
        )
    )
