"""The people of a simulated region: who works where and when, and how good each one is."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import numpy as np

from db.simulate.names import between, person_name, pick

WEEKDAY_PACE = (0.88, 1.05, 1.1, 1.05, 0.95, 0.6, 0.6)
GROWTH = 0.15
DAILY_CONSULTATIONS, APPLICATION_RATE, DEAL_RATE = 3.75, 0.135, 0.52
FIRST_STAFF_NO = 100_000
NEWCOMER_DAYS = 60  # working days until a newcomer is as good as they will be

Row = dict[str, Any]  # of any table: column → value, of whatever type the column has


@dataclass(frozen=True)
class Person:
    """A manager; `daily` is consultations on an average working day, the rates are what they reach once grown."""

    id: int
    name: str
    joined_on: date
    left_on: date | None
    daily: float
    application_rate: float
    deal_rate: float
    absent: frozenset[date]

    @property
    def staff_no(self) -> str:
        return str(FIRST_STAFF_NO + self.id)


@dataclass(eq=False)
class Desk:
    """One posting: a manager at a branch, the days they worked there, what to expect of each, and who took over."""

    person: Person
    branch: int
    from_day: date
    to_day: date | None
    days: list[date] = field(default_factory=list)
    consultations: np.ndarray = field(default_factory=lambda: np.array([]))
    application_rates: np.ndarray = field(default_factory=lambda: np.array([]))
    heirs: list["Desk"] = field(default_factory=list)

    def heir(self, customer: int) -> "Desk":
        """Who looks after the customer now: the manager while the posting lasts."""
        return self.heirs[customer % len(self.heirs)] if self.heirs else self

    def later(self, position: int, lag: int, customer: int) -> tuple["Desk", int] | None:
        """Whose desk, and which of its days, `lag` of the manager's working days on; None when that lies ahead."""
        if position + lag < len(self.days):
            return self, position + lag
        heir = self.heir(customer)
        handed_over = bisect_right(heir.days, cast(date, self.to_day)) if heir is not self else len(heir.days)
        return (heir, handed_over) if handed_over < len(heir.days) else None


@dataclass(frozen=True)
class Roles:
    """Which manager (id) plays which part; a very small region does without some."""

    star: int
    closer: int | None
    busy_but_not_closing: int | None
    newcomers: tuple[int, ...]
    leavers: tuple[int, ...]
    transfers: tuple[int, ...]
    without_plan: int | None


def cast_roles(rng: np.random.Generator, managers: int) -> Roles:
    cast = iter([int(number) + 1 for number in rng.permutation(managers)])
    few, some = round(managers * 0.045), round(managers * 0.09)

    def take(count: int) -> tuple[int, ...]:
        return tuple(sorted(number for number, _ in zip(cast, range(count), strict=False)))

    star, closer, busy = next(cast), next(cast, None), next(cast, None)
    return Roles(star, closer, busy, take(some), take(few), take(few), next(cast, None) if managers > 5 else None)


def hire(rng: np.random.Generator, number: int, roles: Roles, workdays: list[date], usual: float) -> Person:
    """`usual`: consultations of a manager on an average day."""
    daily = usual * float(np.clip(rng.lognormal(0, 0.15), 0.7, 1.4))
    application_rate = float(np.clip(rng.normal(APPLICATION_RATE, 0.015), 0.1, 0.18))
    deal_rate = float(np.clip(rng.normal(DEAL_RATE, 0.05), 0.42, 0.62))
    today = workdays[-1]
    joined_on = workdays[0] - timedelta(between(rng, 300, 4000))
    left_on = None
    if number == roles.star:
        daily, application_rate, deal_rate = usual * 1.5, APPLICATION_RATE * 1.35, DEAL_RATE * 1.3
    elif number == roles.closer:
        daily, application_rate, deal_rate = usual * 0.5, APPLICATION_RATE * 1.4, 0.78
    elif number == roles.busy_but_not_closing:
        daily, application_rate, deal_rate = usual * 1.6, APPLICATION_RATE * 0.85, 0.25
    elif number in roles.newcomers:
        daily, deal_rate = daily * 0.9, deal_rate * 0.8
        joined_on = max(workdays[0], today - timedelta(between(rng, 20, 85)))
    elif number in roles.leavers:
        left_on = workdays[int(len(workdays) * (0.4 + 0.45 * rng.random()))]
    absent = absent_days(rng, [day for day in workdays if joined_on < day and (left_on is None or day < left_on)])
    return Person(number, person_name(rng), joined_on, left_on, daily, application_rate, deal_rate, absent)


def absent_days(rng: np.random.Generator, days: list[date]) -> frozenset[date]:
    """About five days a year, in spells of one to three."""
    absent = set()
    for _ in range(rng.poisson(2.5 * len(days) / 248)):
        start = between(rng, 0, len(days) - 1)
        absent.update(days[start : start + between(rng, 1, 3)])
    return frozenset(absent)


def seat(
    rng: np.random.Generator, people: list[Person], roles: Roles, branches: int, workdays: list[date]
) -> list[Desk]:
    """One desk a posting. Transfers move on the first day of a month, so that a month's plan has one branch."""
    month_starts = sorted({day.replace(day=1) for day in workdays if day.replace(day=1) > workdays[0]})
    desks = []
    for person in people:
        branch = (person.id - 1) % branches + 1
        if person.id in roles.transfers and branches > 1 and month_starts:
            moved_on = pick(rng, month_starts)
            desks.append(Desk(person, branch, person.joined_on, moved_on - timedelta(1)))
            desks.append(Desk(person, branch % branches + 1, moved_on, None))
        else:
            desks.append(Desk(person, branch, person.joined_on, person.left_on))
    for desk in desks:
        if desk.to_day:
            desk.heirs = [other for other in desks if other.branch == desk.branch and is_there_throughout(other, roles)]
    return desks


def postings(desks: list[Desk]) -> dict[int, list[Desk]]:
    """Manager → their desks, one after the other."""
    found: dict[int, list[Desk]] = {}
    for desk in desks:
        found.setdefault(desk.person.id, []).append(desk)
    return found


def is_there_throughout(desk: Desk, roles: Roles) -> bool:
    return desk.person.id not in (*roles.newcomers, *roles.leavers, *roles.transfers)


def pace(days: list[date], festivals: list[date], first: date, today: date) -> dict[date, float]:
    """How busy each day is, 1.0 on average: the week's pattern, growth, and the quiet around the Spring Festival."""
    busy = {}
    for day in days:
        grown = 1 + GROWTH * (day - first).days / max((today - first).days, 1)
        distance = min(((day - festival).days for festival in festivals), key=abs, default=99)
        quiet = 0.55 if -12 <= distance < 0 else 0.75 if 0 <= distance <= 18 else 1.0
        busy[day] = WEEKDAY_PACE[day.weekday()] * grown * quiet
    mean = sum(busy.values()) / len(busy)
    return {day: value / mean for day, value in busy.items()}


def expect(desk: Desk, busy: dict[date, float], workdays: list[date], is_newcomer: bool) -> None:
    """Fills in the desk's days and what to expect of each; a newcomer starts at half and rises."""
    desk.days = [
        day
        for day in workdays
        if desk.from_day <= day and (desk.to_day is None or day <= desk.to_day) and day not in desk.person.absent
    ]
    served = np.arange(len(desk.days))
    skill = np.clip(0.5 + 0.5 * served / NEWCOMER_DAYS, 0, 1) if is_newcomer else np.ones(len(served))
    desk.consultations = np.array([busy[day] for day in desk.days]) * skill * desk.person.daily
    desk.application_rates = skill * desk.person.application_rate
