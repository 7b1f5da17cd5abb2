"""Whoever asks a report for a part of the bank that is not theirs learns nothing: not what it is, and not that it is
there. What storage is asked: tests/db/test_probes.py."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from dashboard.standing import part, summary_report
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.probes import AS, OWN, answer, foreign, leaks, viewer
from tests.support.sweep import sampled
from tests.support.three_regions import NOBODY, REGION_OF, REGIONS, TEAM, never_shown, place_of, staff_no

pytestmark = pytest.mark.slow

MONTH = periods.month(FRIDAY)


def summary(by: Sequence[str]) -> Callable[[Viewer, Part], object]:
    return lambda viewer, asked: summary_report.summary(viewer, MONTH, FRIDAY, by, asked)[:2]


def promised(viewer: Viewer, asked: Part) -> object:
    return open_book(viewer, FRIDAY, asked).promised()


REPORTS: dict[tuple[str, str], Callable[[Viewer, Part], object]] = {
    ("region", "summary by branch"): summary(["branch"]),
    ("branch", "summary by branch"): summary(["branch"]),
    ("branch", "summary by manager"): summary(["manager"]),
    ("branch", "promised"): promised,
    ("branch", "by week"): lambda viewer, asked: open_book(viewer, FRIDAY, asked).by_week(MONTH),
    ("manager", "summary"): summary(()),
    ("manager", "promised"): promised,
}


@pytest.mark.parametrize(
    ("kind", "report", "role"), sampled([(*report, role) for report in REPORTS for role in OWN], 5)
)
def test_no_report_tells_a_foreign_part_of_the_bank_from_one_that_does_not_exist(bank, names, role, kind, report):
    mine, words = viewer(bank, role), never_shown(names, AS[role])

    def asked(one: int) -> object:
        return answer(partial(REPORTS[kind, report], mine, Part(**{kind: one})))

    nothing = asked(NOBODY)
    for one in foreign(role, kind):
        found = asked(one)
        assert found == nothing, one
        assert not leaks(repr(found).encode(), words)


@pytest.mark.parametrize("role", OWN)
def test_no_name_in_a_report_tells_a_foreign_place_from_none(bank, names, role):
    mine = viewer(bank, role)
    for kind, unknown in (("region", "无此分行"), ("branch", "无此支行"), ("manager", "无此经理")):
        for one in foreign(role, kind):
            if role == "manager" and one in TEAM[70011]:
                continue  # a colleague, whose name they know
            for name in {names.of[kind, one], staff_no(one) if kind == "manager" else names.of[kind, one]}:
                wanted = {"region": None, "branch": None, "manager": None}
                found = answer(partial(part.find_part, mine, **wanted | {kind: name}, period=MONTH))
                nothing = answer(partial(part.find_part, mine, **wanted | {kind: unknown}, period=MONTH))
                assert found[:2] == nothing[:2] and found[0] == "Refused"


def test_the_fixture_has_a_stranger_in_every_direction():
    assert {REGION_OF[one] for one in foreign("branch_head", "branch")} == set(REGIONS)
    assert set(foreign("manager", "manager")) & set(TEAM[70011])
    assert place_of(AS["regional"]) == ("regional", 7001)
