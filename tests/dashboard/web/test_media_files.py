"""A file made by a download button lives long enough to be fetched, and not for ever."""

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.web import media_files


@pytest.fixture
def manager(monkeypatch):
    monkeypatch.setattr(MediaFileManager, "remove_orphaned_files", MediaFileManager.remove_orphaned_files)
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def made(manager: MediaFileManager) -> str:
    """The name of a file as a click on a download button makes it."""
    return manager.execute_deferred(manager.add_deferred(lambda: b"file", "text/plain", "1.1")).rsplit("/", 1)[-1]


def there(manager: MediaFileManager, name: str) -> bool:
    try:
        return manager._storage.get_file(name).content == b"file"
    except Exception:
        return False


def test_a_file_outlives_the_runs_of_all_the_pages_that_look_for_changes(manager):
    now = [0.0]
    media_files.install(lambda: now[0])
    name = made(manager)
    for _run in range(100):
        now[0] += media_files.KEPT / 101
        manager.remove_orphaned_files()
    assert there(manager, name)


def test_a_file_nobody_needs_is_gone_after_a_while(manager):
    now = [0.0]
    media_files.install(lambda: now[0])
    name = made(manager)
    for _run in range(3):
        now[0] += media_files.KEPT
        manager.remove_orphaned_files()
    assert not there(manager, name)
