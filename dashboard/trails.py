"""The audit trail on screen: as a table, as a file, and whether its chain holds."""

import json
from datetime import date

import polars as pl
import streamlit as st

from dashboard import checks, clock, export, grids
from dashboard.words import _, language, speak, word
from db import trail
from db.access import Viewer, may
from db.codes import DEEDS, LEVELS

SHOWN = 200
ENTITIES = {
    "account": "Account",
    "session": "Session",
    "sign_in": "Sign in",
    "customer": "Customer",
    "activity": "Entry",
    "promise": "Promise",
    "import_batch": "Import",
    "calendar_day": "Calendar",
    "absence": "Leave",
    "summary": "Summary",
    "audit_trail": "Audit trail",
    "definitions": "Definitions",
}


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


def table(found: pl.DataFrame) -> None:
    """The latest entries, each with what was before and what came after."""
    grids.show(
        found.head(SHOWN),
        [
            grids.Column(_("Time"), lambda row: f"{row['at']:%Y-%m-%d %H:%M:%S}", left=True),
            grids.text("account", _("Account")),
            grids.Column(_("Action"), lambda row: word(row["action"]), left=True),
            grids.Column(_("To what"), lambda row: grids.escape(entity(row)), left=True),
            grids.Column(_("Before → after"), lambda row: grids.escape(change(row)), left=True),
        ],
    )
    if found.height > SHOWN:
        st.caption(_("The latest {number} of {all}; the file has all.", number=SHOWN, all=found.height))


def entity(row: dict) -> str:
    name = row["entity"]
    said = _(ENTITIES[name]) if name in ENTITIES else word(name) if name in LEVELS else name.replace("_", " ")
    return said if row["entity_id"] is None else f"{said} {row['entity_id']}"


def change(row: dict, longest: int = 160) -> str:
    parts = [json.loads(one) for one in (row["before"], row["after"]) if one]
    text = " → ".join(", ".join(f"{name} {value}" for name, value in one.items()) for one in parts)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def download(viewer: Viewer, found: pl.DataFrame, asked: dict) -> None:
    """The entries as Excel, for whoever may take them away."""
    if not may(viewer, "export_data"):
        return
    spoken = language()

    def made() -> bytes:
        speak(spoken)
        trail.exported(viewer, "audit_trail", {name: str(one or "") for name, one in asked.items()}, found.height)
        return export.workbook({_("Audit trail"): found.with_columns(pl.col("at").dt.to_string("%Y-%m-%d %H:%M:%S"))})

    st.download_button(_("Download as Excel"), made, file_name="chenxi-audit.xlsx", icon="⬇️")


def verification(viewer: Viewer) -> None:
    """Whether every entry is as it was written and none is missing; also what `check` says of the rest."""
    st.subheader(_("Is the record whole?"))
    if not st.button(_("Verify now"), help=_("the chain of seals, links between tables, the mirror, the definitions")):
        return
    with st.spinner(_("Verifying …")):
        found = checks.found(viewer)
    for name, (rows, wrong) in found.items():
        said = checks.line(name, rows, wrong)
        (st.error if wrong else st.success)(said)
        for one in wrong:
            st.text(checks.spelt(one))
