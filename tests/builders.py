"""One small cast for all tests: 江城分行 with 东湖支行 (王芳 1001, 李强 1002) and 南山支行 (赵敏 1003, nobody else)."""

from datetime import date

import polars as pl
from sqlalchemy import insert

from db.access import Viewer
from db.engine import Store
from db.models import Branch, Manager, Posting, Region
from metrics.frames import LOG

REGION, EAST, SOUTH = 1, 1, 2
WANG, LI, ZHAO = 1, 2, 3
MONDAY = date(2026, 11, 16)


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
