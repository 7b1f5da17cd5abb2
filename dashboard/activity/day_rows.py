"""The day's rows: each can be corrected or withdrawn, and what was withdrawn put back, in its place."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.activity import entries, entry_fields
from dashboard.pipeline import gather
from dashboard.shell import clock, links, session
from dashboard.shell.language import _, word
from dashboard.widgets import fields, formats, grids
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.codes import KINDS
from db.customers import customers
from db.errors import Changed
from db.log import activity
from db.log.fields import BY_NAME, CORRECTION, Field, asked, of
from db.meetings import closing
from db.recording import recording
from metrics import periods

LINE = Markup('<div class="cx-entry"><span>{}</span> {}</div>')


def locked(viewer: Viewer, branch: int, on: date) -> bool:
    """Whether the day is closed to the viewer, which is said where this is asked."""
    found = closing.locked(viewer, branch, on)
    if found:
        st.warning(_("This day is closed: only the branch head can change its entries."), icon=":material/lock:")
    return found


def show(viewer: Viewer, manager: int, on: date, may_change: bool = True) -> None:
    """A manager's entries of one day, the latest first."""
    table = activity.rows(viewer, on, manager, withdrawn=may_change)
    if table.is_empty():
        st.info(_("Nothing recorded on this day yet."))
        return
    names = fields.products(viewer)
    uncounted = viewer.cached("not counted", on, read=lambda: not_counted(viewer, on))
    broken = gather.flags(viewer, table["opportunity"].to_list(), clock.today())
    for row in table.to_dicts():
        with st.container(
            border=True,
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="small",
            key=f"row {row['id']}",
        ):
            st.html(line(row, names, row["id"] in uncounted, broken.get(row["opportunity"])), width="stretch")
            if may_change:
                actions(viewer, row, names)


def not_counted(viewer: Viewer, on: date) -> set[int]:
    """The entries that are not effective by the bank's definitions, or not the first of their kind."""
    return set(activity.read(viewer, periods.day(on)).filter(~pl.col("counted")).select("id").collect()["id"])


def breaches(said: list[str] | None) -> Markup:
    """What the opportunity of an entry broke of the procedure."""
    return Markup("<div>{} {}</div>").format(grids.pill("breached"), grids.small("；".join(said))) if said else Markup()


def line(row: dict, names: dict[int, str], uncounted: bool, broken: list[str] | None) -> Markup:
    """One entry in one line, with what was broken below it."""
    parts = [links.customer(row["customer"], row["customer_name"]), names.get(row["product"]), row["note"]]
    if row["amount_cents"]:
        parts.insert(2, formats.amount(row["amount_cents"]))
    parts.insert(-1, need(row))
    time = f"{row['time']:%H:%M}  " if row["time"] else ""
    mark = " · " + _("withdrawn") if row["voided"] else " · " + _("not counted") if uncounted else ""
    return LINE.format(time + word(row["kind"]), Markup(" · ").join(filter(None, parts)) + mark) + breaches(broken)


def need(row: dict) -> str:
    """Whether the customer has a need, where that was asked."""
    has, none = BY_NAME["has_need"].words
    return "" if row["has_need"] is None else _(has) if row["has_need"] else _(none)


def actions(viewer: Viewer, row: dict, names: dict[int, str]) -> None:
    """What may be done to one entry."""
    if row["voided"]:
        restore(viewer, row)
        return
    session.popover(_("Change"), f"change {row['id']}", lambda: change(viewer, row, names), "tertiary")
    withdraw(viewer, row)


def withdraw(viewer: Viewer, row: dict) -> None:
    if st.button(_("Withdraw"), type="tertiary", key=f"void {row['id']} {row['version']}"):
        with saving():
            recording.void(viewer, row["id"], row["version"])


def restore(viewer: Viewer, row: dict) -> None:
    if st.button(_("Restore"), type="tertiary", icon=":material/undo:", key=f"restore {row['id']} {row['version']}"):
        with saving():
            recording.restore(viewer, row["id"], row["version"])


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
    with saving() as outcome:
        recording.correct(viewer, row["id"], held["version"], clock.today(), earliest=first, **changes)
        seen.pop(row["id"])
    if isinstance(outcome.refused, Changed):
        seen[row["id"]] = row
        for name, value in changes.items():
            fields.put(field(name, row), value / 1_000_000 if name == "amount_cents" else value)


def correction(viewer: Viewer, row: dict, names: dict[int, str]) -> dict:
    """The fields of what is chosen as having happened, as they stand."""
    kind = st.selectbox(_("What happened"), list(KINDS), list(KINDS).index(row["kind"]), word, key=field("kind", row))
    typed: dict = {"kind": kind}
    people = {row["customer"]: row["customer_name"]}
    if may(viewer, "read_personal_data"):
        theirs = customers.of_manager(viewer, row["manager"]).select("customer", "customer_name")
        people |= dict(theirs.iter_rows())
    typed["customer"] = st.selectbox(
        _("Customer"),
        list(people),
        list(people).index(row["customer"]),
        lambda one: people[one] or _("no customer"),
        key=field("customer", row),
    )
    place = list(names).index(row["product"]) if row["product"] in names else None
    typed["product"] = st.selectbox(_("Product"), list(names), place, names.get, key=field("product", row))
    facts = {"consultation": kind == "consultation", "named": typed["customer"] is not None, "new": False}
    for one in of(CORRECTION, "visit", "later", "details"):
        if asked(one, **facts):
            typed[one.name] = corrected(one, row)
    if facts["consultation"] and not row["effective"]:
        typed["effective"] = st.toggle(_("Effective"), False, key=field("effective", row))
    first = min(entries.earliest(viewer), row["day"])
    typed["day"] = st.date_input(_("Day"), row["day"], first, clock.today(), key=field("day", row))
    return typed


def corrected(one: Field, row: dict):
    """Draws a field of a stored entry, by its kind, and gives what it says now."""
    stands, key = row[one.name], field(one.name, row)
    if one.kind == "yes_no":
        return entry_fields.yes_no(one, stands, key)
    if one.kind == "code":
        return st.pills(_(one.label), list(one.codes), default=stands, format_func=word, key=key)
    if one.kind == "amount":
        value = None if stands is None else stands / 1_000_000
        amount = st.number_input(_("Amount (10,000 yuan)"), 0.0, 1e8, value, 1.0, key=key)
        return None if amount is None else round(amount * 1_000_000)
    return st.text_input(_(one.label), stands or "", key=key) or None


def field(name: str, row: dict) -> str:
    return f"new {name} {row['id']} {row['version']}"
