"""What is on file of a customer: their kind and their territory, said by whoever looks after them; and what they held before
the log."""

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, plain, word
from dashboard.widgets import fields, formats, grids
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.codes import CUSTOMER_KINDS
from db.customers import filing, holding
from db.people import territories


def show(viewer: Viewer, customer: dict) -> None:
    """Their territory, and for who may put them on file the form."""
    found = filing.read(viewer, customer["customer"])
    if found.is_empty():
        return
    held = found.row(0, named=True)
    name = held["territory_name"]
    st.caption(_("Territory: {name}", name=plain(name)) if name is not None else _("In no territory yet: not on file."))
    place = {"region": viewer.region, "branch": customer["branch"], "manager": customer["manager"]}
    if covers(viewer, "file_customers", **place):
        name = f"filing {customer['customer']}"
        session.folded(_("Put on file"), name, lambda: form(viewer, customer, held))


def form(viewer: Viewer, customer: dict, held: dict) -> None:
    places = territories.listing(viewer).filter(pl.col("branch") == customer["branch"])
    names = dict(places.select("territory", "territory_name").iter_rows())
    if held["territory"] is not None:
        names.setdefault(held["territory"], held["territory_name"])
    kinds = list(CUSTOMER_KINDS)
    with st.form(f"file {customer['customer']}", border=False):
        with st.container(horizontal=True):
            kind = st.selectbox(
                _("Kind"),
                kinds,
                kinds.index(held["kind"]) if held["kind"] in kinds else None,
                word,
                placeholder=_("Choose"),
            )
            known = list(names).index(held["territory"]) if held["territory"] is not None else None
            place = st.selectbox(_("Territory"), list(names), known, names.get, placeholder=_("Choose"))
        sent = st.form_submit_button(_("Save"))
    if sent:
        with saving(_("Saved.")):
            filing.put(viewer, customer["customer"], kind, place)


def held_before(viewer: Viewer, customer: int) -> None:
    """What they have held since before the log, where there is any."""
    found, names = holding.of_customer(viewer, customer), fields.products(viewer)
    if found.is_empty():
        return
    st.subheader(_("Held before the log · {number}", number=formats.count(found.height)))
    product = grids.Column(
        _("Product"), lambda row: names.get(row["product"]) or formats.NOTHING, left=True, title=True
    )
    since = grids.Column(_("From"), lambda row: str(row["since"]), left=True)
    until = grids.Column(_("To"), lambda row: str(row["until"] or formats.NOTHING), left=True)
    grids.show(found, [product, since, until], cards=True)
