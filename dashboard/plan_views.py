"""What stands around the table of plans: the sum of the parts beside the whole, what it goes by, what was there before."""

from functools import partial

import polars as pl
import streamlit as st

from dashboard import cards, formats, grids, plan_table
from dashboard.cards import Card
from dashboard.planning import Planning
from dashboard.words import _, language, plain, word
from db import customers, plan_history
from db.access import Viewer
from metrics import allocation
from metrics.catalog import MEASURES

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
    return dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())


def sums(planning: Planning, typed: pl.DataFrame) -> None:
    """One card a measure: the whole, and whether the parts make it; nothing is made to fit."""
    whole = plan_table.whole_of(planning, typed)
    wholes = pl.DataFrame(
        {"measure": list(whole), "plan": list(whole.values())}, {"measure": pl.String, "plan": pl.Int64}
    )
    found = allocation.breakdown(wholes, planning.parts(typed))
    shown = [card(row) for row in found.to_dicts()]
    cards.row(shown)
    gone = planning.vacant.partition_by("manager_name", maintain_order=True)
    if gone:
        said = [f"{plain(one['manager_name'][0])} {leftover(one)}" for one in gone]
        st.caption(_("Vacant, because its holder has left: {plans}", plans="；".join(said)))


def leftover(vacant: pl.DataFrame) -> str:
    return " · ".join(
        f"{_(MEASURES[one].label)} {formats.planned(one, value)}" for _name, one, value in vacant.iter_rows()
    )


def card(row: dict) -> Card:
    label, spelt = _(MEASURES[row["measure"]].label), partial(formats.planned, row["measure"])
    together = _("below together {number}", number=spelt(row["parts"]))
    match row["state"]:
        case "no_whole":
            return Card(label, formats.NOTHING, " · ".join([_("No plan"), together]))
        case "even":
            said, tone = "✔ " + _("wholly divided"), "on_pace"
        case "under":
            said, tone = "▼ " + _("not divided: {number}", number=spelt(row["difference"])), "behind"
        case _:
            said, tone = "▲ " + _("divided too much: {number}", number=spelt(-row["difference"])), "far_behind"
    return Card(label, spelt(row["whole"]), f"{together} · {said}", status=tone)


def grounds(planning: Planning) -> None:
    """What the keys go by: days present, and what each did last quarter."""
    columns = [
        grids.text("name", _("Branch") if planning.level == "branch" else _("Manager")),
        grids.number(
            "present", _("Days present"), formats.target, _("working days posted here this month, less leave")
        ),
    ]
    for name, one in MEASURES.items():
        heading = _("{measure}: last quarter", measure=_(one.label))
        columns.append(grids.number(f"{name}_before", heading, formats.FORMAT[one.unit]))
    with st.expander(_("What the keys go by")):
        grids.show(planning.rows, columns)


def history(viewer: Viewer, planning: Planning) -> None:
    """Who set which plan of the month, and what stood there."""
    key = ("plan history", viewer.role, viewer.region, viewer.branch, planning.month, planning.branch)
    found = viewer.store.remembered(key, lambda: plan_history.changes(viewer, planning.month, planning.branch))
    with st.expander(_("{number} changes of these plans", number=found.height)):
        if found.is_empty():
            st.caption(_("Nothing was changed by hand or by a file."))
            return
        names = products(viewer)
        columns = [
            grids.number("at", _("When"), lambda at: f"{at:%m-%d %H:%M}"),
            grids.text("account", _("Account")),
            grids.text("holder", _("Whose")),
            grids.number("measure", _("Measure"), word),
            grids.number("product", _("Product"), lambda one: names.get(one, formats.NOTHING)),
            grids.number("tier", _("Tier"), word),
            grids.Column(_("Before"), lambda row: grids.escape(spelt(row, "before"))),
            grids.Column(_("After"), lambda row: grids.escape(spelt(row, "after"))),
        ]
        grids.show(found.head(HISTORY), columns)


def spelt(row: dict, when: str) -> str:
    return formats.planned(row["measure"], row[when])
