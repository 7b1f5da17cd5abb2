"""The frame contract: the columns metrics may rely on, and storage has to hand out. A test holds it on both sides."""

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pandera.polars as pa

KINDS = (
    "consultation",
    "application",
    "acceptance",
    "investigation",
    "review",
    "committee",
    "approval",
    "contract",
    "deal",
    "rejected",
    "withdrawn",
)
FAMILIES = ("loan", "cross_sell")
CHANNELS = ("roadshow", "holiday", "event", "crossover", "wechat", "interest", "batch", "partner")
METHODS = ("visit", "phone", "leaflet", "mail", "gathering", "referral")

# One row an activity as it is marked: ids as integers, codes as enums, names are joined after aggregation.
ACTIVITY = pl.Schema(
    {
        "id": pl.Int32,
        "day": pl.Date,
        "region": pl.Int32,
        "branch": pl.Int32,
        "manager": pl.Int32,
        "kind": pl.Enum(KINDS),
        "counted": pl.Boolean,
        "customer": pl.Int32,
        "opportunity": pl.Int32,
        "product": pl.Int32,
        "family": pl.Enum(FAMILIES),
        "channel": pl.Enum(CHANNELS),
        "method": pl.Enum(METHODS),
        "amount_cents": pl.Int64,
    }
)

# The same rows before `metrics.definitions.mark`: what the manager stated, and the second of the day for order.
STATED = pl.Schema(
    {
        "second": pl.Int32,
        "party": pl.Int32,
        "effective": pl.Boolean,
        "met_decider": pl.Boolean,
        "need_recorded": pl.Boolean,
    }
)
LOG = pl.Schema({**{name: kind for name, kind in ACTIVITY.items() if name != "counted"}, **STATED})

# One row an activity of an opportunity; the family is that of the opportunity, one for all its rows.
STEP = pl.Schema({"opportunity": pl.Int32, "family": pl.Enum(FAMILIES), "kind": pl.Enum(KINDS), "day": pl.Date})

# One row a manager, branch and day they are posted there; `away` is the part of the day they are on leave: 0, 0.5 or 1.
POSTING_DAY = pl.Schema(
    {"manager": pl.Int32, "branch": pl.Int32, "region": pl.Int32, "day": pl.Date, "away": pl.Float64}
)

# One row a day of a period; `known` is false where the bank's calendar has no such year and weekdays stand in.
CALENDAR = pl.Schema({"day": pl.Date, "is_workday": pl.Boolean, "known": pl.Boolean})

# One row a plan: exactly one of region, branch, manager is set; of one product, or null for all; amounts in cents. It is
# meant for the days from `from_day` to `to_day` of the month: those on which a manager was to be there when it was set.
# Null means the days they are there.
PLAN = pl.Schema(
    {
        "region": pl.Int32,
        "branch": pl.Int32,
        "manager": pl.Int32,
        "month": pl.Date,
        "measure": pl.String,
        "product": pl.Int32,
        "target": pl.Int64,
        "from_day": pl.Date,
        "to_day": pl.Date,
    }
)

# One row a promise of a manager for a measure and a day, or a week, of which `day` is the Monday; `late` where it was made
# or changed when half of that time was over.
PROMISE = pl.Schema(
    {
        "manager": pl.Int32,
        "branch": pl.Int32,
        "day": pl.Date,
        "measure": pl.String,
        "target": pl.Int64,
        "late": pl.Boolean,
    }
)

# One row a register: how many potential customers a branch's territory was counted to hold on a day.
REGISTER = pl.Schema(
    {
        "region": pl.Int32,
        "branch": pl.Int32,
        "territory": pl.Int32,
        "as_of": pl.Date,
        "potential_customers": pl.Int64,
        "source": pl.String,
    }
)

# One row a territory.
TERRITORY = pl.Schema({"region": pl.Int32, "branch": pl.Int32, "territory": pl.Int32})

# One row a stay of an owner in a territory, both days included, null for open; `share` is what was stated, 0–1.
OWNER = pl.Schema(
    {"territory": pl.Int32, "manager": pl.Int32, "from_day": pl.Date, "to_day": pl.Date, "share": pl.Float64}
)

# One row a customer: the branch and manager they belong to, their territory, which may lie elsewhere; `complete` where
# name, phone, kind and territory are known.
CUSTOMER = pl.Schema(
    {
        "customer": pl.Int32,
        "region": pl.Int32,
        "branch": pl.Int32,
        "manager": pl.Int32,
        "territory": pl.Int32,
        "complete": pl.Boolean,
    }
)

# One row a product that a customer has held since before the log; it lasts where `until` is null.
HOLDING = pl.Schema(
    {"customer": pl.Int32, "product": pl.Int32, "family": pl.Enum(FAMILIES), "since": pl.Date, "until": pl.Date}
)

REQUIRED = {"id", "day", "region", "branch", "manager", "kind", "counted"}
REQUIRED_OF_PLAN = {"month", "measure", "target"}


def empty(schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


def contract(schema: pl.Schema = ACTIVITY) -> "pa.DataFrameSchema":
    """The schema as a Pandera check: exact columns and types; ids, day and kind never null; amounts not negative.

    `contract().validate(frame, lazy=True)` lists every failing cell. Pandera is imported here, where it is used."""
    import pandera.polars as pa

    checks = {"amount_cents": pa.Check.ge(0), "potential_customers": pa.Check.ge(0), "target": pa.Check.ge(0)}
    required = REQUIRED_OF_PLAN if schema == PLAN else REQUIRED
    columns = {
        name: pa.Column(kind, checks=checks.get(name), nullable=name not in required) for name, kind in schema.items()
    }
    return pa.DataFrameSchema(columns, strict=True)
