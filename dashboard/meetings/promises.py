"""What each manager promises for a day or a week, typed by the branch head and confirmed by whom it is."""

from collections.abc import Sequence
from functools import partial

import polars as pl
import streamlit as st

from dashboard.reverse_plan.gather import fingerprint
from dashboard.shell.language import _, ngettext
from dashboard.standing.book import grain_of
from dashboard.widgets.edited_table import EditedTable
from dashboard.widgets.saving import saving
from dashboard.workdays import working_days
from db.access import Viewer, covers
from db.meetings import promises
from db.people import people
from metrics import periods
from metrics.catalog import COUNTS
from metrics.periods import Period

NAMES = [one.name for one in COUNTS]


def editor(viewer: Viewer, span: Period, branch: int, proposals: pl.DataFrame, order: Sequence[int] = ()) -> None:
    """One row a manager posted there on the day, or the first of the week, in the order of these ids: type what each
    promises, or take what is proposed; nothing is stored before it is saved."""
    if not covers(viewer, "set_promises", region=viewer.region, branch=branch):
        st.caption(_("Promises are entered by the branch head."))
        return
    name = f"promises {branch} {span.first} {grain_of(span)}"
    asked = (span, branch, fingerprint(proposals), tuple(order))
    stored = partial(start, viewer, span, branch, proposals, order)
    table = EditedTable(name, lambda: viewer.cached("promises to type into", *asked, read=stored), "manager", NAMES)
    shown = ["manager_name", *(column for one in NAMES for column in (one, f"{one}_needed")), "confirmed"]
    table.show(columns(), _("Promises of each manager"), shown)
    table.follow()
    warn_late(viewer, span)
    with st.container(horizontal=True):
        save = st.button(_("Save promises"), type="primary", key=f"save {name}")
        take = st.button(
            _("Fill in what the plan needs"),
            key=f"take {name}",
            help=_("fills empty cells only; nothing is stored before you save"),
        )
    if take:
        filled = [pl.coalesce(one, f"{one}_needed").alias(one) for one in NAMES]
        table.fill(table.typed.with_columns(filled))
    if save:
        typed = {
            manager: {one: change.after for one, change in changes.items()}
            for manager, changes in table.changes().items()
        }
        late = working_days.half_over(viewer, span)
        with saving() as outcome:
            number = promises.set_promises(viewer, span.first, typed, grain_of(span), late)
            outcome.message = ngettext("{number} promise saved", "{number} promises saved", number)
            table.close()


def warn_late(viewer: Viewer, span: Period) -> None:
    """That a promise made by now is late, where it is."""
    if working_days.half_over(viewer, span):
        st.caption(_("Half of the time is over: what is promised or changed now is marked as late and not counted."))


def columns() -> dict:
    box = st.column_config
    shown = {"manager": None, "manager_name": box.TextColumn(_("Manager"), disabled=True)}
    for one in COUNTS:
        label, about = _(one.label), _("what the plans need of that time, as far as it is doable")
        shown[one.name] = box.NumberColumn(label, min_value=0, max_value=999, step=1)
        shown[f"{one.name}_needed"] = box.NumberColumn(
            _("{measure}: proposed", measure=label), disabled=True, help=about
        )
    shown["confirmed"] = box.CheckboxColumn(_("Confirmed"), disabled=True, help=_("by the manager, on their own page"))
    return shown


def start(
    viewer: Viewer, span: Period, branch: int, proposals: pl.DataFrame, order: Sequence[int] = ()
) -> pl.DataFrame:
    """manager, manager_name, per count what is promised and what is proposed, and whether they confirmed it."""
    promised = promises.read(viewer, span.first, grain_of(span)).pivot("measure", index="manager", values="target")
    absent = [pl.lit(None, pl.Int64).alias(name) for name in NAMES if name not in promised.columns]
    promised = promised.with_columns(absent).select("manager", *NAMES)
    team = people.managers(viewer, periods.day(span.first), branch).select("manager", "manager_name")
    proposed = proposals.select("manager", *(pl.col(name).alias(f"{name}_needed") for name in NAMES))
    table = team.join(promised, on="manager", how="left").join(proposed, on="manager", how="left")
    confirmed = pl.col("manager").is_in(list(promises.confirmed(viewer, span.first, grain_of(span))))
    places = {manager: place for place, manager in enumerate(order)}
    place = pl.col("manager").replace_strict(places, default=len(places), return_dtype=pl.Int64)
    return table.with_columns(confirmed=confirmed).sort(place, "manager")
