"""The pages before the pages: signing in and out, one's own password. Plain HTML, so that nothing of the application is
reached without a session."""

from typing import Any

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.shell import clock, log_redaction
from dashboard.shell.language import _, say, word
from dashboard.shell.settings import settings
from dashboard.web import oidc, requests, static_files, threads
from dashboard.web.auth_gate import ACCOUNT, SIGN_IN
from dashboard.web.requests import COOKIE, DEVICE, DEVICE_DAYS, PLACE
from db.accounts import accounts, demo_accounts, sign_in
from db.accounts.places import KEPT
from db.accounts.sign_in import Cookies
from db.accounts.throttling import MustWait
from db.engine import BANK_TIME
from db.errors import Refused, StorageError, Unavailable

EVERYONE = ("regional", "branch_head", "screen", "administrator", "auditor")


def start_session(request: Request, cookies: Cookies, link: str) -> Response:
    """Into the pages, with the cookies of a session."""
    answer = RedirectResponse(link, 303)
    answer.set_cookie(COOKIE, cookies.token, max_age=settings().session_hours * 3600, **safe(request))
    answer.set_cookie(DEVICE, cookies.device, max_age=DEVICE_DAYS * 86400, **safe(request))
    return answer


def safe(request: Request) -> dict[str, Any]:
    """How a cookie is kept that no script and no other site may use."""
    return {"httponly": True, "samesite": "lax", "secure": request.url.scheme == "https"}


def sign_in_page(
    request: Request, wrong: str = "", login: str = "", link: str | None = None, status: int = 200
) -> Response:
    demo = {}
    if settings().demo and demo_accounts.is_demo(requests.store()):
        demo = {"demo": True, **people(demo_accounts.people(requests.store(), clock.today()))}
    return requests.page(
        request,
        "sign_in",
        status,
        next=requests.local_link(link or request.query_params.get("next")),
        wrong=wrong,
        login=login,
        oidc=settings().oidc_name if settings().oidc_metadata_url else "",
        first_run=not accounts.exist(requests.store()),
        **demo,
    )


def people(table: pl.DataFrame) -> dict:
    """The demo's people as the page lists them: one line a role, managers by branch."""
    roles = {word(role): table.filter(role=role).to_dicts() for role in EVERYONE}
    managers = table.filter(role="manager").partition_by("branch_name", as_dict=True, maintain_order=True)
    return {"roles": roles, "managers": {branch[0]: rows.to_dicts() for branch, rows in managers.items()}}


async def show_sign_in(request: Request) -> Response:
    requests.set_language(request)
    return await threads.run(threads.STRANGERS, sign_in_or_on, request)


def sign_in_or_on(request: Request) -> Response:
    """The sign-in page, or on to the pages for whoever is signed in."""
    if requests.holder(request) is not None:
        return RedirectResponse(requests.local_link(request.query_params.get("next")), 303)
    return sign_in_page(request)


async def submit_sign_in(request: Request) -> Response:
    requests.set_language(request)
    if not requests.is_same_origin(request):
        return PlainTextResponse("not from this site", 403)
    form = await request.form(max_files=0)
    typed = {name: str(value) for name, value in form.items()}
    return await threads.run(threads.PASSWORDS, sign_in_with_password, request, typed)


def sign_in_with_password(request: Request, form: dict[str, str]) -> Response:
    login = form.get("login", "")
    try:
        if form.get("person") and settings().demo:
            cookies = demo_accounts.enter(requests.store(), form["person"], requests.browser(request))
        else:
            cookies = sign_in.with_password(
                requests.store(), login, form.get("password", ""), requests.browser(request)
            )
    except StorageError as refusal:
        status = 503 if isinstance(refusal, Unavailable) else 403
        answer = sign_in_page(request, say(refusal), login, form.get("next"), status)
        if isinstance(refusal, MustWait) and refusal.place is not None:
            whole = round(KEPT.total_seconds())
            answer.set_cookie(PLACE, refusal.place, max_age=whole, path=SIGN_IN, **safe(request))
        return answer
    return start_session(request, cookies, requests.local_link(form.get("next")))


