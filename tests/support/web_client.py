"""The door as a browser meets it: the real gate and the pages before the pages, and behind them a small application
that says what has reached it."""

from datetime import timedelta

from sqlalchemy import update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from dashboard.shell.store import operator
from dashboard.web import outbox_page, sign_in_pages
from dashboard.web.auth_gate import COOKIE, IDENTITY, Gate
from db.accounts import accounts, sign_in
from db.engine import Store, now
from db.models import SignIn
from tests.support.builders import EAST, REGION, WANG, bank

PASSWORD = "correct horse 7"
CAST = {
    "admin": ("administrator", None),
    "1001": ("manager", WANG),
    "east": ("branch_head", EAST),
    "river": ("regional", REGION),
    "tv": ("screen", EAST),
    "audit": ("auditor", None),
}
PAGE = {"accept": "text/html,application/xhtml+xml"}


def peopled(store: Store) -> Store:
    """The small bank, with an account for each role and one that has to change its password first."""
    bank(store)
    for login, (role, place) in CAST.items():
        accounts.add(operator(store), login, f"Person {role}", role, place, PASSWORD, must_change=False)
    accounts.add(operator(store), "fresh", "New here", "auditor", None, PASSWORD, must_change=True)
    return store


def reached(request: Request) -> Response:
    if request.url.path == "/broken":
        raise ValueError("of 13812345678")
    return JSONResponse({"path": request.url.path, "identity": request.headers.getlist(IDENTITY)})


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(socket.headers.getlist(IDENTITY))
    await socket.close()


def behind() -> Starlette:
    """As dashboard.web.server.app puts it together, without Streamlit."""
    routes = [
        *sign_in_pages.ROUTES,
        *outbox_page.ROUTES,
        WebSocketRoute("/{path:path}", talk),
        Route("/{path:path}", reached),
    ]
    sessions = Middleware(SessionMiddleware, secret_key="of the test", same_site="lax")
    return Starlette(routes=routes, middleware=[Middleware(Gate), sessions])


def browser(address: str = "http://bank.test", **headers: str) -> TestClient:
    """A new browser, with no cookies; it does not follow redirects by itself."""
    client = TestClient(behind(), address, raise_server_exceptions=False, follow_redirects=False)
    client.headers.update({name.replace("_", "-"): value for name, value in (PAGE | headers).items()})
    return client


def socket(client: TestClient, path: str = "/_stcore/stream", **headers: str):
    """A socket as a page of the server opens it."""
    said = {name.replace("_", "-"): value for name, value in ({"origin": "http://bank.test"} | headers).items()}
    return client.websocket_connect(f"ws://bank.test{path}", headers=said)


def enter(client: TestClient, login: str, password: str = PASSWORD, **form: str):
    return client.post("/account/sign-in", data={"login": login, "password": password} | form)


def session(client: TestClient, store: Store) -> int | None:
    """The id of the session the browser is in."""
    return sign_in.find(store, client.cookies.get(COOKIE))


def run_out(store: Store, identity: int | None = None) -> None:
    """Lets a session, or all of them, run out by themselves."""
    which = SignIn.id.is_not(None) if identity is None else SignIn.id == identity
    with store.writing("test") as write:
        write.session.execute(update(SignIn).where(which).values(lasts_until=now() - timedelta(seconds=1)))
