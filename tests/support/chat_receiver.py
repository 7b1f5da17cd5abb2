"""A chat service of our own: it takes messages, refuses, is slow, breaks off, and knows what has arrived in which group."""

import json
import random
import ssl
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSALS = {"/cgi-bin": {"errcode": 45009}, "/robot": {"errcode": 130101}, "/open-apis": {"code": 9499}}
TAKEN = {"/cgi-bin": {"errcode": 0}, "/robot": {"errcode": 0}, "/open-apis": {"StatusCode": 0}}
ADDRESSES = {
    "wecom": "/cgi-bin/webhook/send?key={}",
    "dingtalk": "/robot/send?access_token={}",
    "feishu": "/open-apis/bot/v2/hook/{}",
}
# What may become of a request. Those that end in "lost" leave whoever sent it without an answer that says anything.
FINE, SLOW, NO, BUSY, TAKEN_AND_LOST, BROKEN_AND_LOST, SILENT_AND_LOST, GATEWAY_AND_LOST, ELSEWHERE = DEEDS = (
    "fine", "slow", "no", "busy", "taken, lost", "broken, lost", "silent, lost", "gateway, lost", "elsewhere",
)  # fmt: skip


class Receiver:
    """`arrived` are the texts in each group (by path), in their order; `lost` those whose answer was (path and text). `choose` says what
    becomes of the next request, `silence` how long a silent one keeps quiet."""

    def __init__(self, choose=lambda: FINE, silence: float = 0.8):
        self.choose, self.silence, self.lock = choose, silence, threading.Lock()
        self.arrived: defaultdict[str, list[str]] = defaultdict(list)
        self.bodies: list[dict] = []
        self.paths: list[str] = []
        self.lost: set[tuple[str, str]] = set()
        self.deeds: Counter[str] = Counter()

    def take(self, path: str, body: dict) -> tuple[str, str]:
        with self.lock:
            deed = self.choose()
            self.deeds[deed] += 1
            text = content(body)
            self.bodies.append(body)
            self.paths.append(path)
            if deed in (FINE, SLOW, TAKEN_AND_LOST, SILENT_AND_LOST, GATEWAY_AND_LOST):
                self.arrived[path].append(text)
            if deed.endswith("lost"):
                self.lost.add((path, text))
            return deed, next(one for one in TAKEN if path.startswith(one))


def content(body: dict) -> str:
    return (
        (body.get("text") or body.get("content") or {}).get("content")
        or body.get("content", {}).get("text", "")
        or "image"
    )


def mixed(seed: int, trouble: float = 0.4):
    """Everything that may happen, in a random order of this seed."""
    chosen = random.Random(seed)
    return lambda: chosen.choice(DEEDS[1:]) if chosen.random() < trouble else FINE


@contextmanager
def receiving(receiver: Receiver, secure: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serves it, over TLS where it is to be, and gives its host."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            deed, service = receiver.take(self.path, body)
            match deed:
                case "slow":
                    time.sleep(0.05)
                case "silent, lost":
                    time.sleep(receiver.silence)
                case "taken, lost" | "broken, lost":
                    self.close_connection = True
                    return self.connection.close()
                case "busy":
                    return self.answer(429, b"slow down")
                case "gateway, lost":
                    return self.answer(502, b"<html>Bad Gateway</html>")
                case "elsewhere":
                    return self.answer(302, b"", {"Location": self.path})
            said = REFUSALS[service] if deed == "no" else TAKEN[service]
            self.answer(200, json.dumps(said).encode())

        def answer(self, status: int, body: bytes, headers: dict | None = None) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, *_given) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_given: None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
