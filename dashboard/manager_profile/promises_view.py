"""Whether they do in the day what they promise in the morning."""

import polars as pl
import streamlit as st

from dashboard.manager_profile.changes import last_days
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import cards, formats
from dashboard.widgets.cards import Card
from db.meetings import closing, promises
from metrics.catalog import COUNTS
from metrics.metric import measure
from metrics.promises import as_closed, kept_by


def show(book: Book, month: Standing) -> None:
    """Days on which every promised count was reached, of those with a promise, over the last working days."""
    st.subheader(_("Promises kept"))
    row = kept(book, month)
    if not row["to"]:
        st.caption(_("Nothing was promised on the last working days."))
        return
    value = _("{kept} of {days}", kept=formats.count(row["of"]), days=formats.count(row["to"]))
    limits = formats.interval(row["kept_share_low"], row["kept_share_high"])
    about = _(
        "{share} of the days with a promise, 95% limits {limits}", share=formats.share(row["kept_share"]), limits=limits
    )
    cards.row([Card(_("Days kept, of the last 40 working days"), value, about)])


def kept(book: Book, month: Standing) -> dict:
    """metrics.promises.kept_by of the manager."""
    span = last_days(book, month.through)

    def read() -> dict:
        here = book.part.conditions()
        said = promises.read_span(book.viewer, span).filter(*here)
        done = measure(book.frames(span).activity.filter(*here), COUNTS, ["manager", "day"])
        everyone = pl.DataFrame({"manager": [book.part.manager]}, {"manager": pl.Int32})
        results = closing.results(book.viewer, span).filter(*here)
        return kept_by(*as_closed(done, said, results), "manager", everyone).row(0, named=True)

    return book.viewer.cached("promises kept", book.part, span, read=read)
