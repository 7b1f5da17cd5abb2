"""The page of Streamlit's that all of ours are shown in."""

from functools import cache

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard.shell.navigation import PAGES
from dashboard.web.assets import packing

PLACE = packing.STATIC.parent / "index.html"


def server() -> Markup:
    """A script that says where the page's server is: here. Without it the page asks beneath its own address first, then at
    the root, then for the server's settings, before it opens its socket: half a second on a phone's link."""
    return Markup("""<script>
      window.__streamlit = {
        BACKEND_BASE_URL: location.origin,
        HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
      };
    </script>
    """)


@cache
def text() -> str:
    """The page, with that script before all others."""
    streamlits = PLACE.read_text()
    first = streamlits.index("<script")
    return "".join([streamlits[:first], server(), streamlits[first:]])


def page(_request: Request) -> HTMLResponse:
    return HTMLResponse(text())


ROUTES = [Route(f"/{name}", page, methods=["GET"]) for name in ("", *(one.name for one in PAGES))]
