"""A manager's own promise on their own page: what is promised or proposed, one tap to confirm it, three to change it."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.reverse_plan import gather
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.meetings import days_off, promises
from db.people import people
from metrics import periods
from metrics.catalog import COUNTS


def show(book: Book) -> None:
    """Today's promise of the book's one manager, until the day is over. Nothing on a day off or of leave, unless
    something is promised."""
    viewer, on = book.viewer, book.on
    if on != session.today() or book.is_over() or not may(viewer, "confirm_promise"):
        return
    promised = dict(book.promised().filter(pl.col("target") > 0).select("measure", "target").iter_rows())
    wanted = promised or proposed(book)
    if not wanted and not at_work(viewer, on):
        return
    confirmed = bool(promised) and viewer.manager in promises.confirmed(viewer, on)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="own promise"):
        st.markdown(sentence(wanted, bool(promised), confirmed), width="stretch")
        if wanted and not confirmed and st.button(_("Confirm"), type="primary", key="confirm promise"):
            store(viewer, on, wanted)
        with st.popover(_("Change") if wanted else _("Promise")):
            change(viewer, on, wanted)


def at_work(viewer: Viewer, on: date) -> bool:
    """Whether the manager is neither on leave all day, nor their branch off."""
    there = people.posting_days(viewer, periods.day(on)).filter(pl.col("away") < 1, manager=viewer.manager)
    return there.height > 0 and days_off.works(viewer, viewer.branch, on)


def proposed(book: Book) -> dict[str, int]:
    """What the plans need of the day, by measure."""
    month = gather.own_month(book)
    if month.people.is_empty():
        return {}
    rows = gather.proposed(book, month).filter(pl.col("manager") == book.viewer.manager).to_dicts()
    return {one.name: rows[0][one.name] for one in COUNTS if rows and rows[0][one.name]}


def sentence(wanted: dict[str, int], promised: bool, confirmed: bool) -> str:
    counts = " · ".join(f"{_(one.label)} {wanted[one.name]}" for one in COUNTS if wanted.get(one.name))
    if not wanted:
        return _("Nothing is promised for today.")
    if confirmed:
        return _("Promised today: {counts} (confirmed)", counts=counts)
    return (
        _("Promised today: {counts}", counts=counts) if promised else _("Proposed for today: {counts}", counts=counts)
    )


def change(viewer: Viewer, on: date, wanted: dict[str, int]) -> None:
    """Other numbers, which are confirmed by saving them. The fields begin anew when something else is promised."""
    typed: dict[str, int | None] = {}
    for one in COUNTS:
        start = wanted.get(one.name, 0)
        typed[one.name] = st.number_input(_(one.label), 0, 999, start, 1, key=f"own {one.name} {on} {start}")
    if st.button(_("Save and confirm"), type="primary", key="own save"):
        store(viewer, on, typed)


def store(viewer: Viewer, on: date, targets: dict[str, int | None]) -> None:
    with saving(_("Promise confirmed")):
        promises.confirm(viewer, viewer.manager, on, targets, session.today())
