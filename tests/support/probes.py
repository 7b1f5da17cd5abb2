"""Who asks in the probes, what is theirs, and what must not reach them."""

from collections.abc import Callable

import polars as pl

from db.access import Viewer
from db.accounts import sign_in
from db.engine import Store
from db.errors import StorageError
from tests.conftest import FRIDAY
from tests.support.pages import signed_in
from tests.support.three_regions import BRANCH_OF, BRANCHES, CUSTOMERS, REGIONS, TEAM

AS = {
    "manager": "manager-700111",
    "branch_head": "branch_head-70011",
    "regional": "regional-7001",
    "screen": "screen-70011",
    "administrator": "administrator",
    "auditor": "auditor",
}


OWN = {  # what each of them may see, by kind
    "manager": {"region": {7001}, "branch": {70011}, "manager": {700111}, "customer": set(CUSTOMERS[700111])},
    "branch_head": {"region": {7001}, "branch": {70011}, "manager": set(TEAM[70011])},
    "regional": {"region": {7001}, "branch": set(BRANCHES[7001])},
}
OWN["branch_head"]["customer"] = {one for manager in TEAM[70011] for one in CUSTOMERS[manager]}
OWN["regional"]["manager"] = {one for branch in BRANCHES[7001] for one in TEAM[branch]}
OWN["regional"]["customer"] = {one for manager in OWN["regional"]["manager"] for one in CUSTOMERS[manager]}
OWN["screen"] = OWN["branch_head"] | {"customer": set()}


ALL = {"region": REGIONS, "branch": TEAM, "manager": BRANCH_OF, "customer": sum(CUSTOMERS.values(), ())}


def foreign(role: str, kind: str) -> list[int]:
    """The ids of that kind which are not the role's; for whom nothing is foreign, all of them."""
    return [one for one in ALL[kind] if one not in OWN.get(role, {}).get(kind, ())]


def viewer(store: Store, role: str) -> Viewer:
    return sign_in.viewer(store, signed_in(store, AS[role]), FRIDAY)


def leaks(sent: bytes, words: set[str]) -> list[str]:
    return [word for word in words if word.encode() in sent]


def answer(ask: Callable[[], object]) -> object:
    """What is answered, in a form that can be compared: the same words for the same refusal."""
    try:
        found = ask()
    except StorageError as error:
        return type(error).__name__, error.message, error.values
    frames = found if isinstance(found, tuple) else (found,)
    return [one.to_dicts() if isinstance(one, pl.DataFrame) else one for one in frames]
