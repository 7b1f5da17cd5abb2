"""A visiting day as pages and meetings show it."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from db.access import Viewer
from db.calendar import calendar
from db.codes import VISIT_PARTS
from db.log import activity
from db.meetings import visiting
from db.recording import visits
from metrics.meetings import NORMAL_DAYS, beside_normal
from metrics.periods import Period

BEFORE = timedelta(62)  # long enough for as many working days as a normal one is the mean of


@dataclass(frozen=True)
class Outing:
    """One visiting day: the row of visiting.DAY, who goes (visiting.TEAM) and the visits made together
    (visits.VISIT)."""

    day: dict
    team: pl.DataFrame
    visits: pl.DataFrame

    def groups(self) -> list[dict]:
        """One a group: number, its `members`, `parts` (code → names) and how many visits it has made."""
        found = []
        for number in self.team["group"].unique(maintain_order=True):
            members = self.team.filter(pl.col("group") == number)
            made = number_of(self.visits.filter(pl.col("manager").is_in(members["manager"].implode())))
            parts = {one: members.filter(pl.col("part") == one)["manager_name"].to_list() for one in VISIT_PARTS}
            found.append({"group": number, "members": members["manager"].to_list(), "parts": parts, "visits": made})
        return found

    def made(self) -> int:
        return sum(group["visits"] for group in self.groups())

    def entered_twice(self) -> list[list[str]]:
        """Of each visit that several of a group have entered, who did: it counts once."""
        each = self.visits.filter(pl.col("customer").is_not_null()).select("customer", "manager").unique()
        each = each.join(self.team.select("manager", "manager_name", "group"), on="manager", maintain_order="left")
        parts = each.sort("manager").partition_by("group", "customer", maintain_order=True)
        return [part["manager_name"].to_list() for part in parts if part.height > 1]


def number_of(entries: pl.DataFrame) -> int:
    """Visits among the entries of one group (visits.VISIT): those of one customer are one."""
    return entries.select(pl.coalesce("customer", -pl.col("activity"))).n_unique()


def outing(viewer: Viewer, day: dict) -> Outing:
    """The visiting day of this row of visiting.DAY."""
    return Outing(day, visiting.team(viewer, day["visiting"]), visits.made(viewer, day["branch"], day["day"]))


def brought(viewer: Viewer, outing: Outing) -> pl.DataFrame:
    """What the day brought those who went, beside a normal day of theirs (metrics.meetings.beside_normal), within what
    the viewer sees."""
    on: date = outing.day["day"]
    days = (
        calendar.read(viewer, Period(on - BEFORE, on - timedelta(1)))
        .filter("is_workday")["day"]
        .to_list()[-NORMAL_DAYS:]
    )
    log = activity.read(viewer, Period(days[0] if days else on, on))
    return beside_normal(log.filter(pl.col("manager").is_in(outing.team["manager"].implode())), on, days)
