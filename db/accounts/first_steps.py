"""How far a bank has come on its way to the first meeting."""

from sqlalchemy import exists, select

from db.access import Viewer
from db.models import Account, Activity, ClosedDay, Manager, Plan, Promise

STEPS = ("people", "plans", "accounts", "log", "meeting")


def taken(viewer: Viewer) -> dict[str, bool]:
    """STEPS in their order, each with whether it was taken anywhere in the bank: people brought, a plan set, an account
    for everybody at work, something recorded, a meeting held (promised or closed)."""

    def read() -> dict[str, bool]:
        nobody_waits = ~exists().where(
            Manager.left_on.is_(None), ~exists().where(Account.manager_id == Manager.id)
        ) & exists().where(Manager.id.is_not(None))
        steps = (
            exists().where(Manager.id.is_not(None)),
            exists().where(Plan.id.is_not(None)),
            nobody_waits,
            exists().where(Activity.voided_at.is_(None)),
            exists().where(Promise.id.is_not(None)) | exists().where(ClosedDay.day.is_not(None)),
        )
        with viewer.store.reading() as connection:
            return dict(zip(STEPS, map(bool, connection.execute(select(*steps)).one()), strict=True))

    return viewer.cached("first steps", read=read, same_for_all=True)
