"""Statuses: each declared once, with signs that every machine can show, and the codes of every computation among
them."""

from pathlib import Path

import pytest

from metrics import promises, statuses
from metrics.plans import allocation, attainment
from metrics.reverse_plan import feasibility
from metrics.statuses import STATUSES

STYLES = (Path(__file__).parents[2] / "dashboard" / "styles.css").read_text()
COMPUTED = {
    "attainment": attainment.STATUSES,
    "promises": promises.STATUSES,
    "feasibility": feasibility.FEASIBILITY,
    "breakdown": allocation.STATES,
}
WGL4 = "▲▼○●√×–■□"  # of the signs that fonts without Chinese have, too


@pytest.mark.parametrize("name", COMPUTED)
def test_whatever_is_computed_is_a_declared_status(name):
    assert set(COMPUTED[name]) <= set(STATUSES)


def test_no_two_statuses_share_a_code():
    assert sum(map(len, statuses.GROUPS)) == len(STATUSES)


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_every_font_chinese_or_western_has_the_sign(status):
    assert status.icon.encode("gbk")
    assert set(status.icon) <= set(WGL4)


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_every_tone_has_its_colour(status):
    assert f".cx-{status.tone} {{" in STYLES
