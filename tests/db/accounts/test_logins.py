"""Which account a name stands for, however it is typed."""

import pytest
from sqlalchemy.orm import Session

from db.accounts.logins import named
from db.models import Account
from tests.support.builders import account, bank


@pytest.mark.parametrize(
    "typed, found",
    [
        ("wang", "wang"),
        ("WANG", "WANG"),
        ("Wang", None),
        ("ｗａｎｇ", "wang"),
        ("Li", "li"),
        ("li", "li"),
        ("nobody", None),
    ],
)
def test_the_exact_name_comes_first_and_one_that_may_be_two_peoples_is_nobodys(store, typed, found):
    bank(store)
    account(store, "li", "auditor")
    for login in ("WANG", "wang"):
        with store.writing("test") as write:  # as older versions stored them
            write.session.add(Account(login=login, name=login, role="auditor", must_change=False))
    with store.reading() as connection, Session(connection) as session:
        held = named(session, typed)
        assert (held and held.login) == found
