"""The files of the pages before the pages."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboard.web.requests import HERE

FILES = {
    "account.css": "text/css",
    "logo.svg": "image/svg+xml",
    "zh-CN.js": "text/javascript",
    "en.js": "text/javascript",
    "chrome.js": "text/javascript",
    "again.js": "text/javascript",
    "clock.js": "text/javascript",
    "outbox.css": "text/css",
    "outbox-kept.js": "text/javascript",
    "outbox-send.js": "text/javascript",
    "outbox-fields.js": "text/javascript",
    "outbox.js": "text/javascript",
    "outbox-leave.js": "text/javascript",
}


def file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("not found", 404)
    return FileResponse(HERE / "static" / name, media_type=FILES[name])
