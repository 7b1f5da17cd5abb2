"""Whom to call or visit next: the open needs whose next step is due."""

from datetime import date

import streamlit as st
from markupsafe import Markup

from dashboard.activity import day_rows, entry_form
from dashboard.customers import picker
from dashboard.pipeline import gather
from dashboard.shell import links
from dashboard.shell.language import _, ngettext
from dashboard.widgets import drafts, fields, formats
from db.access import Viewer
from db.pipeline import open_needs
from metrics.statuses import OVERDUE

SHOWN = 20


def show(viewer: Viewer, manager: int, on: date) -> None:
    """The steps due on the day and overdue, the longest overdue first; one tap puts the customer into the entry."""
    table = open_needs.due(viewer, manager, on)
    late = table.filter(table["next_step_due"] < on).height
    if table.is_empty():
        st.caption(":material/check: " + _("No call or visit is due."))
        return
    said = ngettext("{number} call or visit is due", "{number} calls and visits are due", table.height)
    overdue = f" · {OVERDUE.icon} " + _("{number} overdue", number=late) if late else ""
    steps = st.expander(said + overdue, icon=":material/call:", key="due steps", on_change="rerun")
    if not steps.open:
        return
    with steps:
        names, form = fields.products(viewer), drafts.Form(viewer, entry_form.NAME)
        broken = gather.flags(viewer, table["opportunity"].head(SHOWN).to_list(), on)
        for row in table.head(SHOWN).to_dicts():
            with st.container(
                border=True, horizontal=True, vertical_alignment="center", key=f"due {row['opportunity']}"
            ):
                mark = f"{OVERDUE.icon} " + formats.day(row["next_step_due"]) if row["next_step_due"] < on else None
                name = links.customer(row["customer"], row["customer_name"])
                parts = (name, gather.step_label(row["next_step"]), names.get(row["product"]), mark)
                line = Markup(" · ").join(filter(None, parts)) + day_rows.breaches(broken.get(row["opportunity"]))
                st.html(line, width="stretch")
                if row["phone"]:
                    st.html(links.phone(row["phone"]))
                st.button(_("Log it"), key=f"log due {row['opportunity']}", on_click=begin, args=(form, row))
        if table.height > SHOWN:
            st.caption(_("… and {number} more", number=table.height - SHOWN))


def begin(form: drafts.Form, row: dict) -> None:
    form.put(customer=row["customer"])
    picker.fill(form, row)
