"""The parts of the bank that a write touches, and that whatever is read depends on: branches, regions, and what is
shared. A write bumps every part it touches, old and new; one that says nothing bumps them all, and whoever reads without
saying what depends on everything: to forget a part costs speed, never a number."""

from collections.abc import Generator, Hashable, Iterable, Set
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from db.models import Branch, Posting

EVERYTHING = "everything"  # any write at all
NOTHING = ("nothing",)  # for what is asked anew every time: who is signed in, which version there is
OTHER = "other"  # what a write touches that does not say what; everybody depends on it
BANK = "bank"  # whatever lies in any branch or region
CALENDAR, DEFINITIONS, PRODUCTS, ACCOUNTS = "calendar", "definitions", "products", "accounts"
BESIDES_LOG = "-besides-its-log"
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


def besides_log(place: str) -> str:
    """What lies in a branch, a region or the bank and is no entry, nor comes with one as its customer and its opportunity
    do: who works there, plans, promises, meetings."""
    return f"{place}{BESIDES_LOG}"


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
    place = part.removesuffix(BESIDES_LOG)
    return place in (BANK, EVERYTHING) or place.startswith("region ")


@dataclass
class Touched:
    """What a write has said it touches."""

    names: set[str] = field(default_factory=set)
    branches: set[int] = field(default_factory=set)
    regions: set[int] = field(default_factory=set)
    # Of these nothing changes but entries, and what comes with them.
    log_branches: set[int] = field(default_factory=set)
    log_regions: set[int] = field(default_factory=set)
    of_the_past: set[int] = field(default_factory=set)  # branches whose log of days that are over changes

    def parts(self, session: Session) -> set[str]:
        """All parts to bump; OTHER where nothing was said."""
        there = self.branches | self.log_branches
        homes = dict(session.execute(select(Branch.id, Branch.region_id).where(Branch.id.in_(there))).all())
        whole = self._places({one: homes[one] for one in self.branches if one in homes}, self.regions)
        places = whole | self._places(homes, self.regions | self.log_regions)
        past = {past_of(homes[one]) for one in self.of_the_past if one in homes}
        return self.names | places | set(map(besides_log, whole)) | (past | {PAST} if past else set()) or {OTHER}

    @staticmethod
    def _places(homes: dict[int, int], regions: set[int]) -> set[str]:
        """These branches, with their regions and others, and the bank that they lie in."""
        places = {*map(branch, homes), *map(region, {*homes.values(), *regions})}
        return places | ({BANK} if places else set())


def branches_of(session: Session, managers: Iterable[int], *since: ColumnElement[bool]) -> set[int]:
    """The branches the managers were ever posted to, or in stays that fulfil `since`."""
    stays = select(Posting.branch_id).where(Posting.manager_id.in_(there := set(managers)), *since)
    return set(session.scalars(stays.distinct())) if there else set()


def not_over(day: object) -> ColumnElement[bool]:
    """Stays that last until the day, or longer."""
    return or_(Posting.to_day.is_(None), Posting.to_day >= day)


class Watched(Protocol):
    """Something that says itself whether it is still what it was: finer than the parts that it lies in."""

    @property
    def parts(self) -> Iterable[str]: ...

    def stamp(self, version: object) -> Hashable:
        """Equal at two versions between which it did not change."""


@dataclass(slots=True)
class Asked:
    """What an answer was made of: it is as old as the first touch of one of the `parts`, and as the first change of
    what is `watched`, given with the stamp that it had."""

    parts: Set[str] = field(default_factory=set)
    watched: dict[Watched, Hashable] = field(default_factory=dict)

    @property
    def places(self) -> set[str]:
        """All parts that it lies in: who touches none of them changes nothing of it."""
        return set(self.parts).union(*(one.parts for one in self.watched))

    def add(self, other: "Asked") -> None:
        self.parts |= other.parts
        self.watched = other.watched | self.watched  # what was read of an older version says how old all of it is

    def holds(self, version: object) -> bool:
        """Whether what is watched is as it was; the parts are the version's to tell."""
        return all(one.stamp(version) == stamp for one, stamp in self.watched.items())


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def depend_on(parts: Iterable[str]) -> None:
    """Says what is being read, to whoever wants to know what their answer depends on."""
    depend(Asked(set(parts)))


def depend(asked: Asked) -> None:
    """The same of all that something else was made of."""
    own = _asked.get()
    if own is not None:
        own.add(asked)


@contextmanager
def collected() -> Generator[Asked]:
    """What is read inside, known at the end; what is outside does not hear of it."""
    asked = Asked()
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)
