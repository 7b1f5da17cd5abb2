"""Product mix: which share of its deals each branch makes with each product."""

import streamlit as st

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.shell.language import _, language
from dashboard.standing import standing
from dashboard.widgets import formats, grids
from metrics.catalog import DEALS


def show(asked: Compared) -> None:
    table, together = gather.product_mix(asked)
    if together.is_empty():
        st.info(_("No deal of a product in this period."))
        return
    name = f"product_{language()}"
    products = standing.with_names(asked.book.viewer, together).to_dicts()
    known = {(row[asked.key], row["product"]): row for row in table.to_dicts()}
    totals = {row[asked.key]: row["all_deals"] for row in table.to_dicts()}
    of_all = products[0]["all_deals"]

    def deals(row: dict) -> str:
        return formats.count(totals.get(row[asked.key], 0) if asked.key in row else of_all)

    columns = [cells.unit(asked), grids.Column(_(DEALS.label), deals)]
    columns += [product(asked, one, str(one[name]), known) for one in products]
    grids.show(asked.in_order(asked.units()), columns, {f"{asked.key}_name": _("Together")}, dense=True)
    cells.about_colours(_("Share of the deals by number, beside the product's share of all deals."))


def product(asked: Compared, one: dict, heading: str, known: dict) -> grids.Column:
    def cell(row: dict) -> str:
        if asked.key not in row:
            return formats.share(one["share"])
        found = known[row[asked.key], one["product"]]
        href = cells.rows_behind(asked, row, asked.found.period, DEALS, product=one["product"])
        return cells.marked(formats.share(found["share"]), found["place"], href, formats.count(found["deals"]))

    return grids.Column(heading, cell)
