"""Files that a page makes: given to the sign-in session they were made for, and kept until they can have been fetched."""

from collections.abc import Callable
from time import monotonic

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

KEPT = 30  # seconds at least; at most twice as many
PLACE = "/media/"

OWNERS: dict[str, set[str]] = {}  # name of a file, or of one still to be made → sign-in sessions it was made for


def is_foreign(path: str, session: int) -> bool:
    """Whether there may be a file that was not made for the sign-in session: its address alone opens nothing."""
    return path.startswith(PLACE) and str(session) not in OWNERS.get(name_of(path), ())


def install(clock: Callable[[], float] = monotonic) -> None:
    """Streamlit deletes a file that was made for somebody after the second run of any page of anybody, and our pages
    look for changes all the time: on a slow line it would be gone before it was asked for. From here on it looks for
    what nobody needs any more only now and then, and remembers for whom it made a file; it would hand it to anybody."""
    sweep, last = MediaFileManager.remove_orphaned_files, clock()

    def now_and_then(manager: MediaFileManager) -> None:
        nonlocal last
        if clock() - last >= KEPT:
            last = clock()
            sweep(manager)

    MediaFileManager.remove_orphaned_files = now_and_then
    remember_owners()


def remember_owners() -> None:
    add, add_deferred, execute = MediaFileManager.add, MediaFileManager.add_deferred, MediaFileManager.execute_deferred
    delete, drop = MediaFileManager._delete_file, MediaFileManager._drop_deferred_id

    def made(manager: MediaFileManager, *args: object, **options: object) -> str:
        return own(add(manager, *args, **options), owners_here())

    def to_be_made(manager: MediaFileManager, *args: object, **options: object) -> str:
        return own(add_deferred(manager, *args, **options), owners_here())

    def made_later(manager: MediaFileManager, file: str) -> str:
        owners = set(OWNERS.get(file, ()))  # asked first: a run of the page meanwhile puts another button in its place
        return own(execute(manager, file), owners)

    def deleted(manager: MediaFileManager, file: str) -> None:
        delete(manager, file)
        OWNERS.pop(file, None)

    def dropped(manager: MediaFileManager, file: str) -> None:
        drop(manager, file)
        OWNERS.pop(file, None)

    MediaFileManager.add, MediaFileManager.add_deferred, MediaFileManager.execute_deferred = (
        made,
        to_be_made,
        made_later,
    )
    MediaFileManager._delete_file, MediaFileManager._drop_deferred_id = deleted, dropped


def owners_here() -> set[str]:
    """The sign-in session whose page is running."""
    running = get_script_run_ctx()
    signed_in = running and running.user_info.get("sign_in")
    return {str(signed_in)} if signed_in else set()


def own(address: str, owners: set[str]) -> str:
    """The address of a file, now theirs too: one of the same content is one file."""
    OWNERS.setdefault(name_of(address), set()).update(owners)
    return address


def name_of(address: str) -> str:
    return address.removeprefix(PLACE).partition(".")[0]
