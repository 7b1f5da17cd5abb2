"""Promises for a week on the page of the weekly meeting: those of the last one, and those of the coming one."""

import streamlit as st

from dashboard.meetings import promises
from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import blocks_view
from dashboard.reverse_plan import gather
from dashboard.shell.language import _
from dashboard.widgets import formats


def show(asked: Asked) -> None:
    """What was promised for a week and done, then the coming week to be promised."""
    if asked.book.part.manager is not None:
        return
    span = asked.week_reconciled
    title = _("Promises of the week {days}", days=formats.days(span))
    if asked.book.reconciled(span)["promised"].any():
        blocks_view.show(shared.reconciled(asked, title, span))
    st.subheader(_("Promises for the week {days}", days=formats.days(asked.week_promised)))
    editor(asked)


def editor(asked: Asked) -> None:
    """What each promises for the coming week."""
    book, span = asked.book, asked.week_promised
    order = asked.month.ranked(asked.measure)["manager"].to_list()
    promises.editor(book.viewer, span, asked.branch, gather.proposed(book, asked.month, span), order)
