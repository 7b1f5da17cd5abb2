"""Opportunities under way: what each is, the steps it took, moved on by a tap, lost for a reason, planned ahead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, select, true

from db import activity, customers, mirror
from db.access import Viewer, check, reach, scope, within, writing
from db.codes import ENDS, LOST_REASONS, NEXT_STEPS
from db.engine import Store
from db.entry import Entry, sound_text
from db.errors import Conflict, Refused
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
LOST = ("rejected", "withdrawn")
SHORTEST_REASON = 2
NO_SUCH = "There is no such opportunity within your scope."
CHANGED = "Somebody recorded something for this opportunity meanwhile: look at it again before you move it."
REPLANNED = "Somebody planned another next step meanwhile: look at it again before you change it."


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
    listed = pl.col("next_step").is_in(list(NEXT_STEPS.values())), pl.col("lost_reason").is_in(list(LOST_REASONS))
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


def move(
    viewer: Viewer,
    opportunity: int,
    kind: str,
    seen: int,
    today: date,
    *,
    amount_cents: int | None = None,
    note: str | None = None,
) -> int:
    """Records that the opportunity reached a step today, and gives the id of that activity. `seen` is from `details`:
    the same tap again, by whomever, stores nothing and gives the id again.

    Raises Conflict when something else was recorded for it since, Refused when it is over, without customer or product,
    lost without a reason (`lose`) or when the entry breaks a rule, NotAllowed outside the viewer's scope."""
    if kind in LOST and not note:
        raise Refused("Say why it came to nothing.")
    need = held(viewer, opportunity)
    if need.customer_id is None or need.product_id is None:
        raise Refused("Customer or product of this opportunity are not known yet: record the step on the day's page.")
    entry = Entry(kind, today, customer=need.customer_id, product=need.product_id, amount_cents=amount_cents, note=note)
    reference = f"move {opportunity} {kind} {seen}"
    with viewer.store.reading(snapshot=True) as connection:  # the same tap, just stored, is no change by somebody else
        sent = activity.sent_before(connection, reference, need.manager_id, activity.digest(entry))
        if sent is None:
            as_seen(connection, need, seen)
        elif connection.scalar(select(Activity.voided_at).where(Activity.id == sent)) is not None:
            raise Conflict(CHANGED)
    if sent is not None:
        return sent
    recorded = activity.record(viewer, need.manager_id, entry, reference, today)
    with viewer.store.reading() as connection:
        columns = (Activity.opportunity_id, Activity.version)
        row = connection.execute(select(*columns).where(Activity.id == recorded)).one()
    if row.opportunity_id != opportunity:  # it ended in this very moment, and another need was begun
        activity.void(viewer, recorded, row.version)
        raise Conflict(CHANGED)
    return recorded


def held(viewer: Viewer, opportunity: int) -> Row:
    """The opportunity, if it is the viewer's to move."""
    columns = (Opportunity.id, Opportunity.customer_id, Opportunity.product_id, Opportunity.manager_id)
    place = (Opportunity.region_id.label("region"), branch_of().label("branch"))
    statement = select(*columns, *place).outerjoin(Customer, Customer.id == Opportunity.customer_id)
    with viewer.store.reading() as connection:
        found = connection.execute(statement.where(Opportunity.id == opportunity)).first()
    place = (None, None, None) if found is None else (found.region, found.branch, found.manager_id)
    region, branch, manager = place
    check(viewer, "record_activity", region=region, branch=branch, manager=manager, missing=NO_SUCH)
    if found is None:
        raise Refused(NO_SUCH)
    return found


def as_seen(connection: Connection, need: Row, seen: int) -> None:
    """Raises Conflict unless the opportunity is as it was seen, Refused when it is over, or when what is recorded for its
    customer and product would go to another one, begun later."""
    rows = select(func.max(Activity.version)).where(Activity.opportunity_id == need.id)
    if (connection.scalar(rows) or 0) != seen:
        raise Conflict(CHANGED)
    ended = select(Activity.opportunity_id).where(Activity.kind.in_(ENDS), Activity.voided_at.is_(None))
    still_open = ~ended.where(Activity.opportunity_id == Opportunity.id).exists()
    same = (Opportunity.customer_id == need.customer_id, Opportunity.product_id == need.product_id)
    latest = connection.scalar(select(func.max(Opportunity.id)).where(*same, still_open))
    if latest is None or latest < need.id:
        raise Refused("This opportunity is over: begin a new one on the day's page.")
    if latest > need.id:
        raise Refused("The customer has a newer open need for the same product: move that one, or end it first.")


def lose(viewer: Viewer, opportunity: int, kind: str, reason: str, seen: int, today: date) -> int:
    """Records that the opportunity was rejected or withdrawn, and why: a code of LOST_REASONS, or a few words of one's
    own. Gives the id of the activity, and raises as `move` does; Refused without a reason."""
    reason = reason.strip()
    if kind not in LOST:
        raise Refused("Choose what happened.")
    if len(reason) < SHORTEST_REASON or reason == "other_reason":
        raise Refused("Say why it came to nothing.")
    sound_text(reason)
    recorded = move(viewer, opportunity, kind, seen, today, note=LOST_REASONS.get(reason, reason))
    with writing(viewer) as write:
        need = write.session.get(Opportunity, opportunity)
        if need.lost_reason != reason:
            before, need.lost_reason = need.lost_reason, reason
            write.audit("move", "opportunity", opportunity, {"lost_reason": before}, {"lost_reason": reason})
    return recorded


def plan_step(
    viewer: Viewer,
    opportunity: int,
    next_step: str | None,
    due: date | None,
    today: date,
    seen: tuple[str | None, date | None],
) -> None:
    """Sets what is to be done next, and by which day; `seen` is what stood there when it was looked at.

    Raises Conflict when something else stands there by now, Refused for a day that has passed or a text that may not be
    stored, NotAllowed outside the viewer's scope."""
    after = ((next_step or "").strip() or None, due)
    sound_text(after[0])
    if due is not None and due < today:
        raise Refused("The next step lies in the past: choose today or a later day.")
    held(viewer, opportunity)
    with writing(viewer) as write:
        need = write.session.get(Opportunity, opportunity)
        before = (need.next_step, need.next_step_due)
        if before == after:
            return
        if before != seen:
            raise Conflict(REPLANNED)
        need.next_step, need.next_step_due = after
        names = ("next_step", "next_step_due")
        write.audit(
            "move", "opportunity", opportunity, *(dict(zip(names, one, strict=True)) for one in (before, after))
        )
