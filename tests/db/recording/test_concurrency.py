"""64 phones send each entry three times at once: none fails, and each entry is stored once."""

import subprocess
import sys

import pytest

from db.models import Activity, Customer
from tests.support.builders import bank
from tests.support.processes import submitting
from tests.support.processes.submitting import SUBMISSIONS, THREADS, send
from tests.support.sheets import counts, held_values, logged

pytestmark = pytest.mark.both_engines

ENTRIES = THREADS * SUBMISSIONS


def assert_each_is_stored_once(store) -> None:
    stored = logged(store, Activity.reference, Activity.version, Activity.amount_cents)
    assert len(stored) == ENTRIES
    assert {(reference, cents) for reference, _, cents in stored} == {(f"phone-{one}", one) for one in range(ENTRIES)}
    versions = [version for _, version, _ in stored]
    assert len(set(versions)) == ENTRIES and versions == sorted(versions)
    assert counts(store)["counter"] >= max(versions)
    customers = held_values(store, Customer.branch_id, Customer.name)
    assert len(customers) == counts(store)["customer"]


@pytest.mark.slow
def test_64_threads_store_each_entry_once(store):
    assert send(bank(store), 0, THREADS - 1) == []
    assert_each_is_stored_once(store)


@pytest.mark.slow
def test_four_processes_store_each_entry_once(sqlite_store):
    bank(sqlite_store)
    each = THREADS // 4
    ranges = [(first, first + each - 1) for first in range(0, THREADS, each)]
    command = [sys.executable, submitting.__file__, sqlite_store.url]
    processes = [
        subprocess.Popen([*command, str(first), str(last)], stderr=subprocess.PIPE, text=True) for first, last in ranges
    ]
    assert [(one.communicate()[1], one.returncode) for one in processes] == [("", 0)] * 4
    assert_each_is_stored_once(sqlite_store)
