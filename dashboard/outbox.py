"""The outbox: a page for where the network is poor. It takes entries without one, and sends them when it is back to an
endpoint with the same rules and the same keys as the form of a manager's day."""

import hashlib
from functools import cache

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard import entries, quiet, submissions
from dashboard.front_door import HERE, from_here, hear, holder, page
from dashboard.words import CATALOG, _, language, say, word
from db import customers, people, sign_in
from db.access import Viewer
from db.codes import CHANNELS, CUSTOMER_KINDS, KINDS, METHODS
from db.engine import busy
from db.errors import Conflict, NotAllowed, Refused

PATH, LISTS, ENTRIES, WORKER = "/outbox", "/outbox/lists", "/outbox/entries", "/account/outbox-worker.js"
SHELL = ("door.css", "outbox.css", "outbox-kept.js", "outbox-send.js", "outbox.js", "outbox-worker.js")
MAIN = ("consultation", "application", "deal")
LARGEST = 16 * 1024  # bytes; the longest entry the form can make has 8,000
RECENT = 50  # customers offered for a repeat visit
NOT_A_MANAGER = "Only a manager has an outbox: what is entered there is entered in his name."
NOWHERE = "You work in no branch today: ask the administrator."
NOT_OURS = "Entries are taken from the outbox page alone."
TOO_LARGE = "The entry is too large: shorten the texts."


@cache
def version() -> str:
    """Changes with anything the phone keeps of the page, so that it is kept anew."""
    texts = [HERE / "door" / name for name in SHELL] + [HERE / "templates" / "outbox.html", CATALOG]
    return hashlib.blake2b(b"".join(one.read_bytes() for one in texts), digest_size=6).hexdigest()


def shown(request: Request) -> Response:
    """The page, the same for everybody: what is his own it asks for afterwards."""
    hear(request)
    viewer = holder(request)
    if viewer is None or viewer.role != "manager":
        return page(request, "door", 403, wrong=_(NOWHERE if viewer is None else NOT_A_MANAGER))
    sign_in.stay(viewer)
    names = customers.products(viewer).select("product", f"product_{language()}")
    lists = {"channels": CHANNELS, "methods": METHODS, "customer_kinds": CUSTOMER_KINDS}
    steps = {"kinds": (*MAIN, "other"), "steps": [kind for kind in KINDS if kind not in MAIN]}
    answer = page(
        request, "outbox", version=version(), worker=WORKER, word=word, products=names.rows(), **lists, **steps
    )
    answer.headers["X-Chenxi-Outbox"] = version()
    return answer


def lists(request: Request) -> Response:
    """Who is signed in, and his latest customers."""
    hear(request)
    viewer = holder(request)
    if viewer is None or viewer.role != "manager":
        return JSONResponse({"stop": _(NOWHERE if viewer is None else NOT_A_MANAGER)}, 403)
    sign_in.stay(viewer)
    own = customers.of_manager(viewer, viewer.manager, RECENT)
    recent = own.select("customer", "customer_name", pl.col("phone").str.slice(-4).alias("tail"))
    name = people.names(viewer).filter(manager=viewer.manager)["manager_name"].item()
    return JSONResponse({"account": viewer.account, "name": name, "customers": recent.to_dicts()})


async def taken(request: Request) -> Response:
    """One entry. The answer says whether it is stored, refused (and why), or has to come again later."""
    hear(request)
    if not from_here(request) or request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return JSONResponse({"refused": _(NOT_OURS)}, 403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return JSONResponse({"refused": _(TOO_LARGE)}, 413)
    return await run_in_threadpool(take, request, body)


def take(request: Request, body: bytes) -> Response:
    try:
        viewer = holder(request)
        if viewer is None or viewer.role != "manager":
            return JSONResponse({"stop": _(NOWHERE if viewer is None else NOT_A_MANAGER)}, 403)
        return stored(viewer, body)
    except Exception as error:
        number = quiet.noted(error)
        if busy(error):
            return JSONResponse({"later": _("The bank's database is busy: it is tried again by itself.")}, 503)
        failed = _(
            "Something went wrong here, and nothing was stored. Tell the administrator error {number}.", number=number
        )
        return JSONResponse({"refused": failed}, 500)


def stored(viewer: Viewer, body: bytes) -> Response:
    try:
        sent = submissions.read(body)
        if sent.account != viewer.account:  # somebody else has signed in on this phone meanwhile
            return JSONResponse({"signed_out": _("Whoever made this entry is not signed in.")}, 401)
        if sent.entry.product not in (None, *customers.products(viewer)["product"]):
            raise Refused("Choose the product from the list.")
        identity = entries.send(viewer, viewer.manager, sent.entry, sent.key)
    except Conflict as error:
        return JSONResponse({"conflict": say(error)}, 409)
    except submissions.Malformed as error:
        return JSONResponse({"refused": say(error)}, 400)
    except NotAllowed as error:
        if not sign_in.lasts(viewer):
            return JSONResponse({"signed_out": say(error)}, 401)
        return JSONResponse({"refused": say(error)}, 403)
    except Refused as error:
        return JSONResponse({"refused": say(error)}, 422)
    sign_in.stay(viewer)
    return JSONResponse({"id": identity})


def worker(request: Request) -> Response:
    """The script that keeps the page on the phone; it stands with the open files, and answers for the outbox alone."""
    allowed = {"Service-Worker-Allowed": PATH}
    return FileResponse(HERE / "door" / "outbox-worker.js", media_type="text/javascript", headers=allowed)


ROUTES = [
    Route(PATH, shown, methods=["GET"]),
    Route(LISTS, lists, methods=["GET"]),
    Route(ENTRIES, taken, methods=["POST"]),
    Route(WORKER, worker, methods=["GET"]),
]
