"""What was typed and not sent is kept for whoever typed it, and for nobody else."""

import pytest
from sqlalchemy import update

from db.accounts import drafts, sign_in
from db.models import Account, SignIn
from tests.support.builders import LI, WANG, account, bank, enter

pytestmark = pytest.mark.both_engines

TYPED = {"customer": "湖滨书店", "note": "想装修"}


@pytest.fixture
def wang(store):
    account(bank(store), "wang", "manager", WANG)
    account(store, "li", "manager", LI)
    return enter(store, "wang")


def keep(viewer, body=TYPED, form="visit") -> None:
    drafts.keep(viewer.store, viewer.sign_in, form, body)


def test_a_draft_outlives_the_session_and_is_his_alone(wang):
    version = wang.store.counter()
    keep(wang)
    keep(wang, {"deals": 1}, "promise")
    assert drafts.read(wang, "visit") == TYPED and drafts.read(enter(wang.store, "li"), "visit") == {}
    sign_in.end(wang)
    assert drafts.read(wang, "visit") == {} and drafts.read(enter(wang.store, "wang"), "visit") == TYPED
    assert wang.store.counter() == version


def test_a_later_draft_replaces_the_one_before_and_an_empty_one_takes_it_away(wang):
    keep(wang)
    keep(wang, {"note": "改"})
    assert drafts.read(wang, "visit") == {"note": "改"}
    keep(wang, {})
    assert drafts.read(wang, "visit") == {}


def test_a_session_that_ran_out_still_keeps_what_it_interrupted_and_one_that_was_ended_does_not(wang):
    other = enter(wang.store, "wang")
    with wang.store.noting("test") as write:
        write.session.execute(update(SignIn).where(SignIn.id == wang.sign_in).values(lasts_until=write.now))
    keep(wang)
    assert drafts.read(wang, "visit") == {} and drafts.read(other, "visit") == TYPED
    sign_in.end(other)
    keep(other, {"note": "改"})
    assert drafts.read(enter(wang.store, "wang"), "visit") == TYPED


def test_nobody_without_a_session_or_an_open_account_keeps_a_draft(wang):
    for session in (None, 99):
        drafts.keep(wang.store, session, "visit", TYPED)
    assert drafts.read(wang, "visit") == {}
    with wang.store.noting("test") as write:
        write.session.execute(update(Account).values(disabled_at=write.now))
    keep(wang)
    with wang.store.noting("test") as write:
        write.session.execute(update(Account).values(disabled_at=None))
    assert drafts.read(wang, "visit") == {}
