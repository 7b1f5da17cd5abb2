"""The last visiting day of each branch of a simulated region. Chosen without a draw, so that nothing else of the region depends
on it."""

from datetime import date, datetime

from db.codes import VISIT_PARTS
from db.simulate.people import Desk, Row
from db.simulate.places import Place

BACK = 4  # working days ago
TARGET = 5  # visits a group


def visiting_rows(
    desks: list[Desk], places: list[Place], workdays: list[date], planned_at: datetime
) -> tuple[list[Row], list[Row]]:
    """The visiting days, and who went in which group. None where the log is too short."""
    days: list[Row] = []
    going: list[Row] = []
    if len(workdays) < BACK:
        return days, going
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
    return days, going


def groups(team: list[int]) -> list[list[int]]:
    """Of two, the last of three where their number is odd."""
    found = [team[nth : nth + 2] for nth in range(0, len(team) - len(team) % 2, 2)]
    if len(team) % 2:
        found[-1].append(team[-1])
    return found
