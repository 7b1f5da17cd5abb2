"""The pipeline on screen: how much stands at each step, and the lists of opportunities, those that cannot wait on
top."""

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.pipeline import card, gather
from dashboard.pipeline.gather import LISTS, URGENT, Board
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import filters, formats, grids
from db.access import Viewer, may
from metrics.definitions import Definitions

PREVIEW, ALONE = 5, 50  # cards of each list where all are shown, and of the one that is shown alone
STEP = Markup(
    '<a class="cx-step" href="{}" target="_self"><span>{}</span><b>{}</b><small>{}</small><small>{}</small></a>'
)
HEADINGS = {
    "overdue": "Next step overdue",
    "due_today": "Next step due today",
    "stalled": "Stalled",
    "breached": "Procedure breaches",
    "over_today": "Ended today",
}


def heading(name: str) -> str:
    return _(HEADINGS[name]) if name in HEADINGS else word(name)


def which() -> str | None:
    """The list to be shown alone, None for all of them."""
    return filters.choose("list", _("List"), [None, *LISTS], lambda one: _("all") if one is None else heading(one))


def strip(found: Board, page: str = "", **link: int | None) -> None:
    """Each step of the procedure with how many stand there, their expected amount, and how many have stalled; each leads
    to its list, on this page unless told."""
    parts = []
    for row in found.by_step.to_dicts():
        stalled = ""
        if row["opportunities"] and not row["judged"]:
            stalled = _("too few cases to tell what is stalled")
        elif row["stalled"]:
            stalled = _("{number} stalled", number=formats.count(row["stalled"]))
        amount = formats.amount(row["expected_amount_cents"] or None)
        number = formats.count(row["opportunities"])
        parts.append(
            STEP.format(session.href(page, list=row["step"], **link), word(row["step"]), number, amount, stalled)
        )
    st.html(Markup('<div class="cx-steps">{}</div>').format(Markup().join(parts)))
    if found.dormant.height:
        said = _("Dormant leads: {number}", number=formats.count(found.dormant.height))
        st.html(Markup('<a class="cx-more" href="{}" target="_self">{} ›</a>').format(session.href("dormant"), said))


def sections(viewer: Viewer, found: Board, today: date, alone: str | None) -> None:
    """The lists, those that cannot wait on top; or one of them alone, and longer."""
    every = found.lists(today)
    shown = [alone] if alone else [name for name in LISTS if every[name] or name in URGENT]
    first = once({name: every[name] for name in shown}, ALONE if alone else PREVIEW)
    known = gather.rows(viewer, found, [one for ones in first.values() for one in ones])
    by_id = {row["opportunity"]: row for row in known}
    draw = way(viewer)
    width = 1 if alone or draw is table else 2
    for start in range(0, len(shown), width):
        for column, name in zip(st.columns(width), shown[start : start + width], strict=False):
            rows = [by_id[one] for one in first[name] if one in by_id]
            above = len(set(every[name]) & {one for other in shown[: shown.index(name)] for one in first[other]})
            with column:
                section(viewer, name, rows, len(every[name]), above, draw)


def once(every: dict[str, list[int]], most: int) -> dict[str, list[int]]:
    """The first ones of each list, those left out that stand in a list above: each opportunity once on the page."""
    seen: set[int] = set()
    first = {}
    for name, ones in every.items():
        first[name] = [one for one in ones if one not in seen][:most]
        seen.update(first[name])
    return first


def section(viewer: Viewer, name: str, rows: Sequence[dict], number: int, above: int, draw: Callable) -> None:
    """A list with how many stand in it, some of them `above` in another one."""
    st.subheader(f"{heading(name)} · {formats.count(number)}")
    if not number:
        st.caption(_("None."))
        return
    if rows:
        draw(viewer, name, rows)
    if above:
        st.caption(_("{number} of these stand in a list above.", number=formats.count(above)))
    if number > len(rows) + above:
        more = _("… and {number} more", number=formats.count(number - len(rows) - above))
        st.html(Markup('<a class="cx-more" href="{}" target="_self">{}</a>').format(session.href(list=name), more))


def about(rules: Definitions) -> None:
    """How it is told what has stalled, and what a breach is."""
    with st.expander(_("How this is assessed (definitions v{version})", version=rules.version)):
        share = formats.share(rules.stalled_share)
        said = _(
            "Stalled: in its step for more working days than {share} of the opportunities won within a year.",
            share=share,
        )
        st.text(said)
        st.text(
            ngettext(
                "With fewer than {number} won case there is no assessment.",
                "With fewer than {number} won cases there is no assessment.",
                rules.small_sample,
            )
        )
        st.text(
            _(
                "Dormant: no next step due, and working days without contact: {number} or more.",
                number=rules.dormant_days,
            )
        )
        st.text(
            _(
                "Breach: a step dated before one it depends on, without it, or in the future. It is recorded all the same."
            )
        )


def way(viewer: Viewer) -> Callable[[Viewer, str, Sequence[dict]], None]:
    """How opportunities are drawn for this viewer."""
    return cards if may(viewer, "record_activity") else table


def table(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    """For those who look on."""
    columns = [
        grids.customer(),
        grids.text("product_name", _("Product")),
        grids.manager(),
        grids.number("expected_amount_cents", _("Expected amount"), formats.amount),
        grids.Column(_("Step"), card.stands, left=True),
        grids.Column(_("Status"), card.marks, left=True),
        grids.Column(_("Next step"), card.planned, left=True),
    ]
    grids.show(pl.DataFrame(rows, infer_schema_length=None), columns, cards=True)


def cards(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    """For those who work with them."""
    for row in rows:
        card.draw(viewer, name, row)
