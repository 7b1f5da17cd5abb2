"""Who may do what, where: one table, default deny. Nothing else in the project decides it."""

from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    bindparam,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from db.engine import Store, T, Write, bank_day, now
from db.errors import NotAllowed
from db.models import Account, Deputy, Manager, Posting, SignIn
from db.rights import DEPUTY, OPERATOR, PLACE, RIGHTS
from db.store import parts

Column = SQLColumnExpression[int] | SQLColumnExpression[int | None] | None

DENIED = "Your role does not include this. Ask your branch head or the administrator."
OUT_OF_SCOPE = "This is not within your scope."
SIGNED_OUT = "You are no longer signed in, or your role has changed: sign in again. What you typed is kept."


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and of which store. First argument of everything in `db` that reads or writes business data.

    `region`, `branch` and `manager` are ids and say where the role holds: a manager has all three, a branch head, a
    deputy and a screen two, regional staff one, the others none. `sign_in` is the session they are in; the command line has none."""

    store: Store
    account: str
    role: str
    region: int | None = None
    branch: int | None = None
    manager: int | None = None
    sign_in: int | None = None

    @property
    def scope(self) -> tuple[str, int | None, int | None, int | None]:
        """What decides which rows the viewer sees."""
        return self.role, self.region, self.branch, self.manager

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the bank that what they see depends on. A manager's is their branch: whoever touches an entry
        made elsewhere touches the branches that its manager has worked in since."""
        if self.branch is not None:
            return parts.branch(self.branch), parts.shared_in(self.region)
        return (parts.BANK,) if self.region is None else (parts.region(self.region),)

    def parts_in(self, branch: int | None = None, **_place: int | None) -> tuple[str, ...]:
        """The parts that what they see of a place within their scope depends on."""
        return self.parts if branch is None else (parts.branch(branch), *self.parts[1:])

    def reading(self, *shared: str, snapshot: bool = False, log: bool = True) -> AbstractContextManager[Connection]:
        """A connection (Store.reading) for what lies within their scope, and what is shared besides; without the `log`
        for what no entry changes, nor what comes with one (parts.besides_log)."""
        scope, *others = self.parts
        return self.store.reading(scope if log else parts.besides_log(scope), *others, *shared, snapshot=snapshot)

    def cached(
        self, name: str, *args: Hashable, read: Callable[[], T], same_for_all: bool = False, action: str | None = None
    ) -> T:
        """What `read()` answers, remembered until somebody touches a part that it reads: once for everybody who sees
        the same part of the bank; for everybody who may do the `action` in the same part where all of it is read under
        that right; or `same_for_all` where neither the answer nor its parts depend on who asks."""
        if action is not None:
            return self.store.cached((name, *args, *scope(self, action).items(), self.parts), read)
        return self.store.cached((name, *args, None if same_for_all else self.scope), read)

    def by_branch(
        self,
        name: str,
        branches: Iterable[int],
        *args: Hashable,
        one: Callable[[int], T],
        together: Callable[[], Mapping[int, T]],
    ) -> list[T]:
        """What `one(branch)` answers of each of these branches, each remembered until somebody touches that branch, or
        what else the answer was read from. Where several are not known `together` is asked for those of all at once;
        they have to be what they are one by one."""
        others: list[set[str]] = []  # parts that the first answer was read from, besides its branch
        known: dict[int, T] = {}

        def read(branch: int) -> T:
            if not others:
                with parts.collected() as asked:
                    answer = one(branch)
                others.append(asked.places - {parts.branch(branch)})
            else:
                if not known:
                    with parts.collected():  # of all branches: what this one's depends on is said below
                        known.update(together())
                answer = known[branch]
            parts.depend_on(others[0] | {parts.branch(branch)})
            return answer

        with self.store.moment():  # whatever is read together is of the same version
            return [self.cached(name, *args, branch, read=partial(read, branch)) for branch in branches]


def reach(viewer: Viewer, action: str) -> dict[str, int] | None:
    """Where the viewer may do this: {"branch": 3}, {} for everywhere, None for nowhere."""
    if action not in RIGHTS:
        return None
    match "all" if viewer.role == OPERATOR else RIGHTS[action].get(viewer.role):
        case "all":
            return {}
        case "region" if viewer.region is not None:
            return {"region": viewer.region}
        case "branch" if viewer.branch is not None:
            return {"branch": viewer.branch}
        case "own" if viewer.manager is not None:
            return {"manager": viewer.manager}
    return None


def may(viewer: Viewer, action: str) -> bool:
    return reach(viewer, action) is not None


def covers(viewer: Viewer, action: str, **place: int | None) -> bool:
    """Whether the viewer may do this to something that belongs there (region, branch, manager)."""
    there = reach(viewer, action)
    return there is not None and all(place.get(level) == identity for level, identity in there.items())


def scope(viewer: Viewer, action: str) -> dict[str, int]:
    """Where the viewer may do this. Raises NotAllowed when nowhere, and notes the refusal in the audit trail."""
    there = reach(viewer, action)
    if there is None:
        raise refusal(viewer, action, DENIED)
    return there


def within(
    viewer: Viewer, action: str, *, region: Column = None, branch: Column = None, manager: Column = None
) -> ColumnElement[bool]:
    """The scope as a condition on the columns given; a scope whose column is not given matches nothing.

    Raises NotAllowed when the role lacks the action."""
    columns = {"region": region, "branch": branch, "manager": manager}
    condition: ColumnElement[bool] = true()
    for level, identity in scope(viewer, action).items():
        column = columns[level]
        if column is None:
            raise refusal(viewer, action, DENIED)
        condition = column == identity
    return condition


