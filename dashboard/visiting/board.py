"""A visiting day on screen: its groups, their visits, and what the day brought beside a normal one."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.shell.language import _, ngettext, plain, word
from dashboard.visiting import gather
from dashboard.visiting.gather import Outing
from dashboard.widgets import filters, formats, grids
from db.access import Viewer
from db.codes import VISIT_PARTS
from db.meetings import visiting
from db.people import people
from metrics.catalog import MEASURES
from metrics.periods import Period

FAR = timedelta(92)  # of visiting days that are shown


def days(viewer: Viewer, branch: int | None, today: date) -> pl.DataFrame:
    """The branch's visiting days, past and to come (visiting.DAY)."""
    if branch is None:
        return pl.DataFrame(schema=visiting.DAY)
    return visiting.read(viewer, branch, Period(today - FAR, today + FAR))


def choose(days: pl.DataFrame, today: date) -> dict | None:
    """One of these visiting days: today's or the next unless another is chosen, the last where none is to come; None
    where there is none."""
    if days.is_empty():
        return None
    rows = {row["day"]: row for row in days.to_dicts()}
    usual = next((one for one in rows if one >= today and not rows[one]["cancelled"]), max(rows))

    def said(day: date) -> str:
        return formats.day(day) + (" · " + _("cancelled") if rows[day]["cancelled"] else "")

    return rows[filters.choose("visiting", _("Day"), list(rows), said, usual)]


def facts(viewer: Viewer, outing: Outing) -> None:
    """Who leads, where to, and how many visits are wanted."""
    day = outing.day
    names = dict(people.names(viewer).select("manager", "manager_name").iter_rows())
    leader = names.get(day["leader"]) or _("the branch head")
    wanted = ngettext("{number} visit a group", "{number} visits a group", day["target"])
    place = day["territory_name"] or _("no territory set")
    st.markdown(" · ".join([_("Led by {name}", name=plain(leader)), plain(place), wanted]))


def cancelled(day: dict) -> None:
    """That the branch does not go out, and why."""
    st.info(
        _("Visiting day {day} was cancelled: {reason}", day=formats.day(day["day"]), reason=plain(day["cancelled"]))
    )


def groups(viewer: Viewer, outing: Outing) -> None:
    """One row a group: who does what, and its visits beside those wanted; to a manager those of their own group alone."""

    def visits(row: dict) -> str:
        known = viewer.manager is None or viewer.manager in row["members"]
        return f"{row['visits']} / {outing.day['target']}" if known else formats.NOTHING

    columns = [
        grids.Column(_("Small group"), lambda row: _("Group {number}", number=row["group"]), left=True, title=True),
        *(
            grids.Column(word(part), lambda row, part=part: " ".join(row["parts"][part]) or formats.NOTHING, left=True)
            for part in VISIT_PARTS
        ),
        grids.Column(_("Visits"), visits),
    ]
    rows = outing.groups()
    again = outing.entered_twice()
    if again:
        names = "；".join("、".join(one) for one in again)
        st.caption(_("The same visit, entered by several of a group, counted once: {names}", names=plain(names)))
    grids.show(pl.DataFrame({"nth": range(len(rows))}), [following(one, rows) for one in columns], cards=True)


def following(column: grids.Column, rows: list[dict]) -> grids.Column:
    """The column over rows that hold more than a frame does."""
    return grids.Column(column.heading, lambda row: column.cell(rows[row["nth"]]), left=column.left, title=column.title)


def brought(viewer: Viewer, outing: Outing) -> None:
    """The day's counts beside a normal day of those who went; a manager's own."""
    own = _("Your day beside a normal one") if viewer.manager is not None else _("The day beside a normal one")
    st.subheader(own)
    columns = [
        grids.Column(_("Measure"), lambda row: _(MEASURES[row["measure"]].label), left=True),
        grids.number("actual", _("That day")),
        grids.number("normal", _("A normal day"), formats.number, help=_("mean of the 20 working days before")),
    ]
    grids.show(gather.brought(viewer, outing), columns)
    st.caption(_("A visit made together counts once in the branch, whoever of the group enters it."))
