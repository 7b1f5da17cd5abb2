"""The versions of a store, as they are read."""

from tests.support.builders import bank


def test_a_version_holds_what_nobody_touched_as_the_version_before_did(store):
    bank(store)
    with store.writing("test") as write:
        write.touch("one", "other")
    before = store.version().parts
    with store.writing("test") as write:
        write.touch("one")
    after = store.version().parts
    assert after["other"] is before["other"] and after["one"] != before["one"]
    assert before.keys() == after.keys()
