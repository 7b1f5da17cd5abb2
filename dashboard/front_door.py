"""The pages before the pages: signing in and out, one's own password. Plain HTML, so that nothing of the application is
reached without a session."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from dashboard import clock, oidc, quiet
from dashboard.gate import ACCOUNT, COOKIE, DEVICE, SIGN_IN
from dashboard.settings import settings
from dashboard.stores import shared
from dashboard.words import LANGUAGES, _, language, say, speak, word
from db import accounts, sign_in
from db.access import Viewer
from db.engine import BANK_TIME, Store
from db.errors import Refused, StorageError
from db.sign_in import Browser, Cookies

HERE = Path(__file__).parent
TEMPLATES = Jinja2Templates(HERE / "templates")
DEVICE_DAYS = 400  # as long as browsers keep a cookie
EVERYONE = ("regional", "branch_head", "screen", "administrator", "auditor")
FILES = {
    "door.css": "text/css",
    "logo.svg": "image/svg+xml",
    "zh-CN.js": "text/javascript",
    "en.js": "text/javascript",
    "again.js": "text/javascript",
    "outbox.css": "text/css",
    "outbox-kept.js": "text/javascript",
    "outbox-send.js": "text/javascript",
    "outbox.js": "text/javascript",
    "outbox-leave.js": "text/javascript",
}


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
    )


def holder(request: Request) -> Viewer | None:
    session = sign_in.find(store(), request.cookies.get(COOKIE))
    return None if session is None else sign_in.viewer(store(), session, clock.today())


def hear(request: Request) -> str:
    """Sets the language: the link's, else the one chosen before, else the browser's."""
    preferred = request.headers.get("accept-language", "zh")[:2]
    asked = request.query_params.get("lang") or request.cookies.get("chenxi_lang") or preferred
    speak(asked if asked in LANGUAGES else "en" if preferred == "en" else "zh")
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


def inside(link: str | None) -> str:
    """A link that stays on this server; the start for any other."""
    if not link or not link.startswith("/") or link.startswith("//") or "\\" in link or not link.isprintable():
        return "/"
    parts = urlsplit(link)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("/account/") else link


def from_here(request: Request) -> bool:
    """Whether a form was sent from one of our own pages. Browsers say where from; what says nothing holds no cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    return urlsplit(origin).netloc == request.headers.get("host")


def enter(request: Request, cookies: Cookies, link: str) -> Response:
    """Into the pages, with the cookies of a session."""
    answer = RedirectResponse(link, 303)
    safe = {"httponly": True, "samesite": "lax", "secure": request.url.scheme == "https"}
    answer.set_cookie(COOKIE, cookies.token, max_age=settings().session_hours * 3600, **safe)
    answer.set_cookie(DEVICE, cookies.device, max_age=DEVICE_DAYS * 86400, **safe)
    return answer


def sign_in_page(
    request: Request, wrong: str = "", login: str = "", link: str | None = None, status: int = 200
) -> Response:
    demo = {}
    if settings().demo and sign_in.is_demo(store()):
        demo = {"demo": True, **people(sign_in.demo_people(store(), clock.today()))}
    return page(
        request,
        "sign_in",
        status,
        next=inside(link or request.query_params.get("next")),
        wrong=wrong,
        login=login,
        oidc=settings().oidc_name if settings().oidc_metadata_url else "",
        first_run=not accounts.exist(store()),
        **demo,
    )


def people(table: pl.DataFrame) -> dict:
    """The demo's people as the page lists them: one line a role, managers by branch."""
    roles = {word(role): table.filter(role=role).to_dicts() for role in EVERYONE}
    managers = table.filter(role="manager").partition_by("branch_name", as_dict=True, maintain_order=True)
    return {"roles": roles, "managers": {branch[0]: rows.to_dicts() for branch, rows in managers.items()}}


def shown(request: Request) -> Response:
    hear(request)
    if holder(request) is not None:
        return RedirectResponse(inside(request.query_params.get("next")), 303)
    return sign_in_page(request)


async def entered(request: Request) -> Response:
    hear(request)
    form = await request.form()
    if not from_here(request):
        return PlainTextResponse("not from this site", 403)
    return await run_in_threadpool(let_in, request, {name: str(value) for name, value in form.items()})


