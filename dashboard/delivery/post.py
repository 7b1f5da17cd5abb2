"""One request to a robot. Nothing is followed and nothing is taken on trust: the host's address is looked up once, has to
be a public one unless the administrator has named the host as the bank's own, and is the one that is connected to."""

import ipaddress
import logging
import socket
import ssl
import time
from functools import cache
from urllib.parse import urlsplit

import httpx

from dashboard.delivery import senders
from dashboard.shell.settings import settings
from db.delivery.sending import LOST, UNSENT, Claimed, Outcome

CONNECT, ANSWER, WHOLE = 5.0, 15.0, 40.0  # seconds; together well below sending.CLAIMED
LONGEST_ANSWER = 64 * 1024
# The library's own lines hold the whole address, and with it the robot's key.
for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.WARNING)


class Unreachable(Exception):
    """The host has no address that may be connected to. What it says holds neither address nor key."""


def send(claimed: Claimed) -> Outcome:
    """Sends a claimed message and says what is known of it. Never raises for what the network or the service does."""
    address, body = senders.request(claimed, time.time())
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "chenxi"}
    try:
        parts = urlsplit(address)
        host, proxy = parts.hostname or "", settings().delivery_proxy or None
        target = httpx.URL(address)
        if proxy is None:  # else the proxy looks it up, and decides what may be reached
            headers["Host"] = parts.netloc
            target = target.copy_with(host=address_of(host, parts.port or 443, claimed.internal))
    except (Unreachable, httpx.InvalidURL, ValueError) as error:
        return Outcome(UNSENT, str(error) if isinstance(error, Unreachable) else type(error).__name__)
    limits = httpx.Timeout(ANSWER, connect=CONNECT)
    try:
        with httpx.Client(
            timeout=limits, follow_redirects=False, trust_env=False, proxy=proxy, verify=trusted()
        ) as client:
            asked = client.build_request(
                "POST",
                target,
                content=body,
                headers=headers,
                extensions={"sni_hostname": host, "timeout": limits.as_dict()},
            )
            return answer(client, asked, claimed.service)
    except (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
    ) as error:
        return Outcome(UNSENT, type(error).__name__)
    except httpx.HTTPError as error:  # the request may be there
        return Outcome(LOST, type(error).__name__)


@cache
def trusted() -> ssl.SSLContext:
    """The usual public certificates, and those this machine trusts (SSL_CERT_FILE, where a bank has its own)."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def answer(client: httpx.Client, asked: httpx.Request, service: str) -> Outcome:
    """What comes back, read no longer and no further than an answer goes."""
    until = time.monotonic() + WHOLE
    response = client.send(asked, stream=True)
    try:
        body = b""
        for part in response.iter_bytes():
            body += part
            if len(body) > LONGEST_ANSWER or time.monotonic() > until:
                return Outcome(LOST, "too long")
    finally:
        response.close()
    return senders.answered(service, response.status_code, body)


def address_of(host: str, port: int, internal: bool) -> str:
    """The address to connect to. Raises Unreachable where there is none, or one of them is not public and the host is not
    `internal`: a name that leads into the bank's network would let a robot's address reach anything there."""
    try:
        found = [one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable("no such host") from None
    if not internal and not all(is_public(str(one)) for one in found):
        raise Unreachable("private address")
    return str(found[0])


def is_public(address: str) -> bool:
    one = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(one, "ipv4_mapped", None) or getattr(one, "sixtofour", None)
    if mapped is not None:
        one = mapped
    return one.is_global and not one.is_multicast
