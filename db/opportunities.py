"""Opportunities as the viewer may see them: what each is, and the steps it took."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, and_, false, func, select, true

from db import customers, mirror
from db.access import Viewer, reach, scope, within
from db.codes import LOST_REASONS, NEXT_STEPS
from db.engine import Store
from db.models import Activity, Customer, Manager, Opportunity, Product
from db.months import ACTIVITY
from db.privacy import masked_name, masked_phone

OPPORTUNITY = {
    "opportunity": pl.Int32,
    "branch": pl.Int32,
    "manager": pl.Int32,
    "family": ACTIVITY["family"],
    "expected_amount_cents": pl.Int64,
    "next_step_due": pl.Date,
}
STEP = {"opportunity": pl.Int32, "family": ACTIVITY["family"], "kind": ACTIVITY["kind"], "day": pl.Date}
DETAIL = {
    "opportunity": pl.Int32,
    "number": pl.String,
    "customer_name": pl.String,
    "phone": pl.String,
    "manager_name": pl.String,
    "product": pl.Int32,
    "next_step": pl.String,
    "next_step_due": pl.Date,
    "expected_amount_cents": pl.Int64,
    "lost_reason": pl.String,
    "whole": pl.Boolean,
    "seen": pl.Int64,
    "latest": pl.Int64,
    "latest_version": pl.Int64,
    "latest_kind": pl.String,
    "latest_day": pl.Date,
}


@dataclass(frozen=True)
class Ever:
    first: date = date.min
    last: date = date.max


def read(viewer: Viewer) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every opportunity within the viewer's scope, over or not (OPPORTUNITY), and every step of theirs that holds
    (metrics.frames.STEP), whoever took it. An opportunity is its manager's, and of the branch of its customer."""
    statement = (
        select(
            Opportunity.id,
            branch_of(),
            Opportunity.manager_id,
            Product.family,
            Opportunity.expected_amount_cents,
            Opportunity.next_step_due,
        )
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Product, Product.id == Opportunity.product_id)
        .where(seen(viewer))
    )
    with viewer.store.reading() as connection:
        table = pl.DataFrame([tuple(row) for row in connection.execute(statement)], OPPORTUNITY, orient="row")
    return table, log_of(viewer.store, table)


def log_of(store: Store, table: pl.DataFrame) -> pl.DataFrame:
    """The steps of these opportunities, whose right to be seen is known: opportunity, family."""
    log = mirror.of(store).read(Ever(), {}).select("opportunity", "kind", "day")
    families = table.lazy().select("opportunity", "family")
    return log.join(families, on="opportunity").select(list(STEP)).collect()


def steps(viewer: Viewer, opportunities: Collection[int]) -> pl.DataFrame:
    """The steps (metrics.frames.STEP) of those of the opportunities that are within the viewer's scope, or that he has a
    row of in his part of the log: what he once worked on he goes on seeing."""
    asked = pl.Series("opportunity", list(opportunities), pl.Int32).implode()
    own = mirror.of(viewer.store).read(Ever(), scope(viewer, "read_activity"))
    in_log = own.filter(pl.col("opportunity").is_in(asked)).select("opportunity").unique().collect()["opportunity"]
    columns = (Opportunity.id, Product.family, seen(viewer))
    statement = (
        select(*columns)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Product, Product.id == Opportunity.product_id)
        .where(Opportunity.id.in_(opportunities))
    )
    with viewer.store.reading() as connection:
        held = connection.execute(statement).all()
    mine = [(one, family) for one, family, is_seen in held if is_seen or one in in_log]
    return log_of(
        viewer.store, pl.DataFrame(mine, {name: STEP[name] for name in ("opportunity", "family")}, orient="row")
    )


def won(viewer: Viewer, since: date) -> pl.DataFrame:
    """The steps (metrics.frames.STEP) of all opportunities of the viewer's region with a deal on that day or later: a
    norm, which says of none whose it was."""
    scope(viewer, "read_activity")
    log = mirror.of(viewer.store).read(Ever(), {} if viewer.region is None else {"region": viewer.region})
    deals = log.filter(pl.col("kind") == "deal", pl.col("day") >= since).select("opportunity").unique()
    rows = log.select(list(STEP)).join(deals, on="opportunity", how="semi")
    return rows.with_columns(pl.col("family").max().over("opportunity")).collect()


def details(viewer: Viewer, opportunities: Collection[int]) -> pl.DataFrame:
    """What is shown of these opportunities, of those within the viewer's scope (DETAIL). `seen` is the version of its
    latest change, to be handed to `move`; `latest…` is its last row that holds. Names and phones are whole for who looks
    after the customer, else masked; free words are left out for who looks after neither him nor the opportunity."""
    whole = customers.own(viewer) | Opportunity.customer_id.is_(None)
    place = {"branch": branch_of(), "manager": Opportunity.manager_id}
    there = reach(viewer, "read_personal_data")
    own_words = false() if there is None else and_(true(), *(place[level] == one for level, one in there.items()))
    statement = (
        select(
            Opportunity.id,
            Opportunity.number,
            Customer.name,
            Customer.phone,
            Manager.name,
            Opportunity.product_id,
            Opportunity.next_step,
            Opportunity.next_step_due,
            Opportunity.expected_amount_cents,
            Opportunity.lost_reason,
            whole,
            whole | own_words,
        )
        .join(Manager, Manager.id == Opportunity.manager_id)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.id.in_(opportunities), seen(viewer))
    )
    changes = select(
        Activity.opportunity_id, Activity.version, Activity.id, Activity.kind, Activity.day, Activity.voided_at
    ).where(Activity.opportunity_id.in_(opportunities))
    with viewer.store.reading(snapshot=True) as connection:
        held = connection.execute(statement).all()
        versions: dict[int, int] = {}
        latest: dict[int, tuple] = {}
        for one, version, identity, kind, day, voided in connection.execute(changes.order_by(Activity.id)):
            versions[one] = max(version, versions.get(one, 0))
            if voided is None:
                latest[one] = (identity, version, kind, day)
    nothing = (None,) * 4
    rows = [(one, *row, versions.get(one, 0), *latest.get(one, nothing), own) for one, *row, own in held]
    table = pl.DataFrame(rows, DETAIL | {"own_words": pl.Boolean}, orient="row")
    listed = pl.col("next_step").is_in(list(NEXT_STEPS)), pl.col("lost_reason").is_in(list(LOST_REASONS))
    return table.with_columns(
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        phone=pl.when("whole").then("phone").otherwise(masked_phone(pl.col("phone"))),
        next_step=pl.when(pl.col("own_words") | listed[0]).then("next_step"),
        lost_reason=pl.when(pl.col("own_words") | listed[1]).then("lost_reason"),
    ).drop("own_words")


def branch_of() -> ColumnElement[int]:
    """The branch of the opportunity's customer; without one, that of its last row."""
    last = select(Activity.branch_id).where(Activity.opportunity_id == Opportunity.id).order_by(Activity.id.desc())
    return func.coalesce(Customer.branch_id, last.limit(1).correlate(Opportunity).scalar_subquery())


def seen(viewer: Viewer) -> ColumnElement[bool]:
    place = {"region": Opportunity.region_id, "branch": branch_of(), "manager": Opportunity.manager_id}
    return within(viewer, "read_activity", **place)
