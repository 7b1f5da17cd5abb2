"""Opportunities as the viewer may see them: what each is, and the steps it took."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, and_, false, func, select, true

from db import privacy
from db.access import Viewer, reach, scope, within
from db.codes import LOST_REASONS, NEXT_STEPS
from db.log import mirror
from db.log.columns.partitions import ACTIVITY
from db.log.columns.reading import read_columns
from db.models import Activity, Branch, Customer, Manager, Opportunity, Product
from db.privacy import masked_name, masked_phone
from db.spans import Ever
from db.store import parts
from db.store.parts import PRODUCTS, past_of, shared_in

OPPORTUNITY = {
    "opportunity": pl.Int32,
    "branch": pl.Int32,
    "manager": pl.Int32,
    "family": ACTIVITY["family"],
    "expected_amount_cents": pl.Int64,
    "next_step_due": pl.Date,
}
AT_ONCE = 500  # ids in one question
STEP = {"opportunity": pl.Int32, "family": ACTIVITY["family"], "kind": ACTIVITY["kind"], "day": pl.Date}
DETAIL = {
    "opportunity": pl.Int32,
    "number": pl.String,
    "customer": pl.Int64,
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


def read(viewer: Viewer, branch: int | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every opportunity within the viewer's scope (of one branch, where one is named), over or not (OPPORTUNITY), and
    every step of theirs that holds (metrics.frames.STEP), whoever took it. An opportunity is its manager's, and of the
    branch of its customer."""
    wanted = (Opportunity.id, branch_of(), Opportunity.manager_id, Product.family)
    wanted += (Opportunity.expected_amount_cents, Opportunity.next_step_due)
    statement = select(*wanted).outerjoin(Product, Product.id == Opportunity.product_id).where(seen(viewer))
    named = statement.outerjoin(Customer, Customer.id == Opportunity.customer_id)
    place = viewer.branch if branch is None else branch
    if place is not None and viewer.manager is None:  # from the branch's customers: no other opportunity need be read
        of_customers = statement.join(Customer, Customer.id == Opportunity.customer_id)
        of_customers = of_customers.where(Customer.branch_id == place)
        named = of_customers.union_all(named.where(Opportunity.customer_id.is_(None), branch_of() == place))
    of = viewer.parts if branch is None else (parts.branch(branch),)
    with viewer.store.reading(*of, PRODUCTS) as connection:
        table = read_columns(connection, named, pl.Schema(OPPORTUNITY))
    return table, log_of(viewer, table, of)


def elsewhere(viewer: Viewer) -> list[int]:
    """The branches beyond the viewer's scope whose customers have opportunities within it: of managers who went to
    another region."""
    if viewer.region is None or viewer.branch is not None:
        return []
    with viewer.reading() as connection:
        there = list(connection.scalars(select(Branch.id).where(Branch.region_id != viewer.region)))
        place = branch_of()
        statement = select(place).select_from(Opportunity).outerjoin(Customer, Customer.id == Opportunity.customer_id)
        statement = statement.where(seen(viewer), place.in_(there)).distinct()
        return sorted(connection.scalars(statement)) if there else []


def log_of(viewer: Viewer, table: pl.DataFrame, of: Iterable[str] | None = None) -> pl.DataFrame:
    """The steps of these opportunities, whose right to be seen is known: opportunity, family. `of` are the parts that
    they lie in, unless told those of the viewer."""
    columns = ("opportunity", "kind", "day")
    log = mirror.of(viewer.store).steps(table["opportunity"], {}, columns, of or viewer.parts)
    families = table.lazy().select("opportunity", "family")
    return log.join(families, on="opportunity").select(list(STEP)).collect()


def steps(viewer: Viewer, opportunities: Collection[int]) -> pl.DataFrame:
    """The steps (metrics.frames.STEP) of those of the opportunities that are within the viewer's scope, or that they
    have a row of in their part of the log: what they once worked on they go on seeing."""
    wanted = tuple(sorted(set(opportunities)))
    return viewer.cached("steps of opportunities", wanted, read=lambda: stored_steps(viewer, wanted))


