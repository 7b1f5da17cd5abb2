"""A file that a page makes is handed to the session it was made for; it lives long enough to be fetched, and not for
ever."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.web import media_files
from tests.support import web_client
from tests.support.web_client import browser, enter

CHANGED = ("remove_orphaned_files", "add", "add_deferred", "execute_deferred", "_delete_file", "_drop_deferred_id")


@pytest.fixture
def manager(monkeypatch):
    for name in CHANGED:
        monkeypatch.setattr(MediaFileManager, name, getattr(MediaFileManager, name))
    monkeypatch.setattr(media_files, "OWNERS", {})
    return MediaFileManager(MemoryMediaFileStorage("/media"))


@pytest.fixture
def people(peopled, manager, monkeypatch):
    """Three browsers signed in, two of them as one person; and a way to make a file on a page of one of them."""
    media_files.install()
    clients = {}
    for who, login in (("head", "east"), ("at home", "east"), ("colleague", "audit")):
        clients[who] = browser()
        assert enter(clients[who], login).status_code == 303

    def page_of(who: str) -> None:
        signed_in = {"sign_in": str(web_client.session(clients[who], peopled))}
        monkeypatch.setattr(media_files, "get_script_run_ctx", lambda: SimpleNamespace(user_info=signed_in))

    return SimpleNamespace(clients=clients, page_of=page_of)


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


def opened(people, address: str) -> dict[str, bool]:
    """Whose request goes on to the files."""
    return {who: client.get(address).status_code == 200 for who, client in people.clients.items()}


ONLY_ITS_OWN = {"head": True, "at home": False, "colleague": False}


def test_a_link_to_a_file_opens_it_in_the_session_it_was_made_for_alone(manager, people):
    people.page_of("head")
    picture = manager.add(b"picture", "image/png", "1.1")
    later = manager.add_deferred(lambda: b"workbook", "text/csv", "1.2")
    people.page_of("colleague")  # whoever has it made: it is theirs on whose page the button stands
    for address in (picture, manager.execute_deferred(later)):
        assert opened(people, address) == ONLY_ITS_OWN
        for written in (address.rpartition(".")[0], f"{address}?a=1", address.replace("/media/", "/media/%2e/../")):
            assert not people.clients["colleague"].get(written).is_success
    for address in (picture, "/media/none.png"):
        answer = people.clients["colleague"].get(address)
        assert (answer.status_code, answer.text) == (404, "not found")
    assert browser().get(picture).status_code == 303


def test_one_file_that_two_pages_make_is_both_ones(manager, people):
    for who in ("head", "colleague"):
        people.page_of(who)
        address = manager.add(b"the same", "text/csv", "1.1")
    assert opened(people, address) == {"head": True, "at home": False, "colleague": True}


def test_of_a_file_that_is_gone_nothing_is_remembered(manager, people):
    people.page_of("head")
    manager.add(b"picture", "image/png", "1.1")
    manager.execute_deferred(manager.add_deferred(lambda: b"workbook", "text/csv", "1.2"))
    assert len(media_files.OWNERS) == 3
    manager.clear_session_refs("dontcare")
    for name in list(manager._file_metadata):
        manager._delete_file(name)
    manager._remove_orphaned_deferred_callables()
    assert media_files.OWNERS == {}


def test_a_page_that_runs_while_its_file_is_made_takes_nothing_from_it(people, manager):
    people.page_of("head")

    def making() -> bytes:
        manager._drop_deferred_id(button)
        return b"file"

    button = manager.add_deferred(making, "text/plain", "1.1")
    address = manager.execute_deferred(button)
    assert opened(people, address) == ONLY_ITS_OWN
