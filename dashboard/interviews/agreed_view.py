"""What was agreed in an interview: done, to do or overdue, and one tap to say that it is done."""

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.widgets import formats, grids
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.interviews import actions
from metrics.interviews import agreed
from metrics.statuses import STATUSES

LINE = Markup('<div class="cx-entry"><span>{}</span> {} <small>{}</small></div>')


def show(viewer: Viewer, interview: dict, stated: pl.DataFrame) -> None:
    """The actions of an interview (sheets.AGREED with `state`), and for whom they concern a button each."""
    place = {level: interview[level] for level in ("region", "branch", "manager")}
    mine = covers(viewer, "finish_action", **place)
    for row in stated.to_dicts():
        with st.container(horizontal=True, vertical_alignment="center", key=f"agreed {row['agreed']}"):
            st.html(line(row), width="stretch")
            if mine and (viewer.manager is None or row["owner"] != actions.THE_HEADS):
                mark(viewer, row)


def line(row: dict) -> str:
    about = [word(row["owner"]), _("due on {day}", day=formats.short_day(row["due"]))]
    if row["done_on"] is not None:
        about.append(_("done on {day}", day=formats.short_day(row["done_on"])))
    return LINE.format(grids.pill(row["state"]), row["action"], " · ".join(about))


def mark(viewer: Viewer, row: dict) -> None:
    done = row["done_on"] is not None
    label = _("Not done after all") if done else _("Mark as done")
    if st.button(label, type="tertiary" if done else "secondary", key=f"done {row['agreed']} {done}"):
        with saving():
            actions.mark(viewer, row["agreed"], not done, session.today())


def counts(stated: pl.DataFrame) -> None:
    """How many of all that was agreed are overdue, to do and done."""
    said = [
        grids.marked(code, f"{_(STATUSES[code].label)} {number}") for code, number in agreed.counted(stated).items()
    ]
    grids.sentence(grids.joined(_("Agreed actions:"), Markup(" · ").join(said)))
