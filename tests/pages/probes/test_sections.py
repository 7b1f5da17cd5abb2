"""No section of the comparison shows anything foreign, whatever part of the bank its link asks for."""

import pytest

from dashboard.comparison.sections import SECTIONS
from tests.pages.probes.test_links import wire  # noqa: F401 a fixture
from tests.support.pages import healthy, signed_in, visit
from tests.support.probes import AS, leaks
from tests.support.sweep import sampled
from tests.support.three_regions import never_shown

pytestmark = pytest.mark.slow

FOREIGN, OWN = "70021", "70011"  # branches
CASES = [(section, branch) for section in SECTIONS for branch in (None, FOREIGN, OWN)]


@pytest.mark.parametrize(("section", "branch"), sampled(CASES, 9))
def test_no_section_shows_anything_foreign(bank, names, wire, section, branch):  # noqa: F811
    mine, words = signed_in(bank, AS["regional"]), never_shown(names, AS["regional"])
    link = {"section": section, "rate": "cohort_dealt", "split": "territory"} | ({"branch": branch} if branch else {})
    healthy(visit(mine, "branch_comparison", **link))
    assert not leaks(wire.sent(), words)
