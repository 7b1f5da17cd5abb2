"""What stands around the table of plans: the sum of the parts beside the whole, what it goes by, what was there
before."""

from functools import partial

import polars as pl
import streamlit as st

from dashboard.plans import table
from dashboard.plans.gather import Planning
from dashboard.shell import links, session
from dashboard.shell.language import _, language, ngettext, plain, word
from dashboard.widgets import cards, formats, grids
from dashboard.widgets.cards import Card
from db.access import Viewer
from db.log import product_list
from db.plans import plan_history
from metrics import statuses
from metrics.catalog import MEASURES
from metrics.plans import allocation
from metrics.statuses import STATUSES

HISTORY = 50  # changes shown


def title(viewer: Viewer, planning: Planning) -> None:
    """Whose plans, of which month; of which product and tier where it is not all and the target."""
    said = [_("Plans"), plain(planning.name), formats.month(planning.month.first)]
    if planning.product is not None:
        said.append(plain(products(viewer)[planning.product]))
    if planning.tier != "target":
        said.append(word(planning.tier))
    st.title(" · ".join(said))


def products(viewer: Viewer) -> dict[int, str]:
    return dict(product_list.read(viewer).select("product", f"product_{language()}").iter_rows())


def sums(planning: Planning, typed: pl.DataFrame) -> None:
    """One card a measure: the whole, and whether the parts make it; nothing is made to fit."""
    whole = table.whole_of(planning, typed)
    wholes = pl.DataFrame(
        {"measure": list(whole), "plan": list(whole.values())}, {"measure": pl.String, "plan": pl.Int64}
    )
    found = allocation.breakdown(wholes, planning.parts(typed))
    shown = [card(row) for row in found.to_dicts()]
    cards.row(shown)
    gone = planning.vacant.partition_by("manager_name", maintain_order=True)
    if gone:
        said = [f"{plain(one['manager_name'][0])} {leftover(one)}" for one in gone]
        st.caption(_("Vacant because the manager has left: {plans}", plans="；".join(said)))


def leftover(vacant: pl.DataFrame) -> str:
    return " · ".join(
        f"{_(MEASURES[one].label)} {formats.planned(one, value)}" for _name, one, value in vacant.iter_rows()
    )


def card(row: dict) -> Card:
    label, spelt = _(MEASURES[row["measure"]].label), partial(formats.planned, row["measure"])
    together = _("parts add up to {number}", number=spelt(row["parts"]))
    status = STATUSES[row["state"]]
    if status is statuses.NO_WHOLE:
        return Card(label, formats.NOTHING, f"{_(status.label)} · {together}")
    number = f" {spelt(abs(row['difference']))}" if row["difference"] else ""
    return Card(label, spelt(row["whole"]), f"{together} · {status.icon} {_(status.label)}{number}", status=status.code)


def grounds(planning: Planning) -> None:
    """What the keys go by: days present, and what each did last quarter."""
    of_branches = planning.level == "branch"

    def name(row: dict) -> str:
        return row["name"] if of_branches else links.manager(row["holder"], row["name"], planning.branch)

    columns = [
        grids.Column(_("Branch") if of_branches else _("Manager"), name, left=True),
        grids.number(
            "present", _("Days present"), formats.target, _("working days posted here this month, less leave")
        ),
    ]
    for name, one in MEASURES.items():
        heading = _("{measure}: last quarter", measure=_(one.label))
        columns.append(grids.number(f"{name}_before", heading, formats.FORMAT[one.unit]))
    session.folded(_("Basis for dividing"), "basis for dividing", lambda: grids.show(planning.rows, columns))


def history(viewer: Viewer, planning: Planning) -> None:
    """Who set which plan of the month, and what stood there."""
    asked = (planning.month, planning.branch)
    found = viewer.cached("plan history", *asked, read=lambda: plan_history.changes(viewer, *asked))
    label = ngettext("{number} change of these plans", "{number} changes of these plans", found.height)
    session.folded(label, "plan history", lambda: changes(viewer, found))


def changes(viewer: Viewer, found: pl.DataFrame) -> None:
    if found.is_empty():
        st.caption(_("Nothing has been changed by hand or by import."))
        return
    names = products(viewer)
    columns = [
        grids.number("at", _("When"), lambda at: f"{at:%m-%d %H:%M}"),
        grids.text("account", _("Account")),
        grids.text("holder", _("Whose")),
        grids.number("measure", _("Measure"), word),
        grids.number("product", _("Product"), lambda one: names.get(one, formats.NOTHING)),
        grids.number("tier", _("Tier"), word),
        grids.Column(_("Before"), lambda row: formatted_change(row, "before")),
        grids.Column(_("After"), lambda row: formatted_change(row, "after")),
    ]
    grids.show(found.head(HISTORY), columns)


def formatted_change(row: dict, when: str) -> str:
    return formats.planned(row["measure"], row[when])
