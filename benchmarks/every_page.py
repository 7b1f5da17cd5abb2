"""`python -m benchmarks.every_page DATABASE [PAGE…]`: every page as its reader runs it again, warm and after somebody's
visit in their branch, through the entry script without a browser: seconds on the clock and of the processor, statements,
kilobytes sent. DATABASE is a copy of a simulated region (sqlite:///…) that may be written to."""

import os
import statistics
import sys
import time
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import event, select

from dashboard.shell.settings import settings
from dashboard.shell.store import operator, shared
from db.engine import Store
from db.log.entry import Entry
from db.models import Account, Activity, Manager, Posting
from db.recording import recording
from tests.support.pages import AS, SEEN_BY, healthy, signed_in, visit, weight

NOT_COUNTED = ("BEGIN", "COMMIT", "PRAGMA")
WARM, WRITES = 7, 3
HEADINGS = ("page", "role", "warm ms", "CPU ms", "written ms", "CPU ms", "statements", "after", "kB")


def timed(act) -> tuple[float, float]:
    """Milliseconds on the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def whose(store: Store) -> tuple[int, str, int, date]:
    """A manager of the first branch: their number and sign-in, a customer of theirs; and the log's last day."""
    with store.reading() as connection:
        place = (Posting.branch_id == 1, Posting.to_day.is_(None), Manager.left_on.is_(None))
        staff = select(Manager.id, Account.login).join(Posting, Posting.manager_id == Manager.id)
        staff = staff.join(Account, Account.manager_id == Manager.id).where(*place).order_by(Manager.id)
        manager, login = connection.execute(staff).first()
        theirs = select(Activity.customer_id, Activity.day).where(Activity.manager_id == manager)
        customer, day = connection.execute(theirs.order_by(Activity.day.desc(), Activity.id.desc())).first()
    return manager, login, customer, day


def main() -> None:
    url, *wanted = sys.argv[1:]
    here = settings()
    here.database_url, here.snapshots = url, Path(url.removeprefix("sqlite:///")).parent
    store = shared(url)
    manager, login, customer, today = whose(store)
    here.now = datetime.combine(today, datetime.min.time()).replace(hour=16, minute=30)
    said: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: said.append(statement))
    print(*HEADINGS, sep="\t", flush=True)
    for role, pages in SEEN_BY.items():
        session = signed_in(store, login if role == "manager" else AS[role])
        for page in pages:
            if wanted and page not in wanted:
                continue
            link = {"manager_profile": {"manager": str(manager)}, "customer": {"customer": str(customer)}}.get(page, {})
            app = healthy(visit(session, page, **link))
            app.run()
            warm = [(said.clear(), timed(app.run))[1] for _ in range(WARM)]
            asked, sent, written = statements(said), weight(app), []
            for nth in range(WRITES):
                name = f"{page} {role} {nth} {os.getpid()}"
                met = Entry("consultation", today, customer_name=name, met_decider=True, need_recorded=True)
                recording.record(operator(store), manager, met, name, today)
                said.clear()
                written.append(timed(app.run))
            middle = [statistics.median(one) for taken in (warm, written) for one in zip(*taken, strict=True)]
            numbers = [f"{one:.0f}" for one in middle]
            print(page, role, *numbers, asked, statements(said), f"{sent / 1024:.0f}", sep="\t", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


def statements(said: list[str]) -> int:
    return sum(not one.startswith(NOT_COUNTED) for one in said)


if __name__ == "__main__":
    main()
