"""The demo's accounts: everybody of the simulated region, and the bank's own people. None has a password."""

from datetime import date

from db.simulate.people import Person, Row
from db.simulate.plans import REGION


def account_rows(people: list[Person], branches: dict[int, str], region: str, today: date) -> list[Row]:
    """One account a manager at work, a head and a screen a branch, one each for region, administration and audit."""
    rows = [account("region-1", region, "regional", region_id=REGION)]
    for branch, name in branches.items():
        rows.append(account(f"head-{branch}", name, "branch_head", branch_id=branch))
        rows.append(account(f"screen-{branch}", name, "screen", branch_id=branch))
    at_work = [person for person in people if person.left_on is None or person.left_on >= today]
    rows += [account(person.staff_no, person.name, "manager", manager_id=person.id) for person in at_work]
    return [*rows, account("admin", "管理员", "administrator"), account("auditor", "审计", "auditor")]


def account(login: str, name: str, role: str, **place: int) -> Row:
    nowhere = {"region_id": None, "branch_id": None, "manager_id": None}
    return nowhere | place | {"login": login, "name": name, "role": role, "must_change": False}
