"""The comparison of branches on the region-year, section by section, a manager's profile and the pages of the meetings:
run again warm, and after somebody's visit, through the entry script without a browser."""

import statistics
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import insert

from benchmarks import data
from benchmarks.figures import Figure, seconds, within
from dashboard.comparison.sections import SECTIONS
from dashboard.shell.settings import settings
from dashboard.shell.store import open_store, operator, shared
from db.engine import Store
from db.log.entry import Entry
from db.models import Account, Plan
from db.recording import recording
from db.simulate.simulate import simulate
from tests.support.pages import healthy, signed_in, visit

TODAY = date(2026, 11, 20)
LOGIN = "benchmark"
TARGETS = {"consultations": 120, "applications": 16, "deals": 9, "deal_amount": 200_000_000}  # of a manager's month
MEETINGS = ("morning_meeting", "evening_meeting", "weekly_meeting", "monthly_meeting", "quarterly_meeting", "wall")
Links = dict[str, tuple[str, dict[str, str]]]  # what it is called → the page, and its link
WARM, AFTER_A_WRITE = 0.080, 0.400


def comparison(store: Store, managers: int, times: int) -> list[Figure]:
    """Figures of every section, of a profile and of the meetings, at so many managers."""
    prepare(store, managers)
    links = {f"branch comparison, {one}": ("branch_comparison", {"section": one}) for one in SECTIONS}
    links["manager profile"] = ("manager_profile", {"manager": "2", "branch": "1"})
    links |= {one.replace("_", " "): (one, {"branch": "1"}) for one in MEETINGS}
    return figures_of(store, LOGIN, links, f"{managers} managers", times)


def meetings_of_demo(folder: Path, times: int) -> list[Figure]:
    """Figures of the meetings' pages as a head of the demo opens them."""
    store = open_store(f"sqlite:///{folder / 'demo.db'}", new=True)
    simulate(store, today=TODAY, now_hour=16.5)
    links = {one.replace("_", " "): (one, {}) for one in MEETINGS}
    return figures_of(store, "head-1", links, "the demo", times)


def figures_of(store: Store, login: str, links: Links, where: str, times: int) -> list[Figure]:
    """Each page run again warm, and after a visit in the first branch."""
    here = settings()
    here.database_url, here.now, here.snapshots = store.url, datetime(2026, 11, 20, 16, 30), store.snapshots
    used = shared(store.url)
    session, figures = signed_in(used, login), []
    for what, (page, link) in links.items():
        app = healthy(visit(session, page, **link))
        warm = statistics.median(seconds(app.run) for _ in range(times))
        after = []
        for nth in range(max(times // 3, 1)):
            met = Entry("consultation", TODAY, customer_name=f"客户{what}{nth}", met_decider=True, need_recorded=True)
            recording.record(operator(used), 1, met, f"{what} {nth}", TODAY)
            after.append(seconds(app.run))
        healthy(app)
        figures += [
            within(f"{what}, {where}: again", warm, WARM),
            within(f"{what}, {where}: after a write", statistics.median(after), AFTER_A_WRITE),
        ]
    return figures


def prepare(store: Store, managers: int) -> None:
    """Plans of the month, those of one branch out of reach, and an account of the region."""
    rows = [
        {"manager_id": one, "month": TODAY.replace(day=1), "measure": measure, "target": target * (1 + 3 * (one <= 10))}
        for one in range(1, managers + 1)
        for measure, target in TARGETS.items()
    ]
    nobody = dict.fromkeys(("region_id", "branch_id", "product_id"))
    with store.writing("benchmark") as write:
        write.session.execute(insert(Plan), [nobody | row for row in rows])
        account = {"login": LOGIN, "name": LOGIN, "role": "regional", "region_id": 1, "must_change": False}
        write.session.execute(insert(Account), [account])
        write.touch(regions=[1])


def main() -> None:
    """`python -m benchmarks.pages [MANAGERS]` prints them alone."""
    import sys
    import tempfile

    managers = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory(prefix="chenxi-pages-") as folder:
        store = data.fill(Path(folder) / "log.db", managers, data.year_of_log(managers))
        for one in [*meetings_of_demo(Path(folder), 9), *comparison(store, managers, 9)]:
            print(f"{one.what}: {one.ours} ({one.target})", flush=True)


if __name__ == "__main__":
    main()
