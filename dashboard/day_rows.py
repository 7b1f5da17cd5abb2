"""The day's rows: each can be corrected or withdrawn, and what was withdrawn put back, in its place."""

from datetime import date
from html import escape

import polars as pl
import streamlit as st

from dashboard import clock, entries, fields, formats, grids, notices, pipelines, session
from dashboard.words import _, word
from db import activity, customers
from db.access import Viewer
from db.codes import CHANNELS, KINDS, METHODS
from db.errors import Changed, StorageError
from metrics import periods


def show(viewer: Viewer, manager: int, on: date, may_change: bool = True) -> None:
    """A manager's entries of one day, the latest first."""
    table = activity.rows(viewer, on, manager, withdrawn=may_change)
    if table.is_empty():
        st.info(_("Nothing recorded on this day yet."))
        return
    names = fields.products(viewer)
    marked = activity.read(viewer, periods.day(on)).filter(~pl.col("counted")).select("id").collect()
    uncounted = set(marked["id"])  # not effective by the bank's definitions, or not the first of its kind
    broken = pipelines.flags(viewer, table["opportunity"].to_list(), clock.today())
    for row in table.to_dicts():
        with st.container(border=True, gap="small", key=f"row {row['id']}"):
            st.text(line(row, names, row["id"] in uncounted))
            breaches(broken.get(row["opportunity"]))
            if may_change:
                with st.container(horizontal=True, horizontal_alignment="right"):
                    deeds(viewer, row, names)


def breaches(said: list[str] | None) -> None:
    """What the opportunity of an entry broke of the procedure."""
    if said:
        st.html(f"{grids.pill('breached')} <small>{escape('；'.join(said))}</small>")


def line(row: dict, names: dict[int, str], uncounted: bool) -> str:
    """One entry in one line."""
    parts = [row["customer_name"] or _("no customer"), names.get(row["product"]), row["note"]]
    if row["amount_cents"]:
        parts.insert(2, formats.amount(row["amount_cents"]))
    time = f"{row['time']:%H:%M}  " if row["time"] else ""
    mark = " · " + _("withdrawn") if row["voided"] else " · " + _("not counted") if uncounted else ""
    return f"{time}{word(row['kind'])}  " + " · ".join(part for part in parts if part) + mark


def deeds(viewer: Viewer, row: dict, names: dict[int, str]) -> None:
    """What may be done to one entry."""
    if row["voided"]:
        put_back(viewer, row)
        return
    with st.popover(_("Change"), type="tertiary"):
        change(viewer, row, names)
    take_back(viewer, row)


def take_back(viewer: Viewer, row: dict) -> None:
    if st.button(_("Withdraw"), type="tertiary", key=f"void {row['id']} {row['version']}"):
        done(lambda: activity.void(viewer, row["id"], row["version"]))


def put_back(viewer: Viewer, row: dict) -> None:
    if st.button(_("Undo"), type="tertiary", icon=":material/undo:", key=f"restore {row['id']} {row['version']}"):
        done(lambda: activity.restore(viewer, row["id"], row["version"]))


def change(viewer: Viewer, row: dict, names: dict[int, str]) -> None:
    """Corrects one entry. The fields are those of the row as it was first drawn here: what somebody else changed since
    is told when it is saved, and what was typed here stands beside it."""
    seen = session.state().setdefault("rows seen", {})
    held = seen.setdefault(row["id"], row)
    typed = correction(viewer, held, names)
    changes = {name: value for name, value in typed.items() if value != held[name]}
    if held["version"] != row["version"] and not changes:
        seen[row["id"]] = row
        st.rerun(scope="app")
    if not st.button(_("Save"), type="primary", key=f"save {row['id']} {held['version']}") or not changes:
        return
    first = entries.earliest(viewer)
    try:
        activity.correct(viewer, row["id"], held["version"], clock.today(), earliest=first, **changes)
    except Changed as error:
        notices.refused(error)
        seen[row["id"]] = row
        for name, value in changes.items():
            st.session_state[field(name, row)] = value / 1_000_000 if name == "amount_cents" else value
    except StorageError as error:
        notices.refused(error)
    else:
        seen.pop(row["id"])
        st.rerun()


def correction(viewer: Viewer, row: dict, names: dict[int, str]) -> dict:
    """The fields of what is chosen as having happened, as they stand."""
    kind = st.selectbox(_("What happened"), list(KINDS), list(KINDS).index(row["kind"]), word, key=field("kind", row))
    typed: dict = {"kind": kind}
    theirs = customers.of_manager(viewer, row["manager"]).select("customer", "customer_name")
    people = {row["customer"]: row["customer_name"], **dict(theirs.iter_rows())}
    typed["customer"] = st.selectbox(
        _("Customer"),
        list(people),
        list(people).index(row["customer"]),
        lambda one: people[one] or _("no customer"),
        key=field("customer", row),
    )
    place = list(names).index(row["product"]) if row["product"] in names else None
    typed["product"] = st.selectbox(_("Product"), list(names), place, names.get, key=field("product", row))
    if kind == "consultation":
        for name, label in (("met_decider", _("Met who decides")), ("need_recorded", _("Need, or no need, noted"))):
            said = st.toggle(label, row[name] is not False, key=field(name, row))
            typed[name] = row[name] if said == (row[name] is not False) else said
        if not row["effective"]:
            typed["effective"] = st.toggle(_("Effective"), False, key=field("effective", row))
    else:
        value = None if row["amount_cents"] is None else row["amount_cents"] / 1_000_000
        amount = st.number_input(_("Amount (10,000 yuan)"), 0.0, 1e8, value, 1.0, key=field("amount_cents", row))
        typed["amount_cents"] = None if amount is None else round(amount * 1_000_000)
    for name, label, codes in (("method", _("Method"), METHODS), ("channel", _("Channel"), CHANNELS)):
        typed[name] = st.pills(label, list(codes), default=row[name], format_func=word, key=field(name, row))
    typed["note"] = st.text_input(_("Note"), row["note"] or "", key=field("note", row)) or None
    first = min(entries.earliest(viewer), row["day"])
    typed["day"] = st.date_input(_("Day"), row["day"], first, clock.today(), key=field("day", row))
    return typed


def field(name: str, row: dict) -> str:
    return f"new {name} {row['id']} {row['version']}"


def done(write) -> None:
    """Does it and shows the page anew; says why where it was refused."""
    try:
        write()
    except StorageError as error:
        notices.refused(error)
    else:
        st.rerun()
