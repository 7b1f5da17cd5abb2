"""Accounts as people name them: by login, and a place by its staff number or name."""

import polars as pl

from dashboard.stores import operator
from db import accounts, people
from db.access import PLACE
from db.engine import Store
from db.errors import Refused


def add(store: Store, login: str, name: str, role: str, place: str | None, password: str) -> None:
    accounts.add(operator(store), login, name, role, placed(store, role, place or ""), password, must_change=False)


def disable(store: Store, login: str) -> None:
    accounts.disable(operator(store), identity(store, login))


def set_password(store: Store, login: str, password: str) -> None:
    accounts.set_password(operator(store), identity(store, login), password, must_change=False)


def identity(store: Store, login: str) -> int:
    found = accounts.listing(operator(store)).filter(pl.col("login") == login)["account"]
    if found.is_empty():
        raise Refused("“{login}” has no account.", login=login)
    return found.item()


def placed(store: Store, role: str, name: str) -> int | None:
    """The id of the manager of this staff number, or of the branch or region of this name, as the role needs it; of two
    branches of one name region/branch says which. Raises Refused when there is none, or more than one."""
    level, viewer = PLACE.get(role), operator(store)
    if level is None:
        return None
    if level == "manager":
        found = people.names(viewer).filter(pl.col("staff_no") == name)["manager"]
    else:
        whole = pl.col("region_name") + "/" + pl.col("branch_name")
        is_it = (pl.col(f"{level}_name") == name) | ((whole == name) & (level == "branch"))
        found = people.branches(viewer).filter(is_it)[level].unique()
    if len(found) != 1:
        raise Refused("“{name}” is not known here, or not unique.", name=name)
    return found[0]
