"""Which account a sign-in name stands for, whatever way it is typed."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import identity
from db.models import Account


def named(session: Session, login: str) -> Account | None:
    """The account of exactly this name, else the only one whose name differs in letter case alone; None when there is
    none. Names are stored in half width (identity.half_width)."""
    login = identity.half_width(login)
    equal = session.scalars(select(Account).where(func.lower(Account.login) == login.lower())).all()
    exact = next((one for one in equal if one.login == login), None)
    return exact or (equal[0] if len(equal) == 1 else None)
