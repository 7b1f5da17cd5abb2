"""The server: Streamlit's own ASGI app, with our settings and an event loop that does not wait for small packets."""

import asyncio
import contextlib
import gc
import logging
import os
import tomllib
from collections.abc import AsyncGenerator

import streamlit as st
import typer
from starlette.middleware import Middleware
from streamlit import net_util

from dashboard.audit import anchoring
from dashboard.delivery import deliver
from dashboard.monitoring import log_file, meters
from dashboard.retention import deleting as retention
from dashboard.shell import jobs, log_redaction
from dashboard.shell.language import _
from dashboard.shell.settings import ROOT, settings
from dashboard.shell.store import shared
from dashboard.shell.waking import WATCHER
from dashboard.summaries import summaries
from dashboard.web import media_files, memory, outbox_page, script_errors, sign_in_pages
from dashboard.web.assets import packed_files, page
from dashboard.web.auth_gate import IDENTITY, Gate
from dashboard.web.incoming import connections
from db.log import mirror

FEATURES = (anchoring, deliver, summaries, retention)  # each registers its jobs, besides those of the shell
log = logging.getLogger(__name__)
CONFIG = ROOT / "streamlit_config" / "config.toml"


def serve(url: str, address: str, port: int, demo: bool) -> None:
    """Serves the pages of one database until stopped."""
    memory.give_back()
    settings().database_url, settings().demo = url, demo
    store = shared(url)
    with contextlib.suppress(ImportError):  # there is none for Windows; the standard loop is slower, not wrong
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    mirror.of(store).refresh()  # the first reader need not wait for it
    typer.echo(_("Open http://{address}:{port} — stop with Ctrl-C.", address=address, port=port))
    os.environ["FORWARDED_ALLOW_IPS"] = ",".join(
        settings().proxies
    )  # where uvicorn looks; unset, it believes this machine
    net_util.get_external_ip = lambda: None  # else asked of a stranger's server at every refused socket, seconds each
    gc.collect()
    gc.freeze()  # what is loaded by now stays: later collections need not look at it
    jobs.start(store)
    WATCHER.start(store)
    log_redaction.install()
    meters.start(store)
    media_files.install()
    connections.install()
    packed_files.prepare()
    app().run(config=options(address, port))
    store.close()


def app() -> st.App:
    """The pages behind their gate."""
    routes = [*sign_in_pages.ROUTES, *outbox_page.ROUTES, *page.ROUTES]
    return st.App(
        ROOT / "dashboard" / "app.py",
        routes=routes,
        middleware=[Middleware(Gate), Middleware(packed_files.Packed)],
        lifespan=life,
        on_script_error=script_errors.show_error,
    )


@contextlib.asynccontextmanager
async def life(_app: st.App) -> AsyncGenerator[None]:
    """While the server runs. Streamlit makes a loop for each browser session: one of uvloop holds 298 kB, the standard
    one 4 kB. The server's own is running by now, and stays."""
    asyncio.set_event_loop_policy(None)
    with log_file.written():
        log.info("the server has started")
        tidying = asyncio.create_task(memory.tidy())
        yield
        tidying.cancel()
        log.info("the server has stopped")


def options(address: str, port: int) -> dict[str, object]:
    """config.toml as dotted options; STREAMLIT_SERVER_PORT and the like go over them, as with `streamlit run`. The
    cookie secret is left out: Streamlit takes it from the environment alone."""
    found = flat(tomllib.loads(CONFIG.read_text()))
    found |= {"server.address": address, "server.port": port, "browser.serverPort": port}
    found["server.trustedUserHeaders"] = {IDENTITY: "sign_in"}  # set by the gate alone; without it nobody is anybody
    for variable, value in os.environ.items():
        parts = variable.removeprefix("STREAMLIT_").lower().split("_")
        name = f"{parts[0]}." + "".join([*parts[1:2], *(part.capitalize() for part in parts[2:])])
        if variable.startswith("STREAMLIT_") and name != "server.cookieSecret" and is_option(name):
            found[name] = value
    return found


def is_option(name: str) -> bool:
    try:
        st.get_option(name)
    except RuntimeError:
        return False
    return True


def flat(table: dict, prefix: str = "") -> dict[str, object]:
    options = {}
    for name, value in table.items():
        options |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return options
