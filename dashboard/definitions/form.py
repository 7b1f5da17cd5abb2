"""Changing the definitions: every setting with its present value, what the change would do, and only then a version."""

from datetime import date, timedelta

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.definitions import month_preview
from dashboard.definitions.history import values
from dashboard.definitions.words import lines, problem_text
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets.saving import saving
from db import definitions
from db.access import Viewer, may
from metrics.definitions import Definitions, body_of, changes, from_record, in_force
from metrics.settings import CHOICE, CONDITIONS, MULTIPLE, POINTS, SETTINGS, SHARE, SWITCH, InvalidSetting, Setting

AHEAD = timedelta(366)


def form(viewer: Viewer, found: pl.DataFrame, today: date) -> None:
    """The settings as they are in force on the chosen first day. What was begun stays as it was begun, also when
    somebody saves meanwhile: saving then says so."""
    if not may(viewer, "set_definitions"):
        return
    newest = found["version"].max() or 0
    seen = session.state().setdefault("definitions seen", newest)
    attempts = session.state().setdefault("definitions attempts", 0)
    st.subheader(_("Change the definitions"))
    day = first_day(attempts, today)
    versions = [one for one in values(found) if one.version <= seen]
    base = in_force(versions, day, viewer.region)
    wanted = fields(base, f"{seen} {attempts} {base.version}")
    try:
        one = from_record(next_version(viewer), viewer.region, day, wanted)
    except InvalidSetting as error:
        st.warning(problem_text(error))
        return
    different = changes(base, one)
    if not different:
        if newest != seen:  # nothing is lost
            start_over()
        st.caption(_("Change a setting to see here what it would do to this month. Nothing is stored until you save."))
        return
    st.html(Markup("<br>").join(lines(different)))
    month_preview.show(viewer, one, today)
    save(viewer, one, {name: new for name, (_old, new) in different.items()}, seen, today, versions)


def first_day(attempts: int, today: date) -> date:
    """Tomorrow unless another day is chosen."""
    usual, earliest, last = today + timedelta(1), today.replace(day=1), today + AHEAD
    about = _("The 1st of this month at the earliest: months already reported do not change.")
    key = f"definitions day {attempts}"
    return st.date_input(_("In force from"), usual, earliest, last, key=key, help=about, width=260) or usual


def fields(base: Definitions, key: str) -> dict:
    """A widget a setting, by what they are about; the body as it stands in them."""
    held, typed = body_of(base), {}
    groups = list(dict.fromkeys(one.group for one in SETTINGS))
    for column, group in zip(st.columns(len(groups), border=True), groups, strict=True):
        with column:
            st.markdown(f"**{_(group)}**")
            for one in SETTINGS:
                if one.group == group:
                    typed[one.name] = field(one, held[one.name], f"{one.name} {key}")
    return typed


def field(one: Setting, value, key: str):
    label, about = _(one.label), _(one.help)
    said = {choice: _(text) for choice, text in one.choices.items()}
    if one.kind == CONDITIONS:
        st.markdown(label, help=about)
        return [choice for choice in said if st.checkbox(said[choice], choice in value, key=f"{choice} {key}")]
    if one.kind == CHOICE:
        return st.radio(label, list(said), list(said).index(value), said.get, key=key, help=about) or value
    if one.kind == SWITCH:
        return st.toggle(label, value, key=key, help=about)
    if one.kind in (POINTS, SHARE):
        unit, shown = _("points") if one.kind == POINTS else "%", round(value * 100, 4)
        typed = st.number_input(
            f"{label} ({unit})", one.least * 100.0, one.most * 100.0, shown, 1.0, "%.1f", key=key, help=about
        )
        return value if typed in (None, shown) else round(typed / 100, 6)
    if one.kind == MULTIPLE:
        typed = st.number_input(
            label, float(one.least), float(one.most), float(value), 0.1, "%.1f", key=key, help=about
        )
        return value if typed in (None, float(value)) else round(typed, 2)
    typed = st.number_input(label, one.least, one.most, value, 1, key=key, help=about)
    return value if typed is None else typed


def save(viewer: Viewer, one: Definitions, body: dict, seen: int, today: date, versions: list[Definitions]) -> None:
    """Which version it will be and from when; the button that makes it one, and the way back."""
    st.markdown(
        _(
            "Saving makes this definitions v{version} of {place}, in force from {day} on.",
            version=one.version,
            place=f"**{plain(session.label(viewer))}**",
            day=f"**{one.from_day}**",
        )
    )
    for other in versions:
        if other.from_day > one.from_day:
            st.warning(
                _("v{version}, saved before, still takes over on {day}.", version=other.version, day=other.from_day)
            )
    with st.container(horizontal=True):
        if st.button(_("Save as v{version}", version=one.version), type="primary", key="save definitions"):
            with saving(_("Saved: the new definitions hold from {day} on.", day=one.from_day)):
                definitions.set_version(viewer, one.from_day, body, seen, today)
                reset()
        if st.button(_("Start over"), key="start over"):
            start_over()


def start_over() -> None:
    """The form anew, with what is in force by now."""
    reset()
    st.rerun()


def reset() -> None:
    session.state().pop("definitions seen")
    session.state()["definitions attempts"] += 1


def next_version(viewer: Viewer) -> int:
    return max((version for version, *_rest in definitions.read(viewer)), default=0) + 1
