"""What is known of interviews: whole to the two who spoke, in codes to who counts them."""

from collections.abc import Hashable
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Select, func, select

from db.access import Viewer, within
from db.models import AgreedAction, Branch, Interview

Schema = dict[str, Any]
CODED: Schema = {
    "interview": pl.Int32,
    "manager": pl.Int32,
    "branch": pl.Int32,
    "region": pl.Int32,
    "day": pl.Date,
    "factor": pl.String,
    "proposed": pl.String,
    "cause": pl.String,
    "reaction": pl.String,
    "watched": pl.String,
    "actions": pl.Int64,
    "actions_done": pl.Int64,
}
ASPECTS = ("activity", "products", "skill", "mind", "drive")
TEXTS = (*ASPECTS, "real_reason", "view")
SHEET: Schema = (
    {"interview": pl.Int32, "held_by": pl.String} | dict.fromkeys(TEXTS, pl.String) | {"viewed_at": pl.Datetime}
)
AGREED: Schema = {
    "agreed": pl.Int32,
    "interview": pl.Int32,
    "owner": pl.String,
    "action": pl.String,
    "due": pl.Date,
    "done_on": pl.Date,
}
TO_READ: Schema = {"interview": pl.Int32, "day": pl.Date}
LATEST = (Interview.day.desc(), Interview.id.desc())
PLACE = {"region": Branch.region_id, "branch": Interview.branch_id, "manager": Interview.manager_id}


def coded(viewer: Viewer, manager: int | None = None, since: date | None = None) -> pl.DataFrame:
    """One row an interview within the viewer's scope (CODED), the latest first: that it was held, and the codes of the
    chain, how many actions were agreed and how many of them are done; no text. Of one manager, or held from a day on,
    where asked."""
    agreed = select(
        AgreedAction.interview_id, func.count().label("all"), func.count(AgreedAction.done_on).label("done")
    )
    counts = agreed.group_by(AgreedAction.interview_id).subquery()
    columns = (
        Interview.id,
        Interview.manager_id,
        Interview.branch_id,
        Branch.region_id,
        Interview.day,
        Interview.factor,
        Interview.proposed,
        Interview.cause,
        Interview.reaction,
        Interview.watched,
        func.coalesce(counts.c.all, 0),
        func.coalesce(counts.c.done, 0),
    )
    asked = [] if manager is None else [Interview.manager_id == manager]
    asked += [] if since is None else [Interview.day >= since]
    statement = select(*columns).join(Branch, Branch.id == Interview.branch_id)
    statement = statement.outerjoin(counts, counts.c.interview_id == Interview.id)
    statement = statement.where(within(viewer, "count_interviews", **PLACE), *asked)
    return stored(viewer, "interviews", (manager, since), statement.order_by(*LATEST), CODED)


def texts(viewer: Viewer, manager: int) -> pl.DataFrame:
    """The texts of a manager's interviews within the viewer's scope (SHEET), the latest first: the manager's own, or
    those held in the head's branch."""
    columns = (Interview.id, Interview.held_by, *(getattr(Interview, name) for name in TEXTS), Interview.viewed_at)
    statement = select(*columns).join(Branch, Branch.id == Interview.branch_id)
    statement = statement.where(Interview.manager_id == manager, within(viewer, "read_interviews", **PLACE))
    return stored(viewer, "interview sheets", (manager,), statement.order_by(*LATEST), SHEET)


def agreed(viewer: Viewer, manager: int) -> pl.DataFrame:
    """The actions agreed in these interviews (AGREED), as they were written down; `done_on` is null until they are."""
    names = ("id", "interview_id", "owner", "action", "due", "done_on")
    columns = [getattr(AgreedAction, name) for name in names]
    statement = select(*columns).join(Interview, Interview.id == AgreedAction.interview_id)
    statement = statement.join(Branch, Branch.id == Interview.branch_id)
    statement = statement.where(Interview.manager_id == manager, within(viewer, "read_interviews", **PLACE))
    return stored(viewer, "agreed actions", (manager,), statement.order_by(AgreedAction.id), AGREED)


def to_read(viewer: Viewer) -> pl.DataFrame:
    """The sheets that wait for the viewer's own answer (TO_READ), the latest first."""
    statement = select(Interview.id, Interview.day).join(Branch, Branch.id == Interview.branch_id)
    statement = statement.where(within(viewer, "answer_interview", **PLACE), Interview.viewed_at.is_(None))
    return stored(viewer, "interviews to read", (), statement.order_by(*LATEST), TO_READ)


def stored(
    viewer: Viewer, name: str, asked: tuple[Hashable, ...], statement: Select[*tuple[Any, ...]], schema: Schema
) -> pl.DataFrame:
    def read() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], schema, orient="row")

    return viewer.cached(name, *asked, read=read)
