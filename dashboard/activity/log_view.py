"""The activity log on screen: who recorded what when, and what became of it."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.activity import day_rows
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import changes, fields, filters, formats, grids
from db.access import Viewer, may
from db.codes import CHANNELS, KINDS, METHODS
from db.customers import customers
from db.log import entry_history
from db.people import people

AT_ONCE = 200


def manager(viewer: Viewer, branch: int | None) -> int | None:
    """One of the managers who ever worked in the viewer's scope, or None for all; no widget for a manager."""
    if viewer.manager is not None:
        return viewer.manager
    stays = people.postings(viewer)
    if branch is not None:
        stays = stays.filter(pl.col("branch") == branch)
    return filters.manager(viewer, set(stays["manager"]))


def linked_days(today: date) -> tuple[date, date] | None:
    """The days a link asks for: from one to another, or the one day of whoever it names."""
    since, until, day = (filters.parse_day(session.link(name)) for name in ("since", "until", "day"))
    if since is not None and until is not None and filters.EARLIEST <= since <= min(until, today):
        return since, min(until, today)
    there = day is not None and session.link("manager") and filters.EARLIEST <= day <= today
    return (day, day) if there else None


def way() -> str | None:
    """One channel or method, where a link asks for it; None for all."""
    if session.link("way") is None:
        return None
    return filters.choose(
        "way", _("Channel or method"), [None, *CHANNELS, *METHODS], lambda one: _("all") if one is None else word(one)
    )


def product(viewer: Viewer) -> int | None:
    """One product, where a link asks for it; None for all."""
    return filters.product(viewer) if session.link("product") is not None else None


def kind() -> str | None:
    """One kind of entry, or None for all."""
    return filters.choose(
        "kind", _("What happened"), [None, *KINDS], lambda one: _("all") if one is None else word(one)
    )


def table(viewer: Viewer, found: pl.DataFrame) -> None:
    """The entries found (activity_log.LOGGED), the one recorded last on top."""
    names = fields.products(viewer)
    columns = [
        grids.Column(_("Recorded at"), lambda row: f"{row['recorded_at']:%m-%d %H:%M}", left=True),
        grids.text("recorded_by", _("Recorded by")),
        grids.text("day", _("Day")),
        grids.manager(),
        grids.Column(_("What happened"), lambda row: word(row["kind"]), left=True),
        grids.customer(),
        grids.Column(_("Product"), lambda row: names.get(row["product"]) or "—", left=True),
        grids.number("amount_cents", _("Amount"), formats.amount),
        grids.Column(_("Need"), lambda row: day_rows.need(row) or "—", left=True),
        grids.Column(_("State"), state, left=True),
    ]
    grids.paged(found, columns, "activity", cards=True)
    if found.height == AT_ONCE:
        st.caption(_("The latest {number}; choose fewer days for earlier ones.", number=AT_ONCE))


def state(row: dict) -> str:
    parts = [_("withdrawn")] if row["voided"] else []
    if row["changes"]:
        parts.append(ngettext("changed {number} time", "changed {number} times", row["changes"]))
    parts += [_("import {batch}", batch=row["batch"])] if row["batch"] else []
    return " · ".join(parts) or "—"


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
    for at, account, action, deeds in entry_history.of_entry(viewer, chosen):
        st.text("\n".join([f"{at:%Y-%m-%d %H:%M}  {account}  {word(action)}", *changes.lines(deeds, names)]))


def label(row: dict) -> str:
    parts = (str(row["day"]), row["manager_name"], word(row["kind"]), row["customer_name"])
    return " · ".join(part for part in parts if part)
