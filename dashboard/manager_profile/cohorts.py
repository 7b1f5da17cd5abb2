"""What became of the opportunities they began, beside the rates of the same months, which mix cases old and new."""

import polars as pl
import streamlit as st

from dashboard.diagnosis import gather
from dashboard.shell.language import _, ngettext, word
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats, grids
from metrics.diagnosis import cohorts
from metrics.diagnosis.rates import own
from metrics.periods import Period

HORIZON = 40  # working days
BESIDE = {"applied": "application_rate", "dealt": "conversion_rate"}  # end of a cohort → the period rate beside it


def show(book: Book, month: Standing) -> None:
    """Of the opportunities first consulted in the six months before and this one: which share came to which end within
    the horizon, and how many have been observed for so long."""
    st.subheader(_("What became of the opportunities they began"))
    period = Period(gather.months_before(month.period).first, max(month.through, month.period.first))
    table, maturity = gathered(book, month, period)
    if not maturity["started"]:
        st.caption(_("No opportunity was begun in these months."))
        return
    columns = [
        grids.Column(_("End"), lambda row: word(cohorts.KIND[row["end"]]), left=True),
        grids.Column(
            ngettext("within {number} working day", "within {number} working days", HORIZON), cohort, _("95% limits")
        ),
        grids.Column(_("Rate of the same months"), beside, _("applications and deals ÷ consultations, 95% limits")),
    ]
    grids.show(table, columns)
    about = {"started": formats.count(maturity["started"]), "share": formats.share(maturity["mature"])}
    st.caption(
        _(
            "{started} opportunities begun; {share} of them have ended or been observed for so long. What is not observed yet counts neither as won nor as lost.",
            **about,
        )
    )


def gathered(book: Book, month: Standing, period: Period) -> tuple[pl.DataFrame, dict]:
    """One row an end: share, low, high of the cohort, `rate`, `rate_low`, `rate_high` of the period; and how many there
    are, and how mature (cohorts.maturity)."""

    def read() -> tuple[pl.DataFrame, dict]:
        found = gather.cohort(book.viewer, period, month.through, book.part)
        rates = own(gather.done(book.viewer, period, book.part).filter(*book.part.conditions()))
        known = {row["rated"]: row for row in rates.to_dicts()}
        rows = [
            {"end": end} | cohorts.rate_at(found, end, HORIZON) | of_period(known.get(BESIDE.get(end, "")))
            for end in (cohorts.KIND if found.height else ())
        ]
        kinds = dict.fromkeys(("share", "low", "high", "rate", "rate_low", "rate_high"), pl.Float64)
        return pl.DataFrame(rows, {"end": pl.String} | kinds), cohorts.maturity(found, HORIZON).row(0, named=True)

    return book.viewer.cached("profile cohorts", book.part, period, month.through, read=read)


def of_period(row: dict | None) -> dict[str, float | None]:
    names = {"rate": "value", "rate_low": "low", "rate_high": "high"}
    return {name: row[of] if row else None for name, of in names.items()}


def cohort(row: dict) -> str:
    return limited(row["share"], row["low"], row["high"])


def beside(row: dict) -> str:
    return limited(row["rate"], row["rate_low"], row["rate_high"])


def limited(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None:
        return formats.share(value)
    return grids.joined(formats.share(value), grids.small(f"({formats.interval(low, high)})"))
