"""The audit trail on screen: as a table, as a file, and whether its chain holds."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.audit import checks, wording
from dashboard.shell import clock
from dashboard.shell.language import _, word
from dashboard.widgets import grids, workbooks
from dashboard.widgets.download import export
from db.access import Viewer
from db.audit import trail
from db.codes import DEEDS

SHOWN = 200
NAMED = 3  # of those a deed was done to
LONG = Markup('<span class="cx-long">{}</span>')


def latest_day(viewer: Viewer) -> date:
    """Up to which day there is something to see: today, or the last entry's where the clock only pretends."""
    return max(clock.today(), trail.latest_day(viewer) or clock.today())


def action() -> str | None:
    return st.selectbox(
        _("Action"),
        list(DEEDS),
        None,
        format_func=word,
        key="trail action",
        placeholder=_("all"),
    )


def entries(viewer: Viewer, first: date, last: date, account: str | None, action: str | None) -> pl.DataFrame:
    return trail.entries(viewer, first, last, account, action)


def table(viewer: Viewer, found: pl.DataFrame) -> None:
    """The latest entries: one line a deed, its parts folded in, each with what was before and what came after."""
    deeds = wording.deeds(wording.worded(viewer, found.head(SHOWN)))
    grids.show(
        pl.DataFrame(deeds, infer_schema_length=None),
        [
            grids.Column(_("Time"), lambda row: f"{row['at']:%Y-%m-%d %H:%M:%S}", left=True),
            grids.text("account", _("Account")),
            grids.text("action", _("Action")),
            grids.Column(_("To what"), about, left=True),
            grids.Column(_("Before → after"), parts, left=True),
        ],
    )
    if found.height > SHOWN:
        st.caption(_("The latest {number} of {all}; the file has all.", number=SHOWN, all=found.height))


def about(deed: dict) -> str:
    """The sort of thing, and the names of those it was done to."""
    subjects = list(dict.fromkeys(one["subject"] for one in deed["parts"] if one["subject"]))
    more = f" … ({len(subjects)})" if len(subjects) > NAMED else ""
    return " ".join([deed["entity"], "、".join(subjects[:NAMED])]).strip() + more


def parts(deed: dict) -> Markup:
    """What changed; of several parts the first, the others when it is opened."""
    several = len({one["subject"] for one in deed["parts"]}) > 1
    lines = [
        " · ".join([*([one["subject"]] if several and one["subject"] else []), *one["changes"]])
        for one in deed["parts"]
    ]
    if len(lines) == 1:
        return LONG.format(lines[0])
    below = Markup("<br>").join(lines[1:])
    return Markup("<details><summary>{} <b>+{}</b></summary>{}</details>").format(
        LONG.format(lines[0]), len(lines) - 1, LONG.format(below)
    )


def as_table(viewer: Viewer, found: pl.DataFrame) -> pl.DataFrame:
    """The same to take away, one row an entry."""
    headings = [_("Time"), _("Account"), _("Action"), _("To what"), _("Which one"), _("Before → after")]
    rows = [
        (
            f"{one['at']:%Y-%m-%d %H:%M:%S}",
            one["account"],
            one["action"],
            one["entity"],
            one["subject"],
            " · ".join(one["changes"]),
        )
        for one in wording.worded(viewer, found)
    ]
    return pl.DataFrame(rows, dict.fromkeys(headings, pl.String), orient="row")


def download(viewer: Viewer, found: pl.DataFrame, asked: dict) -> None:
    """The entries as Excel."""

    def make() -> tuple[bytes, int]:
        return workbooks.workbook({_("Audit trail"): as_table(viewer, found)}), found.height

    words = {name: str(one or "") for name, one in asked.items()}
    export(viewer, "audit_trail", words, "chenxi-audit.xlsx", make)


def verification(viewer: Viewer) -> None:
    """Whether every entry is as it was written and none is missing; also what `check` says of the rest."""
    st.subheader(_("Is the record whole?"))
    if not st.button(
        _("Verify now"),
        help=_("the hash chain and its anchors, the links between tables, the report cache, the definitions"),
    ):
        return
    with st.spinner(_("Verifying …")):
        found = checks.found(viewer)
    for name, part in found.items():
        (st.error if part.findings else st.success)(checks.line(name, part))
        for one in (*part.findings, *part.notes):
            st.text(checks.text(one))
