"""Visiting days planned by the branch head: when, once or again and again, where to, who leads, who goes with whom; and
cancelled."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import edited_table, formats
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import VISIT_PARTS
from db.limits import LONGEST_TEXT
from db.meetings import visiting
from db.meetings.visiting import LARGEST, LONGEST, MOST_VISITS, NTH, SMALLEST, WEEK, Arrangement, Place, Rule
from db.people import people, territories
from metrics import periods

USUAL_TARGET = 6
AHEAD = timedelta(92)
ORDINAL = (
    lambda: _("the first"),
    lambda: _("the second"),
    lambda: _("the third"),
    lambda: _("the fourth"),
    lambda: _("the last"),
)


def show(viewer: Viewer, branch: int, days: pl.DataFrame, today: date) -> None:
    """Stands as the last of these visiting days was, a week later, with its team; or in pairs where there was none."""
    going = days.filter(pl.col("cancelled").is_null())
    last = going.row(-1, named=True) if going.height else None
    session.folded(
        _("Plan a visiting day"), f"plan visiting {branch}", lambda: plan(viewer, branch, last, today), last is None
    )


def plan(viewer: Viewer, branch: int, last: dict | None, today: date) -> None:
    places = visiting.team(viewer, last["visiting"]) if last else pl.DataFrame(schema=visiting.TEAM)
    usual = max(today, last["day"] + WEEK) if last else today
    staff = people.managers(viewer, periods.day(today), branch)
    names = dict(staff.select("manager", "manager_name").iter_rows())
    places_of = territories.listing(viewer).filter(pl.col("branch") == branch)
    territory_names = dict(places_of.select("territory", "territory_name").iter_rows())
    key = f"{branch} {last['visiting'] if last else 0}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(_("Day"), usual, today, today + AHEAD, key=f"visiting day {key}", width=170) or usual
        held = last["territory"] if last else None
        territory = choice(_("Territory"), territory_names, held, f"visiting territory {key}", _("no territory set"))
        held = last["leader"] if last else None
        leader = choice(_("Led by"), names, held, f"visiting leader {key}", _("the branch head"))
        target = st.number_input(
            _("Visits a group"),
            1,
            MOST_VISITS,
            last["target"] if last else USUAL_TARGET,
            1,
            key=f"visiting target {key}",
            width=150,
        )
    box = st.column_config
    columns = {
        "manager": None,
        "name": box.TextColumn(_("Manager"), disabled=True, pinned=True),
        "group": box.NumberColumn(_("Small group"), min_value=1, max_value=20, step=1, help=_("empty: does not go")),
        "part": box.SelectboxColumn(_("Part"), options=list(VISIT_PARTS), format_func=word),
    }
    typed = edited_table.draw(start(names, places), columns, f"visiting team {key}", _("Who goes with whom"))
    rule = repeats(day, key)
    if st.button(_("Save the visiting day"), type="primary", key=f"visiting save {key}"):
        going = typed.filter(pl.col("group").is_not_null()).select("manager", "group", "part").rows()
        chosen = tuple(Place(manager, group, part or "") for manager, group, part in going)
        arranged = Arrangement(chosen, leader, territory, target or USUAL_TARGET)
        with saving(_("The visiting day is planned.")) as outcome:
            if rule is None:
                visiting.plan(viewer, branch, day, arranged, today)
                session.set_link(visiting=day)
            else:
                number = visiting.repeat(viewer, branch, rule, arranged, today)
                outcome.message = ngettext(
                    "{number} visiting day is planned.", "{number} visiting days are planned.", number
                )


def repeats(day: date, key: str) -> Rule | None:
    """Whether it repeats, as that day lies in its week or month, and until when; None for this day alone."""
    nth = min((day.day - 1) // 7 + 1, len(NTH))
    rules = {
        "once": _("only this day"),
        "week": _("every {weekday}", weekday=formats.weekday(day)),
        "month": _("every month on {nth} {weekday}", nth=ORDINAL[nth - 1](), weekday=formats.weekday(day)),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            _("Repeats"), list(rules), default="once", format_func=rules.get, key=f"visiting rule {key}", required=True
        )
        if chosen == "once":
            return None
        usual = day + AHEAD
        until = st.date_input(_("Until"), usual, day, day + LONGEST, key=f"visiting until {key} {day}", width=170)
    st.caption(_("Days off by the bank's calendar, and days that are planned already, are left as they are."))
    return Rule(day.weekday(), day, until or usual, NTH[nth - 1] if chosen == "month" else None)


def cancel(viewer: Viewer, day: dict, today: date) -> None:
    """The way not to go out, for a reason: on this day, or on the later days of its rule too."""
    key = day["visiting"]

    def reason_of() -> None:
        reason = st.text_input(_("Why is it cancelled?"), max_chars=LONGEST_TEXT, key=f"why no visiting {key}")
        rest = day["rule"] is not None and st.checkbox(_("and all later days of its rule"), key=f"and the rest {key}")
        if st.button(_("Cancel it"), key=f"no visiting {key}"):
            with saving(_("It is cancelled.")):
                visiting.cancel(viewer, key, reason or "", today, rest)

    session.popover(_("Cancel the visiting day"), f"cancel visiting {key}", reason_of)


def choice(label: str, names: dict[int, str], held: int | None, key: str, nothing: str) -> int | None:
    options = [None, *names]
    place = options.index(held) if held in options else 0
    return st.selectbox(label, options, place, {None: nothing, **names}.get, key=key)


def start(names: dict[int, str], places: pl.DataFrame) -> pl.DataFrame:
    """Everybody of the branch with the group and part they had, or in pairs."""
    held = {row["manager"]: (row["group"], row["part"]) for row in places.to_dicts()} or pairs(list(names))
    rows = [(one, name, *held.get(one, (None, None))) for one, name in names.items()]
    return pl.DataFrame(
        rows, {"manager": pl.Int64, "name": pl.String, "group": pl.Int64, "part": pl.String}, orient="row"
    )


def pairs(managers: list[int]) -> dict[int, tuple[int, str]]:
    """Groups of two; of an odd number the last is of three."""
    groups = max(len(managers) // SMALLEST, 1)
    parts = list(VISIT_PARTS)
    found = {}
    for nth, manager in enumerate(managers):
        group = min(nth // SMALLEST, groups - 1)
        found[manager] = (group + 1, parts[min(nth - group * SMALLEST, LARGEST - 1)])
    return found
