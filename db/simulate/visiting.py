"""The last visiting day of each branch of a simulated region. Chosen without a draw, so that nothing else of the region depends
on it."""

from datetime import date, datetime

from db.codes import VISIT_PARTS
from db.simulate.log import Log
from db.simulate.people import Desk, Row
from db.simulate.places import Place

BACK = 4  # working days ago
TARGET = 5  # visits a group
TOGETHER = 4  # visits of a day that a group made together, at most


def visiting_rows(
    log: Log, desks: list[Desk], places: list[Place], workdays: list[date], planned_at: datetime
) -> tuple[list[Row], list[Row], list[Row]]:
    """The visiting days, who went in which group, and who else was there at a visit. None where the log is too short."""
    days: list[Row] = []
    going: list[Row] = []
    partners: list[Row] = []
    if len(workdays) < BACK:
        return days, going, partners
    on = workdays[-BACK]
    for branch in sorted({place.branch for place in places}):
        team = [desk.person.id for desk in desks if desk.branch == branch and on in desk.days]
        if len(team) < 2:
            continue
        territory = next(place.id for place in places if place.branch == branch)
        number = len(days) + 1
        about = {"leader_id": team[0], "territory_id": territory, "target": TARGET}
        days.append(
            {
                "id": number,
                "branch_id": branch,
                "day": on,
                **about,
                "planned_by": f"head-{branch}",
                "planned_at": planned_at,
            }
        )
        for group, members in enumerate(groups(team), start=1):
            parts = dict(zip(members, VISIT_PARTS, strict=False))
            going += [
                {"visiting_day_id": number, "manager_id": one, "group_number": group, "part": part}
                for one, part in parts.items()
            ]
            partners += [
                {"activity_id": row["id"], "manager_id": one, "part": parts[one]}
                for row in visits_of(log, members[0], on)
                for one in members[1:]
            ]
    return days, going, partners


def groups(team: list[int]) -> list[list[int]]:
    """Of two, the last of three where their number is odd."""
    found = [team[nth : nth + 2] for nth in range(0, len(team) - len(team) % 2, 2)]
    if len(team) % 2:
        found[-1].append(team[-1])
    return found


def visits_of(log: Log, manager: int, on: date) -> list[Row]:
    mine = [row for row in log.rows if row["manager_id"] == manager and row["day"] == on]
    return [row for row in mine if row["kind"] == "consultation" and row["customer_id"] is not None][:TOGETHER]
