"""The demo's people, whom one may enter as."""

from datetime import date

import polars as pl
from sqlalchemy import func, or_, select

from db.accounts.sign_in import WRONG, Cookies, start
from db.accounts.throttling import Browser
from db.engine import Store
from db.errors import Refused
from db.models import Account, Branch, ChangeCounter, Posting
from db.store.parts import NOTHING

DEMO_PERSON = {"login": pl.String, "name": pl.String, "role": pl.String, "branch_name": pl.String}


def is_demo(store: Store) -> bool:
    """Whether `demo` made this database, and nobody's data is in it."""
    with store.reading(*NOTHING) as connection:
        return connection.execute(select(ChangeCounter.is_demo)).scalar_one()


def people(store: Store, today: date) -> pl.DataFrame:
    """Whom one may enter the demo as (DEMO_PERSON), managers with the branch they work in today. Nobody in any other
    database."""
    if not is_demo(store):
        return pl.DataFrame(schema=DEMO_PERSON)
    begun = or_(Posting.from_day.is_(None), Posting.from_day <= today)
    lasting = or_(Posting.to_day.is_(None), Posting.to_day >= today)
    posted = (Posting.manager_id == Account.manager_id) & begun & lasting
    statement = (
        select(Account.login, Account.name, Account.role, Branch.name)
        .outerjoin(Posting, posted)
        .outerjoin(Branch, Branch.id == func.coalesce(Account.branch_id, Posting.branch_id))
        .where(Account.disabled_at.is_(None), Account.manager_id.is_(None) | Posting.id.is_not(None))
        .order_by(Branch.id, Account.login)
    )
    with store.reading(*NOTHING) as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], DEMO_PERSON, orient="row")


def enter(store: Store, login: str, browser: Browser) -> Cookies:
    """Enters as one of the demo's people. Raises Refused in any database `demo` did not make."""
    if not is_demo(store):
        raise Refused(WRONG)
    return start(store, login, browser)
