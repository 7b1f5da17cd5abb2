"""The parts of the bank that a write touches, and that whatever is read depends on: branches, regions, and what is
shared. A write bumps every part it touches, old and new; one that says nothing bumps them all, and whoever reads without
saying what depends on everything: to forget a part costs speed, never a number."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from db.models import Branch, Posting

EVERYTHING = "everything"  # any write at all
NOTHING = ("nothing",)  # for what is asked anew every time: who is signed in, which version there is
OTHER = "other"  # what a write touches that does not say what; everybody depends on it
BANK = "bank"  # whatever lies in any branch or region
CALENDAR, DEFINITIONS, PRODUCTS, ACCOUNTS = "calendar", "definitions", "products", "accounts"
SHELF_OF_THE_BANK = "shelf"
PAST = "past"  # of the bank: its log up to yesterday


def branch(identity: int) -> str:
    """What lies in one branch."""
    return f"branch {identity}"


def meetings_of(branch: int) -> str:
    """What is written while a branch's meeting runs: which item, who is there, notes. No number on another page."""
    return f"meetings of branch {branch}"


def shelf_of(region: int) -> str:
    """What a region and its branches have written on their shelf."""
    return f"shelf of region {region}"


def region(identity: int) -> str:
    """What lies in a region, all its branches included."""
    return f"region {identity}"


def shared_in(region: int | None) -> str:
    """What a region's branches share: definitions of its own. Of the whole bank: DEFINITIONS."""
    return DEFINITIONS if region is None else f"shared in region {region}"


def past_of(region: int | None) -> str:
    """The region's log up to yesterday: what norms are made of, which run nobody's page again."""
    return PAST if region is None else f"past of region {region}"


def is_quiet(part: str) -> bool:
    return part.startswith(PAST)


def is_wide(part: str) -> bool:
    """Whether it is touched by many: who shows it is woken seldom."""
    return part in (BANK, EVERYTHING) or part.startswith("region ")


@dataclass
class Touched:
    """What a write has said it touches."""

    names: set[str] = field(default_factory=set)
    branches: set[int] = field(default_factory=set)
    regions: set[int] = field(default_factory=set)
    of_the_past: set[int] = field(default_factory=set)  # branches whose log of days that are over changes

    def parts(self, session: Session) -> set[str]:
        """All parts to bump; OTHER where nothing was said."""
        homes = dict(session.execute(select(Branch.id, Branch.region_id).where(Branch.id.in_(self.branches))).all())
        regions = self.regions | set(homes.values())
        places = {*map(branch, homes), *map(region, regions)}
        past = {past_of(homes[one]) for one in self.of_the_past if one in homes}
        return self.names | places | ({BANK} if places else set()) | (past | {PAST} if past else set()) or {OTHER}


def branches_of(session: Session, managers: Iterable[int], *since: ColumnElement[bool]) -> set[int]:
    """The branches the managers were ever posted to, or in stays that fulfil `since`."""
    return set(
        session.scalars(select(Posting.branch_id).where(Posting.manager_id.in_(set(managers)), *since).distinct())
    )


def not_over(day: object) -> ColumnElement[bool]:
    """Stays that last until the day, or longer."""
    return or_(Posting.to_day.is_(None), Posting.to_day >= day)


_asked: ContextVar[set[str] | None] = ContextVar("asked", default=None)


def depend_on(parts: Iterable[str]) -> None:
    """Says what is being read, to whoever wants to know what their answer depends on."""
    asked = _asked.get()
    if asked is not None:
        asked.update(parts)


@contextmanager
def collected() -> Generator[set[str]]:
    """The parts that are read inside, known at the end; what is outside does not hear of them."""
    asked: set[str] = set()
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)
