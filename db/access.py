"""Who may do what, where: one table, default deny. Nothing else in the project decides it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, true

from db.engine import Store
from db.errors import NotAllowed

# role → action → how far it reaches. What is not here is not allowed.
RIGHTS: dict[str, dict[str, str]] = {
    "manager": {
        "read_activity": "own",
        "record_activity": "own",
        "correct_activity": "own",
        "read_customers": "own",
        "read_people": "branch",
        "read_plans": "own",
        "read_promises": "own",
        "read_definitions": "all",
    },
    "branch_head": {
        "read_activity": "branch",
        "correct_activity": "branch",
        "read_customers": "branch",
        "read_people": "branch",
        "read_plans": "branch",
        "read_promises": "branch",
        "set_promises": "branch",
        "read_definitions": "all",
    },
    "regional": {
        "read_activity": "region",
        "read_people": "region",
        "read_plans": "region",
        "read_promises": "region",
        "read_definitions": "all",
    },
    "operator": dict.fromkeys(
        (
            "read_activity",
            "record_activity",
            "correct_activity",
            "read_customers",
            "read_people",
            "read_plans",
            "read_promises",
            "set_promises",
            "read_definitions",
            "import_data",
            "undo_import",
        ),
        "all",
    ),
}


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and of which store. First argument of everything in `db` that reads or writes business data.

    `region`, `branch` and `manager` are ids and say where the role holds: a manager has all three, a branch head
    two, regional staff one, the operator (the command line, for whoever owns the database) none."""

    store: Store
    account: str
    role: str
    region: int | None = None
    branch: int | None = None
    manager: int | None = None


def scope(viewer: Viewer, action: str) -> dict[str, int]:
    """Where the viewer may do this: {"branch": 3}, or {} for everywhere. Raises NotAllowed when nowhere."""
    reach = RIGHTS.get(viewer.role, {}).get(action)
    match reach:
        case "all":
            return {}
        case "region" if viewer.region is not None:
            return {"region": viewer.region}
        case "branch" if viewer.branch is not None:
            return {"branch": viewer.branch}
        case "own" if viewer.manager is not None:
            return {"manager": viewer.manager}
    raise NotAllowed("Your role does not include this. Ask your branch head or the administrator.")


def may(viewer: Viewer, action: str) -> bool:
    try:
        scope(viewer, action)
    except NotAllowed:
        return False
    return True


def within(viewer: Viewer, action: str, *, region=None, branch=None, manager=None) -> ColumnElement[bool]:
    """The scope as a condition on the columns given; a scope whose column is not given matches nothing.

    Raises NotAllowed when the role lacks the action."""
    columns = {"region": region, "branch": branch, "manager": manager}
    condition = true()
    for level, identity in scope(viewer, action).items():
        if columns[level] is None:
            raise NotAllowed("Your role does not include this. Ask your branch head or the administrator.")
        condition = columns[level] == identity
    return condition


def check(viewer: Viewer, action: str, *, region: int, branch: int, manager: int | None) -> None:
    """Raises NotAllowed unless the viewer may do this to something that belongs there."""
    there = {"region": region, "branch": branch, "manager": manager}
    for level, identity in scope(viewer, action).items():
        if there[level] != identity:
            raise NotAllowed("This belongs to another {level}.", level=level)
