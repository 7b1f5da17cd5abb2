"""Threads of their own for what must not wait for each other: the gate asks who is in a session within milliseconds; a
password takes a tenth of a second of both cores that a small server has, and as much memory as a hundred sessions. Passwords
are looked at one by one there, and the sign-in page is made for few at once, so that strangers leave the rest of the server to
those who work."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

T = TypeVar("T")
GATE = ThreadPoolExecutor(16, "gate")
HEALTH = ThreadPoolExecutor(2, "health")
STRANGERS = ThreadPoolExecutor(2, "strangers")
PASSWORDS = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2), "passwords")


async def run(pool: ThreadPoolExecutor, ask: Callable[..., T], *args: object) -> T:
    """What `ask` answers in a thread of the pool; it speaks the language of the request."""
    return await asyncio.get_running_loop().run_in_executor(pool, partial(copy_context().run, ask, *args))
