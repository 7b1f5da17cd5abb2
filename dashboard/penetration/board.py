"""Penetration, the coverage ladder and the attach rate on screen, by branch, manager, territory and product."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.penetration.tables import Penetration
from dashboard.shell import links
from dashboard.shell.language import _, language, ngettext, plain
from dashboard.standing.book import Book
from dashboard.standing.part import Part
from dashboard.widgets import cards, formats, grids
from dashboard.widgets.cards import Card
from db.access import Viewer
from db.customers import stock
from metrics import periods
from metrics.catalog import (
    ATTACH_RATE,
    ATTACHED_LOAN_DEALS,
    CONTACT_PENETRATION,
    COVERAGE,
    LOAN_DEALS,
    MARKET_PENETRATION,
    OUTSIDE_REGISTER,
    PENETRATION,
    POTENTIAL_CUSTOMERS,
    PRODUCT_PENETRATION,
    PRODUCTS_PER_CUSTOMER,
    WON_CUSTOMERS,
)
from metrics.metric import Ratio

LADDER = (CONTACT_PENETRATION, *COVERAGE)
DEFINED = (*PENETRATION, *COVERAGE, ATTACH_RATE, WON_CUSTOMERS, OUTSIDE_REGISTER)  # what a page explains below
NAMED = 5  # territories whose register is out of date, by name
NO_REGISTER = "No territory here has a register yet: penetration needs one. Import territories first."


def of_managers(book: Book) -> None:
    """Each manager's territories on the day of the book; what is new, and the attach rate, of its month to date."""
    month = periods.month(book.on)
    found = Penetration(book.viewer, book.on, month.first, book.part)
    table, total = found.table(["manager"]), found.total()
    st.subheader(_("Penetration by manager"))
    about(found, total)
    first = grids.Column(_("Manager"), manager_cell, left=True)
    shown(table, total, first, book.rules.small_sample)
    said = _(
        "As of {day}; new customers and the attach rate: {month} to date.",
        day=formats.day(book.on),
        month=formats.month(book.on),
    )
    st.caption(said)


def of_manager(book: Book) -> None:
    """One manager's (of the part of the book): penetration of their territories, in their shares, territory by territory;
    what their customers hold, and the attach rate of their month to date."""
    found = Penetration(book.viewer, book.on, periods.month(book.on).first, book.part)
    total, few = found.total(), book.rules.small_sample
    loans = ngettext(
        "of {number} loan deal this month", "of {number} loan deals this month", int(total[LOAN_DEALS.name])
    )
    held = [
        customers(book, total),
        card(PRODUCTS_PER_CUSTOMER, total),
        Card(_(ATTACH_RATE.label), attach_cell(total, few), loans, formats.formula(ATTACH_RATE)),
    ]
    if not total[POTENTIAL_CUSTOMERS.name]:
        cards.row(held)
        st.caption(_("No territory with a register is theirs."))
        products(found)
        return
    won = _("new this month: {number}", number=formats.target(total[WON_CUSTOMERS.name]))
    cards.row([card(MARKET_PENETRATION, total, won), card(CONTACT_PENETRATION, total), *held])
    table = found.table(["territory"])
    table = table.filter(pl.any_horizontal(pl.col(POTENTIAL_CUSTOMERS.name, OUTSIDE_REGISTER.name) > 0))
    first = grids.Column(_("Territory"), territory_cell, left=True)
    grids.show(
        table, [first, *of_registers(), count_column(OUTSIDE_REGISTER)], total | {"territory_name": _("Together")}
    )


def customers(book: Book, total: dict) -> Card:
    """How many customers the book's one manager looks after today, and how many of these have a product."""
    theirs = stock.customers(book.viewer, book.part.branch).filter(manager=book.part.manager).height
    having = formats.target(total[PRODUCTS_PER_CUSTOMER.to.name])
    about = _("records they look after today; with a product: a deal, or held before the log")
    return Card(_("Customers"), formats.count(theirs), _("with a product: {number}", number=having), about)


def of_branches(viewer: Viewer, on: date, branch: int | None = None) -> None:
    """Each branch, or the managers and the territories of one, as it stands on a day; what is new, and the attach rate, of
    its month to date."""
    found = Penetration(viewer, on, periods.month(on).first, Part(branch=branch))
    total = found.total()
    if branch is None:
        table = found.table(["branch"])
        about(found, total)
        shown(table, total, grids.text("branch_name", _("Branch")))
        return
    table = found.table(["manager"])
    about(found, total)
    shown(table, total, grids.Column(_("Manager"), manager_cell, left=True))
    st.subheader(_("By territory"))
    of_territories(viewer, on, branch)


