"""Accounts as people name them: by login, and a place by its staff number or name."""

import polars as pl

from dashboard.shell.store import operator
from db import identity
from db.accounts import accounts
from db.engine import Store
from db.errors import Refused
from db.people import people
from db.rights import PLACE


def add(store: Store, login: str, name: str, role: str, place: str | None, password: str) -> None:
    accounts.add(operator(store), login, name, role, placed(store, role, place or ""), password, must_change=False)


def disable(store: Store, login: str) -> None:
    accounts.disable(operator(store), account_id(store, login))


def set_password(store: Store, login: str, password: str) -> None:
    accounts.set_password(operator(store), account_id(store, login), password, must_change=False)


def account_id(store: Store, login: str) -> int:
    found = accounts.identity_of(operator(store), login)
    if found is None:
        raise Refused("“{login}” has no account.", login=login)
    return found


def placed(store: Store, role: str, name: str) -> int | None:
    """The id of the manager of this staff number, or of the branch or region of this name, as the role needs it; of two
    branches of one name region/branch says which. Raises Refused when there is none, or more than one."""
    level, viewer = PLACE.get(role), operator(store)
    if level is None:
        return None
    if level == "manager":
        is_it = identity.numbers(pl.col("staff_no")) == identity.number(name)
        found = people.names(viewer).filter(is_it)["manager"]
    else:
        whole = identity.keys(pl.col("region_name") + "/" + pl.col("branch_name"))
        called = identity.keys(pl.col(f"{level}_name"))
        is_it = (called == identity.key(name)) | ((whole == identity.key(name)) & (level == "branch"))
        found = people.branches(viewer).filter(is_it)[level].unique()
    if len(found) != 1:
        raise Refused("“{name}” is unknown here, or not unique.", name=name)
    return found[0]
