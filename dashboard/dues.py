"""Whom to call or visit next: the open needs whose next step is due."""

from datetime import date
from html import escape

import streamlit as st

from dashboard import day_rows, drafts, entry, fields, formats, naming, pipelines
from dashboard.words import _
from db import needs
from db.access import Viewer

SHOWN = 20


def show(viewer: Viewer, manager: int, on: date) -> None:
    """The steps due on the day and overdue, the longest overdue first; one tap puts the customer into the entry."""
    table = needs.due(viewer, manager, on)
    late = table.filter(table["next_step_due"] < on).height
    if table.is_empty():
        st.caption(":material/check: " + _("No call or visit is due."))
        return
    said = _("{number} calls and visits are due", number=table.height)
    with st.expander(said + (" · ⚠️ " + _("{number} overdue", number=late) if late else ""), icon=":material/call:"):
        names, form = fields.products(viewer), drafts.Form(viewer, entry.NAME)
        broken = pipelines.flags(viewer, table["opportunity"].head(SHOWN).to_list(), on)
        for row in table.head(SHOWN).to_dicts():
            with st.container(
                border=True, horizontal=True, vertical_alignment="center", key=f"due {row['opportunity']}"
            ):
                mark = "⚠️ " + formats.day(row["next_step_due"]) if row["next_step_due"] < on else None
                parts = (row["customer_name"], pipelines.spoken(row["next_step"]), names.get(row["product"]), mark)
                st.text(" · ".join(filter(None, parts)), width="stretch")
                day_rows.breaches(broken.get(row["opportunity"]))
                if row["phone"]:
                    number = escape(row["phone"])
                    st.html(f'<a class="cx-call" href="tel:{number}">{number}</a>')
                st.button(_("Log it"), key=f"log due {row['opportunity']}", on_click=begin, args=(form, row))
        if table.height > SHOWN:
            st.caption(_("… and {number} more", number=table.height - SHOWN))


def begin(form: drafts.Form, row: dict) -> None:
    form.put(customer=row["customer"])
    naming.fill(form, row)
