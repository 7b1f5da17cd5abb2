"""One small cast for all tests: 江城分行 with 东湖支行 (王芳 1001, 李强 1002) and 南山支行 (赵敏 1003, nobody else)."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl
from sqlalchemy import insert

from db.access import Viewer
from db.accounts import accounts, sign_in
from db.accounts.throttling import Browser
from db.engine import Store
from db.models import Branch, Manager, Posting, Region, Territory, TerritoryRegister
from db.rights import OPERATOR
from metrics.frames import LOG

REGION, EAST, SOUTH = 1, 1, 2
WANG, LI, ZHAO = 1, 2, 3
FAR, NORTH, SUN = 2, 3, 4
MONDAY = date(2026, 11, 16)
BROWSER = Browser("10.0.0.1", None, timedelta(minutes=30), timedelta(hours=12))
PASSWORD = "right-horse-battery"


def bank(store: Store) -> Store:
    """Adds the cast to an empty store."""
    with store.writing("test") as write:
        run = write.session.execute
        run(insert(Region), [{"id": REGION, "name": "江城分行"}])
        branches = [(EAST, "东湖支行"), (SOUTH, "南山支行")]
        run(insert(Branch), [{"id": one, "region_id": REGION, "name": name} for one, name in branches])
        people = [(WANG, "1001", "王芳"), (LI, "1002", "李强"), (ZHAO, "1003", "赵敏")]
        run(insert(Manager), [{"id": one, "staff_no": number, "name": name} for one, number, name in people])
        places = [(WANG, EAST), (LI, EAST), (ZHAO, SOUTH)]
        run(insert(Posting), [{"manager_id": manager, "branch_id": branch} for manager, branch in places])
        write.settle_ids(Region, Branch, Manager, Posting)
    return store


def far_region(store: Store) -> Store:
    """Adds 山城分行 with 北门支行 (孙梅 1004) to the cast."""
    with store.writing("test") as write:
        for row in (
            Region(id=FAR, name="山城分行"),
            Branch(id=NORTH, region_id=FAR, name="北门支行"),
            Manager(id=SUN, staff_no="1004", name="孙梅"),
            Posting(manager_id=SUN, branch_id=NORTH),
        ):
            write.session.add(row)
            write.session.flush()
        write.settle_ids(Region, Branch, Manager)
    return store


def with_territories(store: Store, branches: Iterable[int] = (EAST, SOUTH)) -> Store:
    """Adds 社区 to each branch, under its number, counted to hold ten customers."""
    with store.writing("test") as write:
        for branch in branches:
            write.session.add(Territory(id=branch, branch_id=branch, name="社区"))
            write.session.flush()
            counted = {"territory_id": branch, "as_of": date(2026, 1, 1), "source": "普查"}
            write.session.add(TerritoryRegister(potential_customers=10, **counted))
        write.settle_ids(Territory)
    return store


def account(store: Store, login: str, role: str, place: int | None = None, password: str | None = None) -> int:
    """An account; without a password nothing is hashed, and its session is begun by `enter`."""
    by = Viewer(store, "operator", OPERATOR)
    return accounts.add(by, login, f"somebody called {login}", role, place, password, must_change=False)


def enter(store: Store, login: str, browser: Browser = BROWSER, today: date = MONDAY) -> Viewer | None:
    """Whoever is in a session that begins now."""
    token = sign_in.start(store, login, browser).token
    return sign_in.viewer(store, sign_in.find(store, token), today)


def signed_in(store: Store, role: str, place: int | None = None, login: str | None = None) -> Viewer:
    """Somebody with an account of their own and an open session."""
    login = login or f"{role}-{place or 0}"
    account(store, login, role, place)
    return enter(store, login)


def manager(store: Store, identity: int = WANG, branch: int = EAST) -> Viewer:
    return Viewer(store, f"manager {identity}", "manager", REGION, branch, identity)


def head(store: Store, branch: int = EAST) -> Viewer:
    return Viewer(store, f"head {branch}", "branch_head", REGION, branch)


def regional(store: Store) -> Viewer:
    return Viewer(store, "regional", "regional", REGION)


def log(*rows: dict) -> pl.DataFrame:
    """A log frame (metrics.frames.LOG) of rows that name only what matters; ids are given in order."""
    usual = {
        "day": MONDAY,
        "region": REGION,
        "branch": EAST,
        "manager": WANG,
        "kind": "consultation",
        "effective": True,
    }
    full = [dict.fromkeys(LOG) | usual | {"id": place} | row for place, row in enumerate(rows, 1)]
    return pl.DataFrame(full, schema=LOG)


def csv(header: str, *rows: str) -> bytes:
    return "\n".join((header, *rows)).encode()