def let_in(request: Request, form: dict[str, str]) -> Response:
    login = form.get("login", "")
    try:
        if form.get("person") and settings().demo:
            cookies = sign_in.enter_demo(store(), form["person"], browser(request))
        else:
            cookies = sign_in.by_password(store(), login, form.get("password", ""), browser(request))
    except StorageError as refusal:
        return sign_in_page(request, say(refusal), login, form.get("next"), 403)
    return enter(request, cookies, inside(form.get("next")))


async def ask_the_bank(request: Request) -> Response:
    """To the bank's own sign-in, and back to bank_answered."""
    if not settings().oidc_metadata_url:
        return PlainTextResponse("not found", 404)
    hear(request)
    request.session["next"] = inside(request.query_params.get("next"))
    try:
        return await oidc.client().authorize_redirect(request, str(request.url_for("bank_answered")))
    except Exception as error:  # whatever a provider that is down or set up wrongly makes of it
        return not_confirmed(request, error)


async def bank_answered(request: Request) -> Response:
    hear(request)
    if not settings().oidc_metadata_url:
        return PlainTextResponse("not found", 404)
    try:
        token = await oidc.client().authorize_access_token(request)
        return await run_in_threadpool(let_in_by_claims, request, token.get("userinfo") or {})
    except Refused as refusal:
        return sign_in_page(request, say(refusal), status=403)
    except Exception as error:  # a wrong state, nonce, signature or time; a provider that is down
        return not_confirmed(request, error)


def not_confirmed(request: Request, error: Exception) -> Response:
    quiet.noted(error)
    return sign_in_page(request, _("The bank's sign-in did not confirm who you are: try again."), status=403)


def let_in_by_claims(request: Request, claims: dict) -> Response:
    person = oidc.person(store(), claims)
    accounts.from_claims(store(), *person)
    return enter(request, sign_in.begin(store(), person[0], browser(request)), inside(request.session.pop("next", "/")))


def account_page(request: Request, wrong: str = "", done: str = "", status: int = 200) -> Response:
    viewer = holder(request)
    if viewer is None:
        return RedirectResponse(SIGN_IN, 303)
    sessions = sign_in.open_sessions(viewer)
    sessions = sessions.with_columns((pl.col("began_at") + BANK_TIME).dt.strftime("%m-%d %H:%M")).to_dicts()
    must = accounts.must_change(store(), viewer.sign_in)  # then there is nowhere else to go
    return page(
        request,
        "account",
        status,
        viewer=viewer,
        role=word(viewer.role),
        sessions=sessions,
        must=must,
        wrong=wrong,
        done=done,
    )


def account_shown(request: Request) -> Response:
    hear(request)
    return account_page(request)


async def account_changed(request: Request) -> Response:
    """A new password, or the end of one or all sessions."""
    hear(request)
    form = await request.form()
    if not from_here(request):
        return PlainTextResponse("not from this site", 403)
    return await run_in_threadpool(change, request, {name: str(value) for name, value in form.items()})


def change(request: Request, form: dict[str, str]) -> Response:
    viewer = holder(request)
    if viewer is None:
        return RedirectResponse(SIGN_IN, 303)
    if form.get("leave"):
        sign_in.end(viewer, everywhere=form["leave"] == "everywhere")
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE)
        return answer
    if form.get("new") != form.get("again"):
        return account_page(request, _("The two new passwords are not the same."), status=400)
    handed_over = accounts.must_change(store(), viewer.sign_in)
    try:
        accounts.change_own_password(viewer, form.get("old", ""), form.get("new", ""))
    except Refused as refusal:
        return account_page(request, say(refusal), status=400)
    if handed_over:
        return RedirectResponse("/", 303)
    return account_page(request, done=_("The password is changed; other devices were signed out."))


def file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("not found", 404)
    return FileResponse(HERE / "door" / name, media_type=FILES[name])


ROUTES = [
    Route(SIGN_IN, shown, methods=["GET"]),
    Route(SIGN_IN, entered, methods=["POST"]),
    Route(ACCOUNT, account_shown, methods=["GET"]),
    Route(ACCOUNT, account_changed, methods=["POST"]),
    Route("/account/oidc", ask_the_bank, methods=["GET"]),
    Route("/account/oidc/back", bank_answered, methods=["GET"]),
    Route("/account/files/{name}", file, methods=["GET"]),
]
