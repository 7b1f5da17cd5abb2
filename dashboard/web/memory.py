"""What the C library does with memory that is given back to it."""

import ctypes
import sys

TRIM, MAPPED, ARENAS = -1, -3, -8  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3)
LARGE = 1024 * 1024  # bytes of a block that is mapped by itself, and unmapped with its end
SPARE = 4 * LARGE  # bytes that a heap may keep at its end
HEAPS = 2  # for all threads, which run Python one at a time; the usual eight a core each keep what they have held


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
