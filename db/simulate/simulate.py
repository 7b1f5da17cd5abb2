"""One believable region, invented and written into an empty database, with the truth behind it for those who test."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import models
from db.engine import BANK_TIME, Store, Write
from db.errors import StorageError
from db.simulate.accounts import account_rows
from db.simulate.filling import fill, pour
from db.simulate.interviews import interview_rows
from db.simulate.log import Log, activity_frames, finish
from db.simulate.names import BRANCH_NAMES, REGION_NAME
from db.simulate.people import DAILY_CONSULTATIONS, Desk, Person, cast_roles, expect, hire, pace, seat
from db.simulate.places import customer_frame, opportunity_frames, register_rows, settle, territory_rows
from db.simulate.plans import (
    REGION,
    manager_plans,
    next_month,
    plan_rows,
    product_plan_rows,
    promise_rows,
    tally,
    week_promise_rows,
)
from db.simulate.shelf import entry_rows, view_rows
from db.simulate.territories import holding_rows, owner_rows
from db.simulate.visiting import visiting_rows
from db.simulate.work import write_log


@dataclass(frozen=True)
class Truth:
    """What the numbers should find. Dicts are by manager id, of those who worked at all; the deal rate is deals over
    applications once every opportunity has come to its end, direct cross-sell deals included."""

    daily_consultations: dict[int, float]
    application_rate: dict[int, float]
    deal_rate: dict[int, float]
    star: int
    closer: int | None
    busy_but_not_closing: int | None
    newcomers: tuple[int, ...]
    leavers: tuple[int, ...]
    transfers: tuple[int, ...]
    without_plan: int | None
    late_branch: int  # types everything in days afterwards
    padded_branch: int  # its plan is 3 % more than its managers'
    silent_branch: int  # has not held today's morning meeting
    stale_territory: int  # its register is years old: more customers than it counts
    breaches: tuple[int, ...]  # opportunities with a step dated before the one it depends on
    desks: tuple[Desk, ...] = field(
        default=(), compare=False, repr=False
    )  # who worked when, and what to expect of them


def simulate(
    store: Store,
    *,
    today: date,
    seed: int = 20260101,
    now_hour: float = 12.0,
    months: int = 14,
    branches: int = 8,
    managers: int = 90,
    daily: float = DAILY_CONSULTATIONS,
) -> Truth:
    """Fills an empty database with `months` calendar months, the last one ending at `now_hour` of `today`, bank time;
    `daily` is consultations of a manager on an average working day.

    The same arguments give the same rows. Raises StorageError when the database holds a region already, or when no
    working day falls in the months asked for."""
    rng = np.random.default_rng(seed)
    now = datetime.combine(today, time()) + timedelta(hours=now_hour)
    first = today.replace(day=1)
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    late_branch, padded_branch, silent_branch = branches, (branches + 1) // 2, 1

    with store.writing("simulation") as write:
        session = write.session
        if session.execute(select(models.Region.id)).first() or session.execute(select(models.Account.id)).first():
            raise StorageError("This database already holds a region: simulate into a new one.")
        known_days, festivals = working_days(session, first, next_month(next_month(today)) - timedelta(days=1))
        workdays, ahead = [day for day in known_days if day <= today], [day for day in known_days if day > today]
        if not workdays:
            raise StorageError(
                "No working day between {first} and {today}: ask for more months.", first=first, today=today
            )
        busy = pace(known_days, festivals, first, today)

        roles = cast_roles(rng, managers)
        people = [hire(rng, number, roles, workdays, daily) for number in range(1, managers + 1)]
        desks = seat(rng, people, roles, branches, workdays)
        for desk in desks:
            expect(desk, busy, workdays, desk.person.id in roles.newcomers)
        write_people(write, people, desks, branches, today)
        session.execute(update(models.ChangeCounter).values(is_demo=True))  # here anybody may enter as anybody

        log = Log(rng, products(session), today, now_hour * 60)
        write_log(log, desks)
        breaches = finish(log, now - BANK_TIME, late_branch)

        places = settle(rng, branches)
        customers = customer_frame(log, places)
        fill(write, models.Territory, territory_rows(places))
        fill(write, models.TerritoryRegister, register_rows(log, places, customers))
        fill(write, models.TerritoryOwner, owner_rows(desks, places, first))
        pour(write, models.Customer, [customers])
        fill(write, models.Holding, holding_rows(log, log.products))
        pour(write, models.Opportunity, opportunity_frames(log, REGION, workdays, ahead))
        pour(write, models.Activity, activity_frames(log, REGION, write.version))

        done = tally(log)
        targets = manager_plans(log, done, desks, roles, busy, ahead, first)
        plans = plan_rows(targets, desks, padded_branch)
        fill(write, models.Plan, plans)
        fill(write, models.Plan, product_plan_rows(log, plans))
        fill(write, models.Promise, promise_rows(log, targets, desks, ahead, workdays, silent_branch))
        fill(write, models.Promise, week_promise_rows(log, targets, desks, ahead, silent_branch))
        interviews, actions = interview_rows(log, done, desks, roles, targets, first, workdays)
        fill(write, models.Interview, interviews)
        fill(write, models.AgreedAction, actions)

        outings = visiting_rows(desks, places, workdays, now - BANK_TIME)
        for table, rows in zip((models.VisitingDay, models.VisitingPlace), outings, strict=True):
            fill(write, table, rows)
        entries = entry_rows(branches, REGION, today, now - BANK_TIME)
        fill(write, models.ShelfEntry, entries)
        fill(write, models.ShelfView, view_rows(entries, desks, today))

    rates = true_rates(desks)
    return Truth(
        daily_consultations=rates["daily_consultations"],
        application_rate=rates["application_rate"],
        deal_rate=rates["deal_rate"],
        **asdict(roles),
        late_branch=late_branch,
        padded_branch=padded_branch,
        silent_branch=silent_branch,
        stale_territory=next(place.id for place in places if place.is_stale),
        breaches=breaches,
        desks=tuple(desks),
    )


def working_days(session: Session, first: date, last: date) -> tuple[list[date], list[date]]:
    """The bank's working days, both ends included, and the first day of each Spring Festival among them. A year the
    calendar does not cover counts its weekdays and has no festival."""
    table = models.CalendarDay
    known = {
        row.day: row
        for row in session.execute(
            select(table.day, table.is_workday, table.name).where(table.day.between(first, last + timedelta(days=40)))
        )
    }
    days = [first + timedelta(days=nth) for nth in range((last - first).days + 1)]
    workdays = [day for day in days if (known[day].is_workday if day in known else day.weekday() < 5)]
    festivals: dict[int, date] = {}
    for day, row in sorted(known.items()):
        if row.name == "Spring Festival" and not row.is_workday:
            festivals.setdefault(day.year, day)
    return workdays, list(festivals.values())


def products(session: Session) -> dict[str, list[int]]:
    """Product ids by family, and those of wealth management, which alone among the cross-sold has an amount."""
    found = session.execute(select(models.Product.id, models.Product.family, models.Product.code)).all()
    families = {name: [row.id for row in found if row.family == name] for name in ("loan", "cross_sell")}
    return families | {"wealth": [row.id for row in found if row.code == "wealth"]}


def write_people(write: Write, people: list[Person], desks: list[Desk], branches: int, today: date) -> None:
    fill(write, models.Region, [{"id": REGION, "name": REGION_NAME}])
    names = [BRANCH_NAMES[nth] if nth < len(BRANCH_NAMES) else f"第{nth + 1}" for nth in range(branches)]
    named = {nth: f"{name}支行" for nth, name in enumerate(names, start=1)}
    fill(write, models.Branch, [{"id": nth, "region_id": REGION, "name": name} for nth, name in named.items()])
    columns = ("id", "staff_no", "name", "joined_on", "left_on")
    fill(write, models.Manager, [{name: getattr(person, name) for name in columns} for person in people])
    fill(
        write,
        models.Posting,
        [
            {"manager_id": desk.person.id, "branch_id": desk.branch, "from_day": desk.from_day, "to_day": desk.to_day}
            for desk in desks
        ],
    )
    fill(write, models.Account, account_rows(people, named, REGION_NAME, today))
    absences = [{"manager_id": person.id, "day": day} for person in people for day in sorted(person.absent)]
    fill(write, models.Absence, absences)


def true_rates(desks: list[Desk]) -> dict[str, dict[int, float]]:
    consultations: dict[int, list[float]] = {}
    applications: dict[int, list[float]] = {}
    for desk in desks:
        consultations.setdefault(desk.person.id, []).extend(desk.consultations.tolist())
        applications.setdefault(desk.person.id, []).extend((desk.consultations * desk.application_rates).tolist())
    at_work = {manager: days for manager, days in consultations.items() if days}
    return {
        "daily_consultations": {manager: sum(days) / len(days) for manager, days in at_work.items()},
        "application_rate": {manager: sum(applications[manager]) / sum(days) for manager, days in at_work.items()},
        "deal_rate": {desk.person.id: desk.person.deal_rate for desk in desks if desk.person.id in at_work},
    }
