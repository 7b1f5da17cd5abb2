"""Earlier imports: who brought which file when, and the way to take one out again."""

import polars as pl
import streamlit as st

from dashboard import grids, notices, session
from dashboard.changes import HEADINGS
from dashboard.words import _, word
from db import imports, undoing
from db.access import Viewer
from db.errors import StorageError
from db.undoing import Undone

SHOWN = 20


def earlier(viewer: Viewer) -> None:
    """The batches within the viewer's scope, the latest first."""
    found = imports.batches(viewer)
    st.subheader(_("Earlier imports"))
    if found.is_empty():
        st.write(_("Nothing was imported yet."))
        return
    grids.show(
        found.head(SHOWN),
        [
            grids.text("id", _("Batch")),
            grids.Column(_("What the file holds"), lambda row: grids.escape(word(row["kind"])), left=True),
            grids.text("file_name", _("File")),
            grids.number("accepted", _("Rows")),
            grids.text("account", _("Who")),
            grids.Column(_("When"), lambda row: f"{row['at']:%Y-%m-%d %H:%M}", left=True),
            grids.Column(_("State"), state, left=True),
        ],
    )
    if found.height > SHOWN:
        st.caption(_("The latest {number} of {all}.", number=SHOWN, all=found.height))
    undo(viewer, found.filter(pl.col("undone_at").is_null(), pl.col("kind") == "activities"))
    undone()


def state(row: dict) -> str:
    if row["undone_at"] is None:
        return _("in force")
    return _("undone {when}", when=f"{row['undone_at']:%Y-%m-%d %H:%M}")


def undo(viewer: Viewer, found: pl.DataFrame) -> None:
    """One batch is taken out, after a second question."""
    names = {row["id"]: f"{row['id']} · {row['file_name']} · {row['accepted']:,}" for row in found.to_dicts()}
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        batch = st.selectbox(
            _("Batch to undo"),
            list(names),
            None,
            names.get,
            key="batch to undo",
            placeholder=_("Choose"),
            width=420,
        )
        if batch is None:
            return
        session.state().pop("undone", None)
        with st.popover(_("Undo …")):
            st.write(
                _("All rows of batch {batch} leave every number. Rows edited since are kept and named.", batch=batch)
            )
            sure = st.button(_("Yes, undo batch {batch}", batch=batch), type="primary")
    if sure:
        try:
            session.state()["undone"] = (batch, undoing.undo(viewer, batch))
            session.state().get("upload", {}).pop("told", None)
        except StorageError as error:
            notices.refused(error)
            return
        st.rerun()


def undone() -> None:
    """What the last undoing took out, and what it kept."""
    batch, done = session.state().get("undone", (None, None))
    if done is None:
        return
    st.success(_("Batch {batch} undone: {rows} rows withdrawn.", batch=batch, rows=f"{done.rows:,}"))
    if done.kept.height:
        st.write(_("{number} rows were edited since and are kept:", number=done.kept.height))
        kept(done)


def kept(done: Undone) -> None:
    grids.show(
        done.kept,
        [
            grids.text("id", _("Entry")),
            grids.text("day", _("Day")),
            grids.text("manager_name", _("Manager")),
            grids.text("customer_name", _("Customer")),
            grids.Column(_("What was done"), lambda row: grids.escape(deed(row)), left=True),
            grids.text("account", _("Who")),
            grids.Column(_("When"), lambda row: f"{row['at']:%Y-%m-%d %H:%M}" if row["at"] else "—", left=True),
        ],
    )


def deed(row: dict) -> str:
    """The last edit in a few words: what was done, to which fields."""
    if row["action"] is None:
        return _("its customer was changed")
    fields = [_(HEADINGS[name]) for name in row["fields"] if name in HEADINGS]
    return " · ".join([word(row["action"]), *dict.fromkeys(fields)])