def of_territories(viewer: Viewer, on: date, branch: int | None = None) -> None:
    """Each territory of the branches, or of one."""
    found = Penetration(viewer, on, periods.month(on).first, Part(branch=branch))
    table = found.table(["branch", "territory"])
    place = [] if branch is not None else [grids.text("branch_name", _("Branch"))]
    shown(table, found.total(), grids.Column(_("Territory"), territory_cell, left=True), further=place)


def of_products(viewer: Viewer, on: date, branch: int | None = None) -> None:
    """Which share of the customers with a product, of all or of one branch, holds each product, the most held on top."""
    products(Penetration(viewer, on, part=Part(branch=branch)))


def products(found: Penetration) -> None:
    label = grids.text(f"product_{language()}", _("Product"))
    columns = [label, count_column(PRODUCT_PENETRATION.of), grids.metric(PRODUCT_PENETRATION)]
    table = found.products().sort("product_holders", descending=True, maintain_order=True)
    if table.height:
        grids.show(table, columns)


def shown(
    table: pl.DataFrame, total: dict, first: grids.Column, few: int = 0, further: list[grids.Column] | None = None
) -> None:
    """The table with its total below; numbers of shared territories have a decimal."""
    columns = [
        *(further or []),
        first,
        *of_registers(),
        grids.metric(PRODUCTS_PER_CUSTOMER),
        grids.Column(_(ATTACH_RATE.label), lambda row: attach_cell(row, few), formats.formula(ATTACH_RATE)),
        count_column(OUTSIDE_REGISTER),
    ]
    names = {
        "manager_name": _("Together"),
        "branch_name": _("Together"),
        "territory_name": _("Together"),
        "is_total": True,
    }
    grids.show(table, columns, total | names)


def about(found: Penetration, total: dict) -> None:
    """What has to be said first: that there is no register, or whose is out of date."""
    if not total[POTENTIAL_CUSTOMERS.name]:
        st.info(_(NO_REGISTER))
    above = pl.max_horizontal(one.name for one in (MARKET_PENETRATION, *LADDER)) > 1
    stale = found.table(["territory"]).filter(above)["territory_name"].to_list()
    if stale:
        st.warning(_("Above 100 %: the territory register of {places} is out of date.", places=listed(stale)))


def listed(names: list[str]) -> str:
    more = "…" if len(names) > NAMED else ""
    return "、".join(map(plain, names[:NAMED])) + more


def of_registers() -> list[grids.Column]:
    """What is counted against the registers."""
    return [count_column(POTENTIAL_CUSTOMERS), grids.metric(MARKET_PENETRATION), count_column(WON_CUSTOMERS), ladder()]


def card(one: Ratio, total: dict, said: str = "") -> Card:
    """A ratio, and what it is made of."""
    made = f"{formats.target(total[one.of.name])} ÷ {formats.target(total[one.to.name])}"
    about = " · ".join(filter(None, [made, said]))
    return Card(_(one.label), formats.FORMAT[one.unit](total[one.name]), about, formats.formula(one))


def manager_cell(row: dict) -> str:
    """A name; what is nobody's says so."""
    if row["manager_name"] is None:
        return grids.small(_("Unassigned"))
    return links.manager(row.get("manager"), row["manager_name"], row.get("branch"))


def territory_cell(row: dict) -> str:
    return row["territory_name"] if row["territory_name"] is not None else grids.small(_("No territory"))


def count_column(one) -> grids.Column:
    """A count that is shared may have a decimal."""
    return grids.number(one.name, _(one.label), formats.target, formats.formula(one))


def ladder() -> grids.Column:
    """走访 → 建档 → 授信 → 用信, each of the potential customers."""
    said = " · ".join(f"{_(one.label)}: {formats.formula(one)}" for one in LADDER)
    return grids.Column(_("Visited → on file → approved → with a loan"), ladder_cell, said)


def ladder_cell(row: dict) -> str:
    return Markup(" <small>→</small> ").join(formats.share(row[one.name]) for one in LADDER)


def attach_cell(row: dict, few: int = 0) -> str:
    """The rate with its limits; of few loan deals how many there are instead."""
    value = formats.share(row[ATTACH_RATE.name])
    if row[ATTACH_RATE.name] is None:
        return value
    if row[LOAN_DEALS.name] < few:
        cases = f"{row[ATTACHED_LOAN_DEALS.name]:.0f}/{row[LOAN_DEALS.name]:.0f}"
        return Markup('{} <small title="{}">{}</small>').format(value, cases, _("few cases"))
    return Markup("{} {}").format(value, grids.small(formats.interval(row["attach_rate_low"], row["attach_rate_high"])))
