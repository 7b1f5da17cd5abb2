"""The outbox: a page for where the network is poor. It takes entries without one, and sends them when it is back to an
endpoint with the same rules and the same keys as the form of a manager's day."""

import hashlib
from functools import cache

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard.activity import entries
from dashboard.shell import log_redaction
from dashboard.shell.language import CATALOG, _, language, say, word
from dashboard.shell.navigation import OUTBOX
from dashboard.web import submission
from dashboard.web.requests import HERE, holder, is_same_origin, later, page, set_language
from db.access import Viewer
from db.accounts import sign_in
from db.codes import CUSTOMER_KINDS, KINDS
from db.customers import customers
from db.engine import busy
from db.errors import Conflict, NotAllowed, Refused
from db.log import fields, product_list
from db.people import people

LISTS, ENTRIES, WORKER = f"{OUTBOX}/lists", f"{OUTBOX}/entries", "/account/outbox-worker.js"
SHELL = (
    "account.css",
    "outbox.css",
    "outbox-kept.js",
    "outbox-send.js",
    "outbox-fields.js",
    "outbox.js",
    "outbox-worker.js",
)
MAIN = ("consultation", "application", "deal")
LARGEST = 16 * 1024  # bytes; the longest entry the form can make has 8,000
RECENT = 50  # customers offered for a repeat visit
NOT_A_MANAGER = "Only a manager has an outbox: what is entered there is entered in their name."
NOWHERE = "You work in no branch today: ask the administrator."
NOT_OURS = "Entries are accepted from the outbox page only."
TOO_LARGE = "The entry is too large: shorten the texts."


@cache
def version() -> str:
    """Changes with anything the phone keeps of the page, so that it is kept anew."""
    texts = [HERE / "static" / name for name in SHELL] + [HERE / "templates" / "outbox.html", CATALOG]
    content = b"".join([one.read_bytes() for one in texts]) + repr(fields.FIELDS).encode()
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def show(request: Request) -> Response:
    """The page, the same for everybody: what is their own it asks for afterwards."""
    set_language(request)
    viewer = holder(request)
    if viewer is None or viewer.role != "manager":
        return page(request, "message", 403, wrong=_(NOWHERE if viewer is None else NOT_A_MANAGER))
    sign_in.extend(viewer)
    names = product_list.read(viewer).select("product", f"product_{language()}")
    ask = {
        "fields": fields.of(fields.OUTBOX),
        "visit": fields.of(fields.OUTBOX, "visit"),
        "details": fields.of(fields.OUTBOX, "details"),
    }
    ask |= {"customer_kinds": CUSTOMER_KINDS, "script": script_fields()}
    steps = {"kinds": (*MAIN, "other"), "steps": [kind for kind in KINDS if kind not in MAIN]}
    answer = page(request, "outbox", version=version(), worker=WORKER, word=word, products=names.rows(), **ask, **steps)
    answer.headers["X-Chenxi-Outbox"] = version()
    return answer


def script_fields() -> list[dict]:
    """What the page's script knows of the fields: how each is read, when it is asked, what to say while it is missing."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "when": fields.ASKED_AT.get(one.asked_at, {}),
            "required": one.required and _(one.required),
            "usual": bool(one.default),
        }
        for one in fields.of(fields.OUTBOX)
    ]


def lists(request: Request) -> Response:
    """Who is signed in, and their latest customers."""
    set_language(request)
    viewer = holder(request)
    if viewer is None or viewer.role != "manager":
        return JSONResponse({"stop": _(NOWHERE if viewer is None else NOT_A_MANAGER)}, 403)
    sign_in.extend(viewer)
    own = customers.of_manager(viewer, viewer.manager, RECENT)
    recent = own.select("customer", "customer_name", pl.col("phone").str.slice(-4).alias("tail"))
    name = people.names(viewer).filter(manager=viewer.manager)["manager_name"].item()
    return JSONResponse({"account": viewer.account, "name": name, "customers": recent.to_dicts()})


async def receive(request: Request) -> Response:
    """One entry. The answer says whether it is stored, refused (and why), or has to come again later."""
    set_language(request)
    if not is_same_origin(request) or request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return JSONResponse({"refused": _(NOT_OURS)}, 403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return JSONResponse({"refused": _(TOO_LARGE)}, 413)
    return await run_in_threadpool(accept, request, body)


def accept(request: Request, body: bytes) -> Response:
    try:
        viewer = holder(request)
        if viewer is None or viewer.role != "manager":
            return JSONResponse({"stop": _(NOWHERE if viewer is None else NOT_A_MANAGER)}, 403)
        return store_entry(viewer, body)
    except Exception as error:
        number = log_redaction.log_error(error)
        if busy(error):
            return later(error)
        failed = _(
            "Something went wrong here, and nothing was stored. Tell the administrator error {number}.", number=number
        )
        return JSONResponse({"refused": failed}, 500)


def store_entry(viewer: Viewer, body: bytes) -> Response:
    try:
        sent = submission.read(body)
        if sent.account != viewer.account:  # somebody else has signed in on this phone meanwhile
            return JSONResponse({"signed_out": _("Whoever made this entry is not signed in.")}, 401)
        if sent.entry.product not in (None, *product_list.read(viewer)["product"]):
            raise Refused("Choose the product from the list.")
        identity = entries.send(viewer, viewer.manager, sent.entry, sent.key)
    except Conflict as error:
        return JSONResponse({"conflict": say(error)}, 409)
    except submission.Malformed as error:
        return JSONResponse({"refused": say(error)}, 400)
    except NotAllowed as error:
        if not sign_in.is_open(viewer):
            return JSONResponse({"signed_out": say(error)}, 401)
        return JSONResponse({"refused": say(error)}, 403)
    except Refused as error:
        return JSONResponse({"refused": say(error)}, 422)
    sign_in.extend(viewer)
    return JSONResponse({"id": identity})


def worker(request: Request) -> Response:
    """The script that keeps the page on the phone; it stands with the open files, and answers for the outbox alone."""
    allowed = {"Service-Worker-Allowed": OUTBOX}
    return FileResponse(HERE / "static" / "outbox-worker.js", media_type="text/javascript", headers=allowed)


ROUTES = [
    Route(OUTBOX, show, methods=["GET"]),
    Route(LISTS, lists, methods=["GET"]),
    Route(ENTRIES, receive, methods=["POST"]),
    Route(WORKER, worker, methods=["GET"]),
]