def check(
    viewer: Viewer,
    action: str,
    *,
    region: int | None,
    branch: int | None,
    manager: int | None,
    missing: str = OUT_OF_SCOPE,
) -> None:
    """Raises NotAllowed, noted in the audit trail, unless the viewer may do this to something that belongs there. The
    message is `missing`: the one that says that there is no such thing, so that nobody learns what others have."""
    scope(viewer, action)
    if not covers(viewer, action, region=region, branch=branch, manager=manager):
        raise refusal(viewer, action, missing)


def writing(viewer: Viewer, ahead: int | None = None) -> AbstractContextManager[Write]:
    """A write in the viewer's name (Store.writing). It begins by asking whether they are still signed in, as what they
    were when the page was drawn: a button pressed on an old page is a write too. Raises NotAllowed when they are
    not."""
    return on_behalf_of(viewer, viewer.store.writing(viewer.account, ahead))


def writing_note(viewer: Viewer) -> AbstractContextManager[Write]:
    """The same for what changes no number on any page (Store.noting)."""
    return on_behalf_of(viewer, viewer.store.noting(viewer.account))


@contextmanager
def on_behalf_of(viewer: Viewer, transaction: AbstractContextManager[Write]) -> Generator[Write]:
    token = _writing.set(refused := [])
    try:
        with transaction as write:
            if not is_current(write.session, viewer):
                raise refusal(viewer, "write", SIGNED_OUT)
            yield write
    finally:
        _writing.reset(token)
        for action in refused:
            note_refusal(viewer, action)


def is_current(session: Session, viewer: Viewer) -> bool:
    """Whether the session is alive and the account still has the role and the place it had. Who is in no session is a
    program that holds the database."""
    return not gone(session, [viewer])


def gone(session: Session, viewers: Sequence[Viewer]) -> list[Viewer]:
    """The viewers of whom that is not so."""
    asked = {one.sign_in for one in viewers if one.sign_in is not None}
    if not asked:
        return []
    columns = (Account.role, Account.region_id, Account.branch_id, Account.manager_id, Manager.left_on)
    statement = select(SignIn.id, *columns).join(Account, SignIn.account_id == Account.id)
    statement = statement.outerjoin(Manager, Manager.id == Account.manager_id)
    held = {one.id: one for one in session.execute(statement.where(SignIn.id.in_(asked), alive()))}
    return [
        one
        for one in viewers
        if one.sign_in is not None and (one.sign_in not in held or not is_unchanged(session, held[one.sign_in], one))
    ]


def is_unchanged(session: Session, account: Row[*tuple[Any, ...]], viewer: Viewer) -> bool:
    if viewer.role == DEPUTY:
        return account.role == "manager" and stands_in(session, account.manager_id, viewer.branch, bank_day())
    place = PLACE.get(viewer.role)
    is_there = place is None or getattr(account, f"{place}_id") == getattr(viewer, place)
    has_left = viewer.manager is not None and account.left_on is not None and account.left_on < bank_day()
    return account.role == viewer.role and is_there and not has_left


def stands_in(connection: Session | Connection, manager: int | None, branch: int | None, day: date) -> bool:
    """Whether a manager who works in the branch that day stands in for its head."""
    asked = {"manager": manager, "branch": branch, "day": day}
    return connection.execute(select_deputy(), asked).first() is not None


@cache
def select_deputy() -> Select[int]:
    """Built once, as every page of a manager asks for it."""
    manager, branch = bindparam("manager", type_=Integer()), bindparam("branch", type_=Integer())
    day = bindparam("day", type_=Date())
    here = (Posting.manager_id == Deputy.manager_id) & (Posting.branch_id == Deputy.branch_id)
    statement = select(Deputy.id).join(Posting, here).join(Manager, Manager.id == Deputy.manager_id)
    named = (Deputy.manager_id == manager, Deputy.branch_id == branch, Deputy.from_day <= day, Deputy.to_day >= day)
    posted = (
        or_(Posting.from_day.is_(None), Posting.from_day <= day),
        or_(Posting.to_day.is_(None), Posting.to_day >= day),
        or_(Manager.left_on.is_(None), Manager.left_on >= day),
    )
    return statement.where(*named, *posted).limit(1)


def alive(at: ColumnElement[datetime] | None = None) -> ColumnElement[bool]:
    """A session that was not ended and has not run out by now (or `at`), of an account that was not disabled."""
    return (
        SignIn.ended_at.is_(None) & Account.disabled_at.is_(None) & (SignIn.lasts_until > (now() if at is None else at))
    )


_writing: ContextVar[list[str] | None] = ContextVar("writing", default=None)


def refusal(viewer: Viewer, action: str, message: str, **values: object) -> NotAllowed:
    """The error to raise. Noted at once, or after the write that goes on was rolled back."""
    waiting = _writing.get()
    if waiting is not None:
        waiting.append(action)
    elif viewer.store is not None:
        note_refusal(viewer, action)
    return NotAllowed(message, **values)


def note_refusal(viewer: Viewer, action: str) -> None:
    with viewer.store.noting(viewer.account) as write:
        write.audit("refuse", action, None, None, {"role": viewer.role})
