"""The registers of potential customers are those of the viewer's branches."""

import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.people import territories
from tests.support.builders import EAST, SOUTH, bank, head, manager, regional
from tests.support.sheets import file

ROWS = """支行,辖区,辖区类型,登记日期,潜在客户数,来源
东湖支行,东湖社区,社区,2026-07-01,1300,工商登记
东湖支行,东湖社区,社区,2026-01-01,1200,工商登记
南山支行,南山市场,市场,2026-01-01,800,普查"""


@pytest.mark.both_engines
def test_each_viewer_sees_the_registers_of_his_place_oldest_first(store, viewer):
    bank(store)
    file(operator(store), "territories", ROWS)
    assert territories.registers(viewer)["potential_customers"].to_list()[-1] == 1300
    for one, branches in [(regional(store), {EAST, SOUTH}), (head(store), {EAST}), (manager(store), {EAST})]:
        assert set(territories.registers(one)["branch"]) == branches
    assert territories.registers(head(store))["potential_customers"].to_list() == [1200, 1300]
    with pytest.raises(NotAllowed):
        territories.registers(Viewer(store, "x", "guest"))


def test_without_registers_the_frame_is_empty(store, viewer):
    assert territories.registers(viewer).is_empty()
