"""What a page sends grows with the rows it shows, not with those that are stored."""

import pytest

from dashboard.shell.store import operator
from db.engine import Store
from db.log.entry import Entry
from db.recording import recording
from tests.conftest import FRIDAY
from tests.support.pages import AS, SEEN_BY, healthy, signed_in, visit, weight
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow
SHOW_WHAT_CAME = {"my_day", "audit_trail"}  # pages that list every entry of the day, or the last fifty
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages if page not in SHOW_WHAT_CAME]
MORE = 150  # visits with a customer of their own each
LITTLE = 6_000  # bytes: a page of activities that is full now, longer numbers


def record_many(store: Store) -> None:
    for place in range(MORE):
        met = Entry("consultation", FRIDAY, customer_name=f"又一家{place}", product=8, met_decider=True)
        recording.record(operator(store), 1, met, f"one more {place}", FRIDAY)


def test_what_is_not_shown_is_not_sent(own_demo):
    def weights() -> dict[tuple[str, str], int]:
        sessions = {role: signed_in(own_demo, AS[role]) for role in SEEN_BY}
        return {(role, page): weight(healthy(visit(sessions[role], page))) for role, page in sampled(CASES, 4)}

    before = weights()
    record_many(own_demo)
    grown = {case: after - before[case] for case, after in weights().items()}
    assert {case: more for case, more in grown.items() if more > LITTLE} == {}
