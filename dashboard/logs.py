"""The activity log on screen: who recorded what when, and what became of it."""

import polars as pl
import streamlit as st

from dashboard import changes, fields, filters, formats, grids
from dashboard.words import _, word
from db import activity_log, customers, people
from db.access import Viewer, may

AT_ONCE = 200


def manager(viewer: Viewer, branch: int | None) -> int | None:
    """One of the managers who ever worked in the viewer's scope, or None for all; no widget for a manager."""
    if viewer.manager is not None:
        return viewer.manager
    stays = people.postings(viewer).filter(pl.lit(True) if branch is None else pl.col("branch") == branch)
    return filters.manager(viewer, set(stays["manager"]))


def table(viewer: Viewer, found: pl.DataFrame) -> None:
    """The entries found (activity_log.LOGGED), the one recorded last on top."""
    names = fields.products(viewer)
    columns = [
        grids.Column(_("Recorded at"), lambda row: f"{row['recorded_at']:%m-%d %H:%M}", left=True),
        grids.text("recorded_by", _("By")),
        grids.text("day", _("Day")),
        grids.text("manager_name", _("Manager")),
        grids.Column(_("What happened"), lambda row: word(row["kind"]), left=True),
        grids.text("customer_name", _("Customer")),
        grids.Column(_("Product"), lambda row: grids.escape(names.get(row["product"]) or "—"), left=True),
        grids.number("amount_cents", _("Amount"), formats.amount),
        grids.Column(_("State"), state, left=True),
    ]
    grids.show(found, columns)
    if found.height == AT_ONCE:
        st.caption(_("The latest {number}; choose fewer days for earlier ones.", number=AT_ONCE))


def state(row: dict) -> str:
    parts = [_("withdrawn")] if row["voided"] else []
    parts += [_("changed {number} times", number=row["changes"])] if row["changes"] else []
    parts += [_("import {batch}", batch=row["batch"])] if row["batch"] else []
    return grids.escape(" · ".join(parts) or "—")


def history(viewer: Viewer, found: pl.DataFrame) -> None:
    """Every correction of one entry."""
    changed = found.filter(pl.col("changes") > 0)
    if changed.is_empty():
        return
    st.subheader(_("What was changed"))
    labels = {row["id"]: label(row) for row in changed.to_dicts()}
    chosen = st.selectbox(_("Entry"), list(labels), 0, labels.get, key="log entry")
    names = {"product_id": fields.products(viewer)}
    if may(viewer, "read_personal_data"):
        theirs = customers.search(viewer, "", 1_000).filter("whole")
        names["customer_id"] = dict(theirs.select("customer", "customer_name").iter_rows())
    for at, account, action, deeds in activity_log.history(viewer, chosen):
        st.text("\n".join([f"{at:%Y-%m-%d %H:%M}  {account}  {word(action)}", *changes.lines(deeds, names)]))


def label(row: dict) -> str:
    parts = (str(row["day"]), row["manager_name"], word(row["kind"]), row["customer_name"])
    return " · ".join(part for part in parts if part)
