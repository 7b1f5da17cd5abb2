"""Streamlit's own files as a browser on a slow link gets them: the packed ones (packing.py), where there are
any. A name holds a digest of the content, so a browser need never ask again."""

import mimetypes
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.shell.settings import ROOT, settings
from dashboard.web.assets import packing

PREFIX = "/static/"
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the smaller first; browsers ask for br through TLS alone
YEAR = 31_536_000  # seconds


class Packed:
    """ASGI middleware. Only files that Streamlit has are looked for: an address leads nowhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.folder = packing.folder(settings().packed)
        self.names = {
            path.relative_to(packing.STATIC).as_posix() for path in packing.STATIC.rglob("*") if path.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.find(HTTPConnection(scope)) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        path, encoding = found
        headers = {"Cache-Control": f"public,max-age={YEAR},immutable", "Vary": "Accept-Encoding"}
        headers |= {"Content-Encoding": encoding} if encoding else {}
        kind = mimetypes.guess_type(scope["path"])[0]
        await FileResponse(path, media_type=kind, headers=headers)(scope, receive, send)

    def find(self, request: HTTPConnection) -> tuple[Path, str] | None:
        """The packed file for a request, and how it is encoded; None where Streamlit answers it."""
        name = request.url.path.removeprefix(PREFIX)
        if request.scope["method"] not in ("GET", "HEAD") or name not in self.names or name == request.url.path:
            return None
        plain = self.folder / name
        if plain.suffix not in packing.COMPRESSED:
            return (plain, "") if plain.exists() else None
        taken = {one.partition(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")}
        for encoding, ending in ENCODINGS.items():
            packed = plain.with_name(plain.name + ending)
            if encoding in taken and packed.exists():
                return packed, encoding
        return None


def prepare() -> None:
    """Has the files packed in a process beside this one, unless they are. Until then the plain ones are sent."""
    folder = packing.folder(settings().packed)
    if not (folder / packing.DONE).exists():
        command = [sys.executable, "-m", packing.__name__, str(folder)]
        pack = partial(subprocess.run, command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
        threading.Thread(target=pack, name="packing", daemon=True).start()
