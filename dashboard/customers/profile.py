"""One customer on screen."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.pipeline import gather, lists
from dashboard.shell import links, session
from dashboard.shell.language import _, plain, word
from dashboard.widgets import cards, fields, formats, grids
from dashboard.widgets.cards import Card
from db.access import Viewer, may
from db.customers import handover
from db.customers import history as done
from db.pipeline import opportunities

AT_ONCE = 200  # entries
CUSTOMERS = "customers"  # the page that finds them


def about(viewer: Viewer, customer: dict) -> None:
    """How to reach them, what they are, and who looks after them (customers.FOUND)."""
    manager = links.manager(customer["manager"], customer["manager_name"], customer["branch"])
    last = formats.day(customer["last_day"])
    cards.row(
        [
            Card(_("Phone"), links.phone(customer["phone"])),
            Card(_("Kind"), word(customer["kind"])),
            Card(_("Manager"), manager, customer["branch_name"]),
            Card(_("Last contact"), last),
        ]
    )
    passing = handover.waiting(viewer, customer["customer"])
    if passing is not None:
        to, day = passing
        st.caption(_("Passes to {manager} on {day}", manager=plain(to), day=formats.day(day)))


def needs(viewer: Viewer, customer: int, today: date) -> None:
    """Their opportunities, those under way on top; whoever may record moves them on here."""
    found = gather.board(viewer, today)
    rows = gather.rows(viewer, found, opportunities.of_customer(viewer, customer))
    rows.sort(key=lambda row: row["end"] is not None)
    st.subheader(_("Opportunities · {number}", number=formats.count(len(rows))))
    if not rows:
        st.caption(_("None."))
        return
    lists.way(viewer)(viewer, CUSTOMERS, rows)


def history(viewer: Viewer, customer: int) -> None:
    """What they have, and everything that was done for them, the latest on top."""
    found, names = done.read(viewer, customer, AT_ONCE), fields.products(viewer)
    when = grids.Column(_("Day"), lambda row: formats.day(row["day"]), left=True)
    product = grids.Column(_("Product"), lambda row: names.get(row["product"]) or formats.NOTHING, left=True)
    amount = grids.number("amount_cents", _("Amount"), formats.amount)
    held = found.filter(pl.col("kind") == "deal")
    if held.height:
        st.subheader(_("Products · {number}", number=formats.count(held["product"].n_unique())))
        grids.show(held, [product, when, amount, grids.manager()], cards=True)
    st.subheader(_("History"))
    if found.is_empty():
        st.caption(_("None."))
        return
    what = grids.Column(_("What happened"), lambda row: word(row["kind"]), left=True)
    note = grids.Column(_("Note"), lambda row: grids.long(row["note"]) if row["note"] else formats.NOTHING, left=True)
    grids.show(found, [when, what, product, amount, grids.manager(), note], cards=True)
    if found.height == AT_ONCE:
        st.caption(_("The latest {number}.", number=AT_ONCE))


def back() -> None:
    """To all customers."""
    link = Markup('<a class="cx-more" href="{}" target="_self">‹ {}</a>')
    st.html(link.format(session.href(CUSTOMERS, customer=None), _("All customers")))


def trail(viewer: Viewer, customer: int) -> None:
    """To what the audit trail says of them, for whoever may read it."""
    if may(viewer, "read_audit"):
        link = Markup('<a class="cx-more" href="{}" target="_self">{} ›</a>')
        st.html(link.format(session.href("audit_trail", customer=customer), _("What the audit trail says of them")))
