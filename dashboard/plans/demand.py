"""What each part of a plan asks of its manager, while it is divided."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.plans.gather import Planning
from dashboard.reverse_plan import gather, views
from dashboard.shell.language import _
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import grids
from db.access import Viewer
from metrics.reverse_plan.reverse_plan import most_demanding


def of_edited(viewer: Viewer, planning: Planning, typed: pl.DataFrame, today: date) -> None:
    """While a branch's plan is divided: what each manager's part asks of them, saved or not."""
    if planning.branch is None or planning.product is not None or planning.month.last < today:
        return
    wanted = planning.parts(typed).select(pl.col("holder").cast(pl.Int32).alias("manager"), "measure", "plan")
    book = open_book(viewer, today, Part(branch=planning.branch))
    done, through = gather.done_so_far(book, planning.month)
    wanted = wanted.join(done, on=["manager", "measure"], how="left").with_columns(pl.col("actual").fill_null(0.0))
    here = wanted.with_columns(branch=pl.lit(planning.branch, pl.Int32))
    found = gather.needs(viewer, here, planning.month, through, planning.branch)
    found = most_demanding(found.filter(pl.col("remaining").is_not_null()))
    if found.is_empty():
        return
    st.subheader(_("What these plans ask of each manager"))
    rows = views.ranked(viewer, found)
    most = grids.number("measure", _("Most demanding"), views.label)
    columns = [grids.manager(), most, *views.columns_of(lambda row: row["measure"])]
    grids.show(rows, columns)
    if planning.month.first > today:
        st.caption(_("Assumes that the month starts with a pipeline like today's."))
