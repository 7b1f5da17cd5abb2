"""Interviews on a manager's profile: what was found and done, whether the number has moved, the sheet to who may read it."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.interviews import agreed_view, chain_table, form, gather, proposal, worked_view
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats
from db.access import Viewer, covers, may
from db.interviews import sheets
from db.people import people
from metrics import periods
from metrics.interviews.agreed import with_state

SHOWN, LINES = 3, 12  # sheets, and interviews in the table


def show(book: Book, month: Standing, measure: str) -> None:
    """The interviews with the book's one manager; the form for who holds one, the view for who was in one. Nothing for
    whom they do not concern."""
    viewer, manager = book.viewer, book.part.manager
    if not may(viewer, "count_interviews"):
        return
    st.subheader(_("Performance interviews"))
    chains = gather.chains(viewer, book.on, month.through, manager)
    if chains.is_empty():
        st.caption(_("No interview yet."))
    else:
        chain_table.show(chains.head(LINES))
    texts, agreed = pl.DataFrame(schema=sheets.SHEET), with_state(pl.DataFrame(schema=sheets.AGREED), book.on)
    if may(viewer, "read_interviews") and chains.height:
        texts, agreed = sheets.texts(viewer, manager), with_state(sheets.agreed(viewer, manager), book.on)
        agreed_view.counts(agreed)
        rows = chains.join(texts, on="interview", maintain_order="left").head(SHOWN).to_dicts()
        for nth, row in enumerate(rows):
            read(viewer, row, agreed.filter(interview=row["interview"]), latest=nth == 0)
    if is_to_be_held(book):
        hold(book, month, measure, chains.join(texts, on="interview", maintain_order="left"), agreed)
    if viewer.manager is None:
        worked(book, month.through)


def read(viewer: Viewer, row: dict, agreed: pl.DataFrame, latest: bool) -> None:
    """A sheet; the latest is open to the interviewed until they have answered it."""
    mine = covers(viewer, "answer_interview", region=row["region"], branch=row["branch"], manager=row["manager"])
    label, name = _("Sheet of {day}", day=formats.day(row["day"])), f"sheet {row['interview']}"
    is_open = row["viewed_at"] is None and mine and latest
    session.folded(label, name, lambda: sheet(viewer, row, agreed, mine), is_open)


def sheet(viewer: Viewer, row: dict, agreed: pl.DataFrame, mine: bool) -> None:
    said = {form.ASPECT[name](): row[name] for name in form.ASPECT}
    said |= {_("The real reason"): row["real_reason"], _("The manager's view"): row["view"]}
    lines = [(about, text) for about, text in said.items() if text]
    for start in range(0, len(lines), 2):
        for (about, text), place in zip(lines[start : start + 2], st.columns(2), strict=False):
            place.markdown(f"**{about}**  \n{plain(text)}")
    agreed_view.show(viewer, row, agreed)
    st.caption(
        _("Held by {account}; only the manager and the head of the branch read it.", account=plain(row["held_by"]))
    )
    if mine:
        form.answer(viewer, row["interview"], row["view"])
    elif row["viewed_at"] is None:
        st.caption(_("Not answered yet."))


def is_to_be_held(book: Book) -> bool:
    """Whether the viewer may hold an interview with the manager today: on today's page, of one who works here."""
    viewer, today = book.viewer, session.today()
    place = {"region": viewer.region, "branch": book.part.branch, "manager": book.part.manager}
    if book.on != today or not covers(viewer, "hold_interview", **place):
        return False
    return (
        people.posting_days(viewer, periods.day(today)).filter(manager=place["manager"], branch=place["branch"]).height
        > 0
    )


def hold(book: Book, month: Standing, measure: str, held: pl.DataFrame, agreed: pl.DataFrame) -> None:
    """The form, as the diagnosis proposes it or as it was stored today; closed once today's was answered."""
    today = session.today()
    rows = held.filter(day=today).to_dicts()
    row = rows[0] if rows else {}
    if row and row["viewed_at"] is not None:
        return
    actions = agreed.filter(interview=row["interview"]).to_dicts() if row else []
    manager = book.part.manager

    def asked() -> None:
        form.sheet(book.viewer, manager, proposal.of(book, month, measure), row, actions, today)

    label = _("Correct today's interview") if row else _("Hold an interview")
    session.folded(label, f"hold interview {manager}", asked)


def worked(book: Book, through: date) -> None:
    """How often each reaction worked in the branch in the last year."""
    since, branch = book.on - gather.YEAR, book.part.branch
    chains = gather.chains(book.viewer, book.on, through, since=since, branch=branch)
    if chains.height:
        st.caption(_("What worked in this branch, in the last year"))
        worked_view.by_reaction(chains)
        label = _("What worked for which cause")
        session.folded(label, "worked for which cause", lambda: worked_view.by_cause(chains))
