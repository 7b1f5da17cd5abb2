"""A place in the line of those who have to wait before they try again. Whoever keeps asking is at the end of it each time;
whoever waits as they were told is looked at, whatever others at their address try meanwhile.

A place is a text that says whose and since when, signed by this process: nothing is stored for somebody who only asks."""

import secrets
import time
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

KEPT = timedelta(minutes=15)  # after which a place is lost
SIGNED = URLSafeTimedSerializer(secrets.token_bytes())


def give(source: tuple[str, str]) -> str:
    """A place at the end of the line, for an account at an address."""
    return SIGNED.dumps([*source, secrets.token_urlsafe()])


def waited(place: str | None, source: tuple[str, str]) -> timedelta | None:
    """How long ago the place was given; None for one that is another's, too old, or no place."""
    if place is None:
        return None
    try:
        (*whose, _nonce), given = SIGNED.loads(place, KEPT.seconds, return_timestamp=True)
    except (BadData, ValueError, TypeError):
        return None
    return timedelta(seconds=time.time() - given.timestamp()) if tuple(whose) == source else None
