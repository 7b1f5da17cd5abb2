"""Who looks after a territory from which day to which, and for which part of it: the rules, whoever writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Integer, insert, select

from db.engine import Write
from db.models import Manager, Posting, Territory, TerritoryOwner
from db.store.bulk import listed

TOLERANCE = 1e-9  # thirds written with some digits are still a whole
ONE_DAY = timedelta(1)


@dataclass(frozen=True)
class Stay:
    """An owner's days in a territory, both included; open ends are the ends of the calendar. `share` is null where they
    share equally; `row` is the stored one, None for a new one."""

    manager: int
    first: date
    last: date
    share: float | None
    row: int | None = None


def stay(manager: int, from_day: date | None, to_day: date | None, share: float | None, row: int | None = None) -> Stay:
    return Stay(manager, from_day or date.min, to_day or date.max, share, row)


def stored(write: Write, territories: Iterable[int]) -> dict[int, list[Stay]]:
    """Every stay of the territories, by territory."""
    found: dict[int, list[Stay]] = {one: [] for one in territories}
    asked = listed(write.session, pl.Series([*found], dtype=pl.Int64), Integer())
    rows = select(TerritoryOwner).join(asked, TerritoryOwner.territory_id == asked.c.value).order_by(TerritoryOwner.id)
    for one in write.session.scalars(rows):
        found[one.territory_id].append(stay(one.manager_id, one.from_day, one.to_day, one.share, one.id))
    return found


def placed(stays: list[Stay], new: Stay) -> list[Stay]:
    """The stays with a new one among them. One of the same owner from the same day is corrected by it; one that is still
    going on ends the day before, and the new one the day before their next."""
    own = [one for one in stays if one.manager == new.manager]
    following = min((one.first for one in own if one.first > new.first), default=None)
    if following is not None:
        new = replace(new, last=min(new.last, following - ONE_DAY))
    found = []
    for one in stays:
        if one.manager == new.manager and one.first == new.first:
            new = replace(new, row=one.row)
            continue
        if one.manager == new.manager and one.first < new.first <= one.last:
            one = replace(one, last=new.first - ONE_DAY)
        found.append(one)
    return [*found, new]


def overfull(stays: list[Stay]) -> date | None:
    """The first day on which the stated shares are more than 1; None where they never are."""
    for day in sorted(one.first for one in stays):
        stated = [one.share for one in stays if one.first <= day <= one.last and one.share is not None]
        if sum(stated) > 1 + TOLERANCE:
            return day
    return None


def are_posted(write: Write, territory: int, one: Stay) -> bool:
    """Whether the owner works in the territory's branch on one of the days: they own nothing on any other."""
    place = select(Territory.branch_id).where(Territory.id == territory).scalar_subquery()
    statement = select(Posting.from_day, Posting.to_day, Manager.joined_on, Manager.left_on)
    statement = statement.join(Manager, Manager.id == Posting.manager_id)
    for from_day, to_day, joined, left in write.session.execute(
        statement.where(Posting.manager_id == one.manager, Posting.branch_id == place)
    ):
        first = max(from_day or date.min, joined or date.min, one.first)
        if first <= min(to_day or date.max, left or date.max, one.last):
            return True
    return False


def keep(write: Write, changes: Mapping[int, tuple[list[Stay], list[Stay]]]) -> None:
    """Stores what has changed of territories (id → the stays before and after), old → new in the trail."""
    new, said, gone = [], [], []
    for territory, (before, after) in changes.items():
        known = {one.row: one for one in before}
        for one in after:
            was = known.get(one.row)
            if was == one:
                continue
            if one.row is None:
                new.append({"territory_id": territory, "manager_id": one.manager, **columns(one)})
            else:
                held = write.session.get_one(TerritoryOwner, one.row)
                for name, value in columns(one).items():
                    setattr(held, name, value)
            said.append((territory, facts(was) if was is not None else None, facts(one)))
        for one in before:
            if one.row not in {other.row for other in after}:
                write.session.delete(write.session.get_one(TerritoryOwner, one.row))
                gone.append((territory, facts(one), None))
    write.session.flush()
    if new:
        write.session.execute(insert(TerritoryOwner), new)
    write.audit_all("set", "territory_owner", said)
    write.audit_all("void", "territory_owner", gone)
    asked = listed(write.session, pl.Series([*changes], dtype=pl.Int64), Integer())
    places = select(Territory.branch_id).distinct().join(asked, Territory.id == asked.c.value)
    write.touch(branches=write.session.scalars(places))


def columns(one: Stay) -> dict[str, object]:
    return {
        "from_day": None if one.first == date.min else one.first,
        "to_day": None if one.last == date.max else one.last,
        "share": one.share,
    }


def facts(one: Stay) -> dict[str, object]:
    return {"manager": one.manager, **columns(one)}
