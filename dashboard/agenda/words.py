"""How items and agendas are said."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets import formats, grids
from db.meetings import agenda
from db.meetings.agenda import Item, Version


def title(kind: str, one: Item) -> str:
    """One that every bank has in the reader's language, one of the branch's own as it was typed."""
    return _(one.title) if agenda.is_preset(kind, one) else one.title


def total(kind: str, items: tuple[Item, ...]) -> None:
    """What all that is held takes, beside what the material sets for the meeting."""
    minutes, usual = agenda.minutes(items), agenda.USUAL.get(kind)
    said = _("Altogether: {number} min.", number=minutes)
    if usual is None:
        st.markdown(said)
        return
    about = _("usual: {least}–{most} min", least=usual[0], most=usual[1])
    sign = "usual" if usual[0] <= minutes <= usual[1] else "stretch"
    grids.sentence(grids.marked(sign, f"{said} ({about})"))


def present(found: tuple[Version, ...], branch: int | None, today: date) -> None:
    """Whose agenda is in force since when, and which one comes next."""
    held = agenda.at(found, branch, today)
    if branch is None:
        st.caption(_("What the region presets for all its branches. Choose a branch to see what it has set itself."))
    if held is None:
        st.caption(_("In force: the usual items, as nobody has set others."))
    elif held.branch is None:
        st.caption(_("In force since {day}: as the region presets it.", day=formats.day(held.from_day)))
    else:
        st.caption(_("In force since {day}: the branch's own.", day=formats.day(held.from_day)))
    for day in sorted({one.from_day for one in found if one.from_day > today}):
        coming = agenda.at(found, branch, day)
        if coming is not None and coming.from_day == day:
            st.info(_("Another agenda takes effect on {day}.", day=formats.day(day)), icon=":material/event:")


def listing(kind: str, items: tuple[Item, ...]) -> None:
    """The items to look at."""
    rows = [
        {"nr": f"{place}", "title": title(kind, one), "minutes": one.minutes, "held": one.held}
        for place, one in enumerate(items, 1)
    ]
    columns = [
        grids.text("nr", _("No.")),
        grids.text("title", _("Item")),
        grids.Column(_("Minutes"), lambda row: str(row["minutes"]) if row["held"] else "—"),
        grids.Column(_("Held"), lambda row: _("yes") if row["held"] else _("no"), left=True),
    ]
    grids.show(pl.DataFrame(rows), columns)


def both(kind: str, typed: tuple[Item, ...], last: Version) -> None:
    """What is being typed beside what somebody else has set since."""
    st.warning(
        _("{name} has set this agenda meanwhile: both are shown, and nothing is lost.", name=plain(last.changed_by))
    )
    left, right = st.columns(2)
    for place, said, items in (
        (left, _("Yours, not saved yet"), typed),
        (right, _("Set meanwhile, in force from {day}", day=formats.day(last.from_day)), last.items),
    ):
        with place:
            st.caption(said)
            lines = [f"{plain(title(kind, one))} {one.minutes}" for one in items if one.held]
            st.markdown("\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)))


def history(kind: str, found: tuple[Version, ...]) -> None:
    """Everything that was set, the latest day first."""
    rows = [
        {
            "day": formats.day(one.from_day),
            "whose": _("Region") if one.branch is None else _("Branch"),
            "minutes": agenda.minutes(one.items),
            "items": " · ".join(f"{title(kind, item)} {item.minutes}" for item in one.items if item.held),
            "by": one.changed_by,
        }
        for one in found
    ]
    if not rows:
        return
    columns = [
        grids.text("day", _("In force from")),
        grids.text("whose", _("Set by")),
        grids.number("minutes", _("Minutes")),
        grids.Column(_("Items"), lambda row: grids.long(row["items"]), left=True),
        grids.text("by", _("Account")),
    ]
    label = _("From which day what was set")
    session.folded(label, "what was set", lambda: grids.show(pl.DataFrame(rows), columns))
