"""What a branch's rates and lags are learned from: its whole log, whoever asks. A manager's own plan leans on their
branch where their own numbers are few, so its rows are read for them too; none of them is shown, only what they come
to."""

import polars as pl
from sqlalchemy import select

from db import spans
from db.access import Viewer, scope, within
from db.log import mirror
from db.models import Customer, Handover, Opportunity


def read(viewer: Viewer, span: spans.Span, **place: int | None) -> pl.LazyFrame:
    """The marked log of the span (metrics.frames.ACTIVITY) of the viewer's branches, or of a place within them (region,
    branch), all managers included. An answer made of it holds until one of these rows changes."""
    return mirror.of(viewer.store).watched(span, scope(viewer, "read_rates"), place, of=viewer.parts_in(**place))


def keepers(viewer: Viewer) -> pl.DataFrame:
    """Who looks after the opportunities of customers that were handed over: opportunity, manager."""
    # + 0: from the few that were handed over, not from all that lie in the region
    seen = within(viewer, "read_rates", region=Opportunity.region_id + 0, branch=Customer.branch_id)
    passed = select(Handover.customer_id).where(Handover.done_at.is_not(None))
    statement = (
        select(Opportunity.id, Opportunity.manager_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.customer_id.in_(passed), seen)
    )

    def stored() -> pl.DataFrame:
        with viewer.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
        return pl.DataFrame(rows, {"opportunity": pl.Int32, "manager": pl.Int32}, orient="row")

    return viewer.cached("opportunity owners", action="read_rates", read=stored)
