"""Files made by a download button, kept until they can have been fetched."""

from collections.abc import Callable
from time import monotonic

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT = 30  # seconds at least; at most twice as many


def install(clock: Callable[[], float] = monotonic) -> None:
    """Streamlit deletes a file that was made for somebody after the second run of any page of anybody, and our pages
    look for changes all the time: on a slow line it would be gone before it was asked for. From here on it looks for
    what nobody needs any more only now and then."""
    sweep, last = MediaFileManager.remove_orphaned_files, clock()

    def now_and_then(manager: MediaFileManager) -> None:
        nonlocal last
        if clock() - last >= KEPT:
            last = clock()
            sweep(manager)

    MediaFileManager.remove_orphaned_files = now_and_then
