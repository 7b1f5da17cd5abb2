"""Where a manager stands, whoever asks."""

from datetime import date

from dashboard.shell import store
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from tests.support.builders import REGION, SOUTH, WANG, bank
from tests.support.sheets import bring, file, row


def test_a_manager_who_moved_is_told_his_whole_plan_and_the_days_he_has(sqlite_store):
    """22 deals in March 2026 (22 working days), 6 made before they moved on the 10th, 7 days gone on the 11th."""
    viewer = store.operator(bank(sqlite_store))
    deals = [row(date="2026-03-04", kind="成交", customer=f"客户{n}", reference=f"d{n}") for n in range(6)]
    bring(viewer, *deals, create_missing=True)
    people = "region,branch,staff_no,manager,from\n江城分行,南山支行,1001,王芳,2026-03-10\n"
    file(viewer, "people", people)
    file(viewer, "plans", "month,level,staff_no,measure,target\n2026-03,manager,1001,deals,22\n")
    own = Viewer(sqlite_store, "1001", "manager", REGION, SOUTH, WANG)
    for one in (viewer, own):
        found = open_book(one, date(2026, 3, 11), Part(manager=WANG)).month()
        (line,) = [line for line in found.standing.to_dicts() if line["measure"] == "deals"]
        assert (line["actual"], line["plan"], line["days_gone"], line["days"]) == (6, 22, 7, 22)
