"""Earlier imports: who brought which file when, and the way to take one out again."""

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import grids
from dashboard.widgets.changes import HEADINGS
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.imports import imports, undo
from db.imports.kinds import KINDS
from db.imports.undo import Undone

SHOWN = 20
UNDOABLE = [one.name for one in KINDS if one.undoable]


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
            grids.Column(_("What the file holds"), lambda row: word(row["kind"]), left=True),
            grids.text("file_name", _("File")),
            grids.number("accepted", _("Rows")),
            grids.text("account", _("Who")),
            grids.Column(_("When"), lambda row: f"{row['at']:%Y-%m-%d %H:%M}", left=True),
            grids.Column(_("State"), state, left=True),
        ],
    )
    if found.height > SHOWN:
        st.caption(_("The latest {number} of {all}.", number=SHOWN, all=found.height))
    in_force = pl.col("undone_at").is_null() & pl.col("version").is_not_null()
    undo_form(viewer, found.filter(in_force, pl.col("kind").is_in(UNDOABLE)))
    undo_result()


def state(row: dict) -> str:
    if row["version"] is None:
        return _("being taken in") if row["undone_at"] is None else _("broke off: nothing was taken")
    if row["undone_at"] is None:
        return _("in force")
    return _("undone {when}", when=f"{row['undone_at']:%Y-%m-%d %H:%M}")


def undo_form(viewer: Viewer, found: pl.DataFrame) -> None:
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
                _(
                    "All rows of batch {batch} stop counting anywhere. Rows edited since the import are kept and listed.",
                    batch=batch,
                )
            )
            sure = st.button(_("Yes, undo batch {batch}", batch=batch), type="primary")
    if sure:
        with saving():
            session.state()["undone"] = (batch, undo.undo_batch(viewer, batch))
            session.state().get("upload", {}).pop("told", None)


def undo_result() -> None:
    """What the last undoing took out, and what it kept."""
    batch, done = session.state().get("undone", (None, None))
    if done is None:
        return
    st.success(
        ngettext(
            "Batch {batch} undone: {number} row withdrawn.",
            "Batch {batch} undone: {number} rows withdrawn.",
            done.rows,
            batch=batch,
        )
    )
    if done.kept.height:
        st.write(
            ngettext(
                "{number} row was edited since and is kept:",
                "{number} rows were edited since and are kept:",
                done.kept.height,
            )
        )
        kept_rows(done)


def kept_rows(done: Undone) -> None:
    grids.show(
        done.kept,
        [
            grids.text("id", _("Entry")),
            grids.text("day", _("Day")),
            grids.manager(),
            grids.customer(),
            grids.Column(_("What was done"), last_change, left=True),
            grids.text("account", _("Who")),
            grids.Column(_("When"), lambda row: f"{row['at']:%Y-%m-%d %H:%M}" if row["at"] else "—", left=True),
        ],
    )


def last_change(row: dict) -> str:
    """The last edit in a few words: what was done, to which fields."""
    if row["action"] is None:
        return _("its customer was changed")
    fields = [_(HEADINGS[name]) for name in row["fields"] if name in HEADINGS]
    return " · ".join([word(row["action"]), *dict.fromkeys(fields)])