async def redirect_to_provider(request: Request) -> Response:
    """To the bank's own sign-in, and back to `provider_callback`."""
    if not settings().oidc_metadata_url:
        return PlainTextResponse("not found", 404)
    requests.set_language(request)
    request.session["next"] = requests.local_link(request.query_params.get("next"))
    try:
        return await oidc.client().authorize_redirect(request, str(request.url_for(provider_callback.__name__)))
    except Exception as error:  # whatever a provider that is down or set up wrongly makes of it
        return sign_in_failed(request, error)


async def provider_callback(request: Request) -> Response:
    requests.set_language(request)
    if not settings().oidc_metadata_url:
        return PlainTextResponse("not found", 404)
    try:
        token = await oidc.client().authorize_access_token(request)
        return await run_in_threadpool(sign_in_with_claims, request, token.get("userinfo") or {})
    except Refused as refusal:
        return sign_in_page(request, say(refusal), status=403)
    except Exception as error:  # a wrong state, nonce, signature or time; a provider that is down
        return sign_in_failed(request, error)


def sign_in_failed(request: Request, error: Exception) -> Response:
    log_redaction.log_error(error)
    return sign_in_page(request, _("The bank's sign-in did not confirm who you are: try again."), status=403)


def sign_in_with_claims(request: Request, claims: dict) -> Response:
    person = oidc.person(requests.store(), claims)
    accounts.from_claims(requests.store(), *person)
    return start_session(
        request,
        sign_in.start(requests.store(), person[0], requests.browser(request)),
        requests.local_link(request.session.pop("next", "/")),
    )


def account_page(request: Request, wrong: str = "", done: str = "", status: int = 200) -> Response:
    viewer = requests.holder(request)
    if viewer is None:
        return RedirectResponse(SIGN_IN, 303)
    sessions = sign_in.open_sessions(viewer)
    sessions = sessions.with_columns((pl.col("began_at") + BANK_TIME).dt.strftime("%m-%d %H:%M")).to_dicts()
    must = accounts.must_change(requests.store(), viewer.sign_in)  # then there is nowhere else to go
    return requests.page(
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


def show_account(request: Request) -> Response:
    requests.set_language(request)
    return account_page(request)


async def submit_account(request: Request) -> Response:
    """A new password, or the end of one or all sessions."""
    requests.set_language(request)
    if not requests.is_same_origin(request):
        return PlainTextResponse("not from this site", 403)
    form = await request.form(max_files=0)
    typed = {name: str(value) for name, value in form.items()}
    return await threads.run(threads.PASSWORDS, change_account, request, typed)


def change_account(request: Request, form: dict[str, str]) -> Response:
    viewer = requests.holder(request)
    if viewer is None:
        return RedirectResponse(SIGN_IN, 303)
    if form.get("leave"):
        sign_in.end(viewer, everywhere=form["leave"] == "everywhere")
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE)
        return answer
    if form.get("new") != form.get("again"):
        return account_page(request, _("The two new passwords are not the same."), status=400)
    handed_over = accounts.must_change(requests.store(), viewer.sign_in)
    try:
        accounts.change_own_password(viewer, form.get("old", ""), form.get("new", ""))
    except Refused as refusal:
        return account_page(request, say(refusal), status=400)
    if handed_over:
        return RedirectResponse("/", 303)
    return account_page(request, done=_("The password is changed; other devices were signed out."))


ROUTES = [
    Route(SIGN_IN, show_sign_in, methods=["GET"]),
    Route(SIGN_IN, submit_sign_in, methods=["POST"]),
    Route(ACCOUNT, show_account, methods=["GET"]),
    Route(ACCOUNT, submit_account, methods=["POST"]),
    Route("/account/oidc", redirect_to_provider, methods=["GET"]),
    Route("/account/oidc/back", provider_callback, methods=["GET"]),
    Route("/account/files/{name}", static_files.file, methods=["GET"]),
]
