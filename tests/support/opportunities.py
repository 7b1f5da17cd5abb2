"""Opportunities to look at and to move: one of a manager's, begun on Monday."""

from datetime import timedelta

from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.log.entry import Entry
from db.models import Activity
from db.pipeline import opportunities
from db.recording import moving, recording
from tests.support.builders import LI, MONDAY, SUN, WANG, ZHAO, bank, far_region
from tests.support.sheets import logged

TUESDAY = MONDAY + timedelta(1)
CREDIT, CARD = 1, 7


def apply(store, who: int = WANG, name: str = "湖滨书店", product: int = CREDIT, kind: str = "application") -> int:
    """An opportunity of a manager, begun on Monday; its id."""
    entry = Entry(
        kind, MONDAY, customer_name=name, phone=f"138123456{77 + who}", product=product, amount_cents=28_000_000
    )
    identity = recording.record(operator(store), who, entry, f"{who} {name} {product} {kind}", MONDAY)
    with store.reading() as connection:
        return connection.scalar(select(Activity.opportunity_id).where(Activity.id == identity))


def detail(viewer, opportunity: int) -> dict:
    return opportunities.details(viewer, [opportunity]).row(0, named=True)


def move(viewer, opportunity: int, kind: str = "acceptance", seen: int | None = None, **more) -> int:
    seen = detail(viewer, opportunity)["seen"] if seen is None else seen
    return moving.move(viewer, opportunity, kind, seen, TUESDAY, **more)


def taken(store, opportunity: int) -> list[tuple]:
    """Kind and day of the steps that hold, in the order they were recorded."""
    columns = (Activity.kind, Activity.day, Activity.opportunity_id, Activity.voided_at)
    return [(kind, day) for kind, day, one, voided in logged(store, *columns) if one == opportunity and voided is None]


def auditor(store) -> Viewer:
    return Viewer(store, "auditor", "auditor")


def one_each(store):
    """One opportunity each of 王芳, 李强, 赵敏 (other branch) and 孙梅 (other region)."""
    far_region(bank(store))
    return store, {who: apply(store, who) for who in (WANG, LI, ZHAO, SUN)}
