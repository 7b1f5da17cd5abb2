"""The bank's own sign-in as a test has it: an OpenID provider on this machine, which can be told to lie."""

import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "chenxi", "shared secret"


class Provider:
    """`claims` is who signs in there; `lie` changes the claims of a token, `key` signs it, `down` names what fails."""

    def __init__(self):
        self.own_key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.address, self.server = "", None
        self.calm()

    def calm(self) -> None:
        self.claims, self.lie, self.key, self.down = {}, {}, self.own_key, ""
        self.asked: list[dict] = []

    def metadata(self, _request: Request) -> Response:
        if self.down == "metadata":
            return Response("down", 503)
        named = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        answer = {name: f"{self.address}/{path}" for name, path in named.items()}
        return JSONResponse(
            answer
            | {
                "issuer": self.address,
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def authorize(self, request: Request) -> Response:
        """Signs in at once, and goes back."""
        self.asked.append(dict(request.query_params))
        back = {"code": "once", "state": request.query_params["state"]}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(back)}", 302)

    def token(self, _request: Request) -> Response:
        if self.down == "token":
            return JSONResponse({"error": "server_error"}, 500)
        now = int(time.time())
        usual = {"iss": self.address, "aud": CLIENT, "sub": "x", "iat": now, "exp": now + 300}
        claims = usual | {"nonce": self.asked[-1].get("nonce")} | self.claims | self.lie
        told = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": told})

    def jwks(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.own_key.as_dict(private=False)]})

    def app(self) -> Starlette:
        places = {"/.well-known/openid-configuration": self.metadata, "/authorize": self.authorize, "/jwks": self.jwks}
        routes = [Route(path, answer) for path, answer in places.items()]
        return Starlette(routes=[*routes, Route("/token", self.token, methods=["POST"])])


@contextmanager
def running():
    """A provider that listens on this machine until it is no longer needed."""
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(provider.app(), "127.0.0.1", 0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    provider.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(10)
