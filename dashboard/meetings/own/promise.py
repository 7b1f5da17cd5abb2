"""A manager's own promise, for today or for a week: what is promised or proposed, one tap to confirm it, three to change
it."""

import polars as pl
import streamlit as st

from dashboard.meetings.promises import warn_late
from dashboard.reverse_plan import gather
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing.book import Book, grain_of
from dashboard.widgets import formats
from dashboard.widgets.saving import saving
from dashboard.workdays import working_days
from db.access import Viewer, may
from db.meetings import days_off, promises
from db.people import people
from metrics import periods
from metrics.catalog import COUNTS
from metrics.periods import Period


def show(book: Book, week: Period | None = None) -> None:
    """What the book's one manager promises for today, or a week, until it is over. Nothing on a day off or of leave, unless
    something is promised."""
    viewer, on = book.viewer, book.on
    span = week or periods.day(on)
    if on != session.today() or book.is_done(span) or not may(viewer, "confirm_promise"):
        return
    promised = dict(book.promised(span).filter(pl.col("target") > 0).select("measure", "target").iter_rows())
    wanted = promised or proposed(book, span)
    if not wanted and not at_work(viewer, span):
        return
    confirmed = bool(promised) and viewer.manager in promises.confirmed(viewer, span.first, grain_of(span))
    name = f"own {grain_of(span)}"
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"{name} promise"):
        st.markdown(sentence(wanted, bool(promised), confirmed, span), width="stretch")
        if wanted and not confirmed and st.button(_("Confirm"), type="primary", key=f"{name} confirm"):
            store(viewer, span, wanted)
        label = _("Change") if wanted else _("Promise")
        session.popover(label, f"{name} change", lambda: change(viewer, span, wanted, name))


def at_work(viewer: Viewer, span: Period) -> bool:
    """Whether the manager is there at all in a week, or neither on leave all day, nor their branch off."""
    there = people.posting_days(viewer, span).filter(pl.col("away") < 1, manager=viewer.manager)
    return there.height > 0 and (span.length > 1 or days_off.works(viewer, viewer.branch, span.first))


def proposed(book: Book, span: Period) -> dict[str, int]:
    """What the plans need of the day or the week, by measure."""
    month = gather.own_month(book)
    if month.people.is_empty():
        return {}
    rows = gather.proposed(book, month, span).filter(pl.col("manager") == book.viewer.manager).to_dicts()
    return {one.name: rows[0][one.name] for one in COUNTS if rows and rows[0][one.name]}


def sentence(wanted: dict[str, int], promised: bool, confirmed: bool, span: Period) -> str:
    counts = " · ".join(f"{_(one.label)} {wanted[one.name]}" for one in COUNTS if wanted.get(one.name))
    if span.length > 1:
        days = {"days": formats.days(span), "counts": counts}
        if not wanted:
            return _("Nothing is promised for the week {days}.", **days)
        if confirmed:
            return _("Promised for the week {days}: {counts} (confirmed)", **days)
        return (
            _("Promised for the week {days}: {counts}", **days)
            if promised
            else _("Proposed for the week {days}: {counts}", **days)
        )
    if not wanted:
        return _("Nothing is promised for today.")
    if confirmed:
        return _("Promised today: {counts} (confirmed)", counts=counts)
    return (
        _("Promised today: {counts}", counts=counts) if promised else _("Proposed for today: {counts}", counts=counts)
    )


def change(viewer: Viewer, span: Period, wanted: dict[str, int], name: str) -> None:
    """Other numbers, which are confirmed by saving them. The fields begin anew when something else is promised."""
    typed: dict[str, int | None] = {}
    for one in COUNTS:
        start = wanted.get(one.name, 0)
        typed[one.name] = st.number_input(_(one.label), 0, 999, start, 1, key=f"{name} {one.name} {span.first} {start}")
    warn_late(viewer, span)
    if st.button(_("Save and confirm"), type="primary", key=f"{name} save"):
        store(viewer, span, typed)


def store(viewer: Viewer, span: Period, targets: dict[str, int | None]) -> None:
    late = working_days.half_over(viewer, span)
    with saving(_("Promise confirmed")):
        promises.confirm(viewer, viewer.manager, span.first, targets, session.today(), grain_of(span), late)
