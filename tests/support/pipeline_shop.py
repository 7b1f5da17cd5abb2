"""A manager's opportunities on screen."""

from datetime import date, timedelta

from streamlit.testing.v1 import AppTest

from db.models import Activity, Customer, Opportunity
from tests.conftest import FRIDAY
from tests.support.builders import EAST, WANG
from tests.support.pages import bodies, healthy, look, plain

CREDIT = 1


def add(store, customer: str, *steps: tuple[str, date], **more) -> int:
    """An opportunity of 东湖支行 with these steps, past all rules; its id."""
    with store.writing("test") as write:
        person = Customer(branch_id=EAST, manager_id=WANG, name=customer)
        write.session.add(person)
        write.session.flush()
        usual = {"product_id": CREDIT, "expected_amount_cents": 28_000_000}
        need = Opportunity(region_id=1, customer_id=person.id, manager_id=WANG, **usual | more)
        write.session.add(need)
        write.session.flush()
        for kind, day in steps:
            row = {"day": day, "kind": kind, "region_id": 1, "branch_id": EAST, "manager_id": WANG}
            about = {"customer_id": person.id, "opportunity_id": need.id, "product_id": need.product_id}
            stamp = {"effective": True, "recorded_at": write.now, "recorded_by": "test", "version": write.version}
            write.session.add(Activity(**row, **about, **stamp))
        return need.id


def pipeline(as_: str, **link: str) -> AppTest:
    return healthy(look("pipeline", as_=as_, lang="en", **link))


def counts(app: AppTest) -> dict[str, int]:
    """How many stand in each list."""
    said = (one.value.rsplit(" · ", 1) for one in app.subheader)
    return {name: int(number.replace(",", "")) for name, number in said}


def cards(app: AppTest) -> list[str]:
    return [plain(body) for body in bodies(app) if 'class="cx-need"' in body]


def button(app: AppTest, label: str, place: int = 0):
    return [one for one in app.button if one.label == label][place]


def ago(days: int) -> date:
    return FRIDAY - timedelta(days)
