"""Drafts: what somebody has typed into a form and not sent yet. It outlives a reload, a signed-out session and a phone
that was switched off, and is theirs alone."""

from sqlalchemy import ColumnElement, delete, select

from db.access import Viewer, alive
from db.engine import Store
from db.models import Account, Draft, SignIn
from db.store.parts import NOTHING


def read(viewer: Viewer, form: str) -> dict[str, object]:
    """What was typed into the form and not sent; empty when nothing was."""
    statement = select(Draft.body).where(Draft.account_id == owner(viewer.sign_in), Draft.form == form)
    with viewer.store.reading(*NOTHING) as connection:
        return connection.execute(statement).scalar() or {}


def keep(store: Store, sign_in: int | None, form: str, body: dict[str, object]) -> None:
    """Keeps the draft in place of the one before; an empty one takes it away. A session that ran out by itself may
    still do so, for it interrupted somebody; one that was ended, or whose account was disabled, may not."""
    open_account = select(SignIn.account_id).join(Account, Account.id == SignIn.account_id)
    open_account = open_account.where(SignIn.id == sign_in, SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
    with store.noting("draft") as write:
        account = write.session.scalar(open_account)
        if account is None:
            return
        write.session.execute(delete(Draft).where(Draft.account_id == account, Draft.form == form))
        if body:
            write.session.add(Draft(account_id=account, form=form, body=body, at=write.now))


def owner(sign_in: int | None) -> ColumnElement[int]:
    """The account a session that is still open belongs to."""
    account = select(SignIn.account_id).join(Account, Account.id == SignIn.account_id)
    return account.where(SignIn.id == sign_in, alive()).scalar_subquery()
