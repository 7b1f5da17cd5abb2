"""What a request says: from where, by whom, in which language; and how a page answers it."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.templating import Jinja2Templates

from dashboard.shell import clock
from dashboard.shell.language import LANGUAGES, _, language, say, speak
from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from db.access import Viewer
from db.accounts import sign_in
from db.accounts.throttling import Browser
from db.engine import Store
from db.errors import StorageError
from db.store import faults

HERE = Path(__file__).parent
COOKIE, DEVICE, PLACE = "chenxi", "chenxi_device", "chenxi_place"  # what a browser is known by

TEMPLATES = Jinja2Templates(HERE / "templates")

RETRY = {"Retry-After": "5"}  # seconds
DEVICE_DAYS = 400  # as long as browsers keep a cookie


def store() -> Store:
    return shared(settings().database_url)


def browser(request: Request) -> Browser:
    """Where the request comes from. A phone locks itself, so it may be idle for longer."""
    held = settings()
    phone = "Mobi" in request.headers.get("user-agent", "")
    return Browser(
        request.client.host if request.client else "",
        request.cookies.get(DEVICE),
        timedelta(minutes=held.phone_idle_minutes if phone else held.idle_minutes),
        timedelta(hours=held.session_hours),
        request.cookies.get(PLACE),
    )


def holder(request: Request) -> Viewer | None:
    session = sign_in.find(store(), request.cookies.get(COOKIE))
    return None if session is None else sign_in.viewer(store(), session, clock.today())


def set_language(request: Request) -> str:
    """Sets the language: the link's, else the one chosen before, else the browser's."""
    preferred = request.headers.get("accept-language", "zh")[:2]
    asked = request.query_params.get("lang") or request.cookies.get("chenxi_lang") or preferred
    speak(asked if asked in LANGUAGES else preferred)  # an unknown one is Chinese
    return language()


def page(request: Request, name: str, status: int = 200, **values) -> Response:
    other = next(one for one in LANGUAGES if one != language())
    shown = {
        "say": _,
        "lang": {"zh": "zh-CN", "en": "en"}[language()],
        "other": other,
        "other_name": LANGUAGES[other],
    }
    answer = TEMPLATES.TemplateResponse(request, f"{name}.html", shown | values, status)
    answer.set_cookie("chenxi_lang", language(), max_age=DEVICE_DAYS * 86400, samesite="lax")
    return answer


def out_of_reach(request: Request, error: Exception) -> Response:
    """Where the database cannot be had: why, in the reader's language, with the way to try again; to the scripts of our
    own pages as `later`, to other programs in a word."""
    set_language(request)
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return page(request, "message", 503, wrong=reason(error))
    return later(error) if "application/json" in accepted else PlainTextResponse("unavailable", 503, RETRY)


def later(error: Exception) -> Response:
    """To a script of ours that tries again by itself, and says why it has to."""
    return JSONResponse({"later": reason(error)}, 503, RETRY)


def reason(error: Exception) -> str:
    return say(error) if isinstance(error, StorageError) else _(faults.BUSY)


def local_link(link: str | None) -> str:
    """A link that stays on this server; the start for any other."""
    if not link or not link.startswith("/") or link.startswith("//") or "\\" in link or not link.isprintable():
        return "/"
    parts = urlsplit(link)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("/account/") else link


def is_for_us(request: HTTPConnection) -> bool:
    """Whether the browser calls this server by one of its names: another's may lead here to read from a page of its own."""
    return not settings().hosts or request.headers.get("host", "") in settings().hosts


def is_from_own_page(request: HTTPConnection) -> bool:
    """Whether a socket is opened by a page of this very address, port included: cookies do not tell ports apart, and
    Streamlit lets in every port of its machine. Browsers always say where from. Behind a proxy that speaks TLS for this
    server the scheme may be another."""
    origin = urlsplit(request.headers.get("origin", ""))
    schemes = ("https",) if request.scope["scheme"] == "wss" else ("http", "https")
    return origin.scheme in schemes and bool(origin.netloc) and origin.netloc == request.headers.get("host")


def is_same_origin(request: Request) -> bool:
    """Whether a form was sent from one of our own pages. Browsers say where from; what says nothing holds no cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    return urlsplit(origin).netloc == request.headers.get("host")
