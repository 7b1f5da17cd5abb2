"""Whether they do what they promise for the day and for the week."""

import polars as pl
import streamlit as st

from dashboard.manager_profile.changes import last_days
from dashboard.shell.language import _, ngettext
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import cards, formats
from dashboard.widgets.cards import Card
from metrics import periods
from metrics.periods import Period
from metrics.promises import kept_by

WEEKS = 12


def show(book: Book, month: Standing) -> None:
    """Days and weeks in which every promised count was reached, of those with a promise, and how many in a row."""
    st.subheader(_("Promises kept"))
    days = last_days(book, month.through)
    weeks = Period(periods.weeks_back(month.through, WEEKS).first, month.through)
    shown = [
        *card(book, _("Days kept, of the last 40 working days"), "day", days),
        *card(book, _("Weeks kept, of the last 12"), "week", weeks),
    ]
    if shown:
        cards.row(shown)
    else:
        st.caption(_("Nothing was promised on the last working days."))


def card(book: Book, label: str, grain: str, period: Period) -> list[Card]:
    """How often, how sure that is, and how many in a row; none without a promise."""
    row = kept(book, grain, period)
    if not row["to"] + row["apart"]:
        return []
    value = _("{kept} of {days}", kept=formats.count(row["of"]), days=formats.count(row["to"]))
    limits = formats.interval(row["kept_share_low"], row["kept_share_high"])
    said = (
        [_("{share}, 95% limits {limits}", share=formats.share(row["kept_share"]), limits=limits)] if row["to"] else []
    )
    if row["to"] < book.rules.small_sample:
        said.append(_("few cases"))
    streak = book.streaks(grain).get(book.part.manager, 0)
    said.append(ngettext("{number} in a row", "{number} in a row", streak))
    if row["apart"]:
        said.append(
            ngettext("{number} promised late, not counted", "{number} promised late, not counted", row["apart"])
        )
    return [Card(label, value, " · ".join(said))]


def kept(book: Book, grain: str, period: Period) -> dict:
    """metrics.promises.kept_by of the manager."""
    spans = book.latest_promises(grain).filter(pl.col("day").is_between(period.first, period.last))
    everyone = pl.DataFrame({"manager": [book.part.manager]}, {"manager": pl.Int32})
    return kept_by(spans, "manager", everyone).row(0, named=True)
