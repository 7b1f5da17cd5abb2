"""Small banks of territories: rows that name only what matters."""

from datetime import date

import polars as pl

from metrics import frames
from metrics.definitions import Definitions, mark
from metrics.penetration.penetration import Cells, Frames, cells
from metrics.penetration.stock import first_days
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO, log
from tests.support.metrics.small_frames import BRANCHES, RULES

ON = date(2026, 11, 16)
LAKE, HILL, MARKET = 11, 12, 21  # two territories of the east, one of the south
PLACES = {LAKE: EAST, HILL: EAST, MARKET: SOUTH}
POSTED = ((WANG, EAST), (LI, EAST), (ZHAO, SOUTH))
BEGINNING = date(2026, 1, 1)


def deal(customer: int | None, product: int | None = None, **more) -> dict:
    return {"kind": "deal", "customer": customer, "product": product, **more}


def register(territory: int, potential: int, as_of: date = BEGINNING) -> dict:
    place = {"region": REGION, "branch": PLACES[territory], "territory": territory}
    return place | {"as_of": as_of, "potential_customers": potential, "source": "census"}


def owner(territory: int, manager: int, **more) -> dict:
    return {"territory": territory, "manager": manager, **more}


def customer(one: int, territory: int | None = None, **more) -> dict:
    """On the books of 王芳 in the east, not on file, apart from what is named."""
    home = {"region": REGION, "branch": EAST, "manager": WANG, "complete": False}
    return home | {"customer": one, "territory": territory, **more}


def holding(one: int, product: int, **more) -> dict:
    return {"customer": one, "product": product, "family": "cross_sell", "since": date(2020, 1, 1), **more}


def frame(schema: pl.Schema, rows) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema)


def bank(
    *rows: dict,
    customers=(),
    holdings=(),
    registers=(),
    owners=(),
    posted=POSTED,
    rules: Definitions = RULES,
    on: date = ON,
) -> Frames:
    """A bank of two branches whose log has these rows, on a day."""
    logged = mark(log(*rows), [rules]).lazy()
    places = [{"region": REGION, "branch": branch, "territory": one} for one, branch in PLACES.items()]
    return Frames(
        first_days(logged.filter(pl.col("day") <= on)),
        logged,
        frame(frames.CUSTOMER, customers),
        frame(frames.HOLDING, holdings),
        BRANCHES,
        frame(frames.TERRITORY, places),
        frame(frames.REGISTER, registers),
        frame(frames.OWNER, owners),
        pl.DataFrame(posted, {"manager": pl.Int32, "branch": pl.Int32}, orient="row"),
    )


def cells_of(*rows: dict, on: date = ON, first: date | None = None, rules: Definitions = RULES, **about) -> Cells:
    return cells(bank(*rows, rules=rules, on=on, **about), on, rules, first)
