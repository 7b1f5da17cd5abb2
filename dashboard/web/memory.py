"""What becomes of memory that is let go: at the C library, in Streamlit and in Python."""

import asyncio
import ctypes
import gc
import logging
import sys
from typing import cast

from streamlit.runtime import exists, get_instance
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from dashboard.web.incoming import compression
from db.log import mirror
from metrics.plans.scatter import chance

TRIM, MAPPED, ARENAS = -1, -3, -8  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3)
LARGE = 1024 * 1024  # bytes of a block that is mapped by itself, and unmapped with its end
SPARE = 4 * LARGE  # bytes that a heap may keep at its end
HEAPS = 2  # for all threads, which run Python one at a time; the usual eight a core each keep what they have held
EVERY = 20.0  # seconds between two times of tidying, each a tenth of a second at most in which no page runs
FEW = 20  # sessions: where fewer have gone, memory is not brought to rest
log = logging.getLogger(__name__)


def give_back() -> None:
    """Returns the memory of large bodies to the system when they are gone. glibc maps large blocks only until one was
    freed: from then on it takes blocks of that size, up to 32 MB, from the heap of whichever thread asks, and every such
    heap keeps up to twice as much at its end for good."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # musl has none, and needs none
        library.mallopt(MAPPED, LARGE)
        library.mallopt(TRIM, SPARE)
        library.mallopt(ARENAS, HEAPS)


async def tidy() -> None:
    """Lets go, for as long as the server runs, of what nobody comes back to. By itself Streamlit does so only when
    somebody else leaves, and Python when much has been made anew: at night neither happens."""
    most = 0
    while True:
        await asyncio.sleep(EVERY)
        try:
            most = await tidied(most)
        except Exception:  # the store is busy or gone for a moment: the next time will do
            log.warning("memory could not be tidied up")


async def tidied(most: int) -> int:
    """Tidies once. `most`, and the answer, is the largest number of sessions since memory was last brought to rest; that is
    done when half of them have gone."""
    here = sessions_left()
    most = max(most, here)
    if most - here >= max(FEW, most / 2):
        await asyncio.to_thread(rest)
        most = here
    compression.rest()
    gc.collect()
    trim()
    return most


def sessions_left() -> int:
    """How many sessions there are when those have gone whose people have left for longer than Streamlit keeps them
    (server.disconnectedSessionTTL), with the files made for them. To be called where the server's loop runs. A test sees
    one go: Streamlit has no public name for it."""
    if not exists():
        return 0
    sessions = cast(WebsocketSessionManager, get_instance()._session_mgr)
    kept = cast(MemorySessionStorage, sessions._session_storage)._cache
    with sessions._storage_lock:
        cast(TTLCache, kept).expire()
    get_instance().media_file_mgr.remove_orphaned_files()
    return sessions.num_sessions()


def rest() -> None:
    """Lets go of what many have asked for and is soon made again. Each such piece is small, and holds a whole megabyte of
    Python's memory while it stands alone in it."""
    store = shared(settings().database_url)
    mirror.of(store).refresh().rest()
    store.rest(EVERY)
    chance.cache_clear()


def trim() -> None:
    """Gives whole pages of the C library's heaps that nothing stands on back to the system."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
