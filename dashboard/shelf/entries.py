"""The entries of the shelf, each opened by a tap; who opens one has seen it, and who leads the team sees how many have."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.shelf import form, words
from dashboard.shell.language import _, plain, word
from dashboard.widgets import fields, filters, formats
from dashboard.widgets.saving import saving
from db.access import Viewer, covers, may
from db.codes import SHELF
from db.meetings import shelf
from db.people import people
from metrics import periods

AT_ONCE = 40


def choose(viewer: Viewer, today: date) -> pl.DataFrame:
    """What is looked for: a kind, words, and whether what no longer holds is shown too."""
    found = shelf.read(viewer)
    with filters.bar():
        names = {None: _("all")} | {one: word(one) for one in SHELF}
        kind = filters.choose("shelf", _("Kind"), list(names), names.get)
        said = st.text_input(_("Search"), key="shelf words", placeholder=_("words, trades, products"))
        late = st.toggle(_("also what no longer holds"), key="shelf late")
    found = found if kind is None else found.filter(pl.col("kind") == kind)
    found = found if late else found.filter(shelf.holds(today))
    return shelf.search(found, said or "")


def show(viewer: Viewer, found: pl.DataFrame, today: date) -> None:
    """A line an entry, its content when it is opened."""
    if found.is_empty():
        st.info(_("Nothing on the shelf for this."))
        return
    views = shelf.views(viewer) if may(viewer, "read_shelf_views") else shelf.nobody()
    staff = people.managers(viewer, periods.day(today))
    branches = dict(people.branches(viewer).select("branch", "branch_name").iter_rows())
    products = fields.products(viewer)
    for row in found.head(AT_ONCE).to_dicts():
        seen = views.filter(entry=row["entry"])["manager"].to_list()
        place = pl.col("region") == row["region"] if row["branch"] is None else pl.col("branch") == row["branch"]
        team = dict(staff.filter(place).select("manager", "manager_name").iter_rows())
        row["place"] = branches.get(row["branch"], _("Region"))
        entry(viewer, row, products, seen, team, today)
    if found.height > AT_ONCE:
        st.caption(_("… and {number} more: search for them.", number=formats.count(found.height - AT_ONCE)))


def entry(
    viewer: Viewer, row: dict, products: dict[int, str], seen: list[int], team: dict[int, str], today: date
) -> None:
    about = [
        word(row["kind"]),
        formats.short_day(row["day"]),
        *([plain(row["place"])] if viewer.branch is None else []),
    ]
    title = " · ".join([f"**{plain(row['title'])}**", *about, state(viewer, seen, team)])
    opened = st.expander(title, key=f"entry {row['entry']}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        for label, text in words.parts(row):
            st.markdown((f"**{label}** " if label else "") + lines(text))
        about = [_("the branch's") if row["branch"] else _("the region's"), *words.facts(row, products)]
        st.caption(plain(" · ".join(about)))
        if viewer.manager is None:
            who(seen, team)
        elif viewer.manager not in seen:
            shelf.mark_seen(viewer, row["entry"], today)
        if covers(viewer, "write_shelf", region=row["region"], branch=row["branch"]):
            change(viewer, row)


def lines(text: str) -> str:
    """As it was typed, line by line."""
    return "  \n".join(plain(one) for one in text.split("\n"))


def state(viewer: Viewer, seen: list[int], team: dict[int, str]) -> str:
    """A manager's own; else how many of the team have seen it."""
    if viewer.manager is not None:
        return "√ " + _("read") if viewer.manager in seen else "○ " + _("new")
    if not team:
        return ""
    return _("read by {number} of {all}", number=len(team.keys() & set(seen)), all=len(team))


def who(seen: list[int], team: dict[int, str]) -> None:
    missing = [name for one, name in team.items() if one not in seen]
    if team and missing:
        st.caption(_("Not read yet: {names}", names=plain(" ".join(missing[:AT_ONCE]))))


def change(viewer: Viewer, row: dict) -> None:
    with st.container(horizontal=True):
        if st.button(_("Change"), key=f"change {row['entry']}"):
            form.begin(viewer, row)
        if st.button(_("Take it off the shelf"), key=f"withdraw {row['entry']}"):
            with saving(_("It is off the shelf.")):
                shelf.withdraw(viewer, row["entry"])


def writing(viewer: Viewer, today: date) -> None:
    """The form, for whoever writes for a branch or a region."""
    found = shelf.read(viewer)
    if viewer.branch is not None and covers(viewer, "write_shelf", region=viewer.region, branch=viewer.branch):
        form.show(viewer, found, viewer.branch, today)
    elif viewer.region is not None and covers(viewer, "write_shelf", region=viewer.region):
        form.show(viewer, found, None, today)