def stored_steps(viewer: Viewer, opportunities: Sequence[int]) -> pl.DataFrame:
    asked = pl.Series("opportunity", opportunities, pl.Int32)
    own = mirror.of(viewer.store).steps(asked, scope(viewer, "read_activity"), ("opportunity", "manager"), viewer.parts)
    in_log = own.select("opportunity").unique().collect()["opportunity"]
    columns = (Opportunity.id, Product.family, seen(viewer))
    statement = (
        select(*columns)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Product, Product.id == Opportunity.product_id)
        .where(Opportunity.id.in_(opportunities))
    )
    with viewer.reading() as connection:
        held = connection.execute(statement).all()
    mine = [(one, family) for one, family, is_seen in held if is_seen or one in in_log]
    return log_of(viewer, pl.DataFrame(mine, {name: STEP[name] for name in ("opportunity", "family")}, orient="row"))


def won(viewer: Viewer, since: date, today: date) -> pl.DataFrame:
    """The steps (metrics.frames.STEP), up to yesterday, of all opportunities of the viewer's region with a deal since a
    day: a norm, which says of none whose it was, and moves when a day is over."""
    scope(viewer, "read_activity")

    here = {} if viewer.region is None else {"region": viewer.region}
    log = mirror.of(viewer.store).read(Ever(), here, of=(past_of(viewer.region), shared_in(viewer.region)))
    log = log.filter(pl.col("day") < today)
    deals = log.filter(pl.col("kind") == "deal", pl.col("day") >= since).select("opportunity").unique()
    rows = log.select(list(STEP)).join(deals, on="opportunity", how="semi")
    return rows.with_columns(pl.col("family").max().over("opportunity")).collect()


def details(viewer: Viewer, opportunities: Collection[int]) -> pl.DataFrame:
    """What is shown of these opportunities, of those within the viewer's scope (DETAIL). `seen` is the version of its
    latest change, to be handed to `move`; `latest…` is its last row that holds; `customer` is null where the viewer may
    not open them. Names and phones are whole for who
    looks after the customer, else masked; free words are left out for who looks after neither them nor the
    opportunity."""
    asked = tuple(opportunities)
    return viewer.cached("details of opportunities", asked, read=lambda: stored_details(viewer, asked))


def stored_details(viewer: Viewer, opportunities: Sequence[int]) -> pl.DataFrame:
    whole = privacy.seen_whole(viewer) | Opportunity.customer_id.is_(None)
    place = {"branch": branch_of(), "manager": Opportunity.manager_id}
    there = reach(viewer, "read_personal_data")
    own_words = false() if there is None else and_(true(), *(place[level] == one for level, one in there.items()))
    statement = (
        select(
            Opportunity.id,
            Opportunity.number,
            privacy.open_to(viewer),
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
    with viewer.reading(snapshot=True) as connection:
        held = connection.execute(statement).all()
        versions: dict[int | None, int] = {}
        latest: dict[int | None, tuple[int, int, str, date]] = {}
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


def of_customer(viewer: Viewer, customer: int) -> list[int]:
    """The opportunities of a customer that are, like the customer, within the viewer's scope, the latest first."""
    place = {"region": Opportunity.region_id, "branch": Customer.branch_id, "manager": Customer.manager_id}
    theirs = within(viewer, "read_customers", **place)
    statement = select(Opportunity.id).join(Customer, Customer.id == Opportunity.customer_id)
    statement = statement.where(Customer.id == customer, theirs, seen(viewer)).order_by(Opportunity.id.desc())

    def read() -> list[int]:
        with viewer.reading() as connection:
            return list(connection.scalars(statement))

    return viewer.cached("opportunities of a customer", customer, read=read)


def customers(viewer: Viewer, wanted: Sequence[int], besides: int) -> list[int]:
    """The customers of these opportunities within the viewer's scope, those left out whom the manager `besides` looks
    after already."""
    found: set[int] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        statement = select(Customer.id).join(Opportunity, Opportunity.customer_id == Customer.id)
        statement = statement.where(Opportunity.id.in_(some), seen(viewer), Customer.manager_id != besides)
        with viewer.reading() as connection:
            found.update(connection.scalars(statement))
    return sorted(found)


def branch_of() -> ColumnElement[int]:
    """The branch of the opportunity's customer; without one, that of its last row."""
    last = select(Activity.branch_id).where(Activity.opportunity_id == Opportunity.id).order_by(Activity.id.desc())
    return func.coalesce(Customer.branch_id, last.limit(1).correlate(Opportunity).scalar_subquery())


def seen(viewer: Viewer) -> ColumnElement[bool]:
    place = {"region": Opportunity.region_id, "branch": branch_of(), "manager": Opportunity.manager_id}
    return within(viewer, "read_activity", **place)
