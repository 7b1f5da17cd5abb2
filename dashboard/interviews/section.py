"""Interviews on a manager's profile: what was found and done, whether the number has moved, the sheet to who may read it."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.diagnosis.sentence import FACTOR
from dashboard.interviews import form, gather, proposal
from dashboard.manager_profile.rates import METRICS, write
from dashboard.shell import session
from dashboard.shell.language import _, plain, word
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats, grids
from db.access import Viewer, covers, may
from db.interviews import sheets
from db.people import people
from metrics import periods
from metrics.interviews import effect

SHOWN = 3  # sheets
YEAR = timedelta(365)


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
        table(chains)
    texts, agreed = pl.DataFrame(schema=sheets.SHEET), pl.DataFrame(schema=sheets.AGREED)
    if may(viewer, "read_interviews") and chains.height:
        texts, agreed = sheets.texts(viewer, manager), sheets.agreed(viewer, manager)
        rows = chains.join(texts, on="interview", maintain_order="left").head(SHOWN).to_dicts()
        for nth, row in enumerate(rows):
            read(viewer, row, agreed.filter(interview=row["interview"]), latest=nth == 0)
    if is_to_be_held(book):
        hold(book, month, measure, chains.join(texts, on="interview", maintain_order="left"), agreed)
    if viewer.manager is None:
        worked(book, month.through)


def table(chains: pl.DataFrame) -> None:
    """One line an interview: cause → what was done → the number that was to move → whether it has."""
    columns = [
        grids.Column(_("Day"), lambda row: formats.short_day(row["day"]), left=True, title=True),
        grids.Column(_("Cause"), cause, left=True),
        grids.Column(_("What to do"), reaction, left=True),
        grids.Column(_("Number"), lambda row: _(METRICS[row["watched"]].label), left=True),
        grids.Column(
            _("Before the interview"), lambda row: side(row, "before"), _("the 20 working days before; 95% limits")
        ),
        grids.Column(
            _("Since the interview"), lambda row: side(row, "after"), _("up to 20 working days since; 95% limits")
        ),
        grids.Column(_("Has it moved?"), verdict, left=True),
    ]
    grids.show(chains, columns, cards=True)
    st.caption(
        _(
            "Said after 10 working days, of the 20 before and after; “moved” is more than chance. Who was far behind does better afterwards also by itself: one interview proves nothing."
        )
    )


def cause(row: dict) -> str:
    if row["factor"] is None:
        return word(row["cause"])
    return grids.joined(word(row["cause"]), " ", grids.small(FACTOR[row["factor"]]()))


def reaction(row: dict) -> str:
    """What was confirmed, and what had been proposed where that was something else."""
    if row["proposed"] in (None, row["reaction"]):
        return word(row["reaction"])
    about = grids.small(_("(proposed: {reaction})", reaction=word(row["proposed"])))
    return grids.joined(word(row["reaction"]), " ", about)


def side(row: dict, name: str) -> str:
    """The value with its limits."""
    rated = {"rated": row["watched"]}
    value = write(rated, row[name])
    if row[f"{name}_low"] is None or row[f"{name}_high"] is None:
        return value
    ends = formats.span(write(rated, row[f"{name}_low"]), write(rated, row[f"{name}_high"]))
    return grids.joined(value, " ", grids.small(f"({ends})"))


def verdict(row: dict) -> str:
    """In words, the change with its limits behind them."""
    if row["verdict"] == effect.EARLY:
        return _("too early: {days} of {needed} working days", days=row["days"], needed=effect.SOONEST)
    if row["change"] is None:
        return _("no cases")
    signs = [
        formats.signed(row[name], lambda value: write({"rated": row["watched"]}, value)) for name in ("low", "high")
    ]
    limits = grids.small("(" + _("{low} to {high}", low=signs[0], high=signs[1]) + ")")
    if row["verdict"] == effect.UNCLEAR:
        return grids.joined(_("cannot be told from chance"), " ", limits)
    said = ("on_pace", _("has risen")) if row["verdict"] == effect.RISEN else ("behind", _("has fallen"))
    return grids.joined(grids.marked(*said), " ", limits)


def read(viewer: Viewer, row: dict, agreed: pl.DataFrame, latest: bool) -> None:
    """A sheet; the latest is open to the interviewed until they have answered it."""
    mine = covers(viewer, "answer_interview", region=row["region"], branch=row["branch"], manager=row["manager"])
    waiting = row["viewed_at"] is None
    with st.expander(_("Sheet of {day}", day=formats.day(row["day"])), expanded=waiting and mine and latest):
        said = {form.ASPECT[name](): row[name] for name in form.ASPECT}
        said |= {_("The real reason"): row["real_reason"], _("The manager's view"): row["view"]}
        lines = [(about, text) for about, text in said.items() if text]
        for start in range(0, len(lines), 2):
            for (about, text), place in zip(lines[start : start + 2], st.columns(2), strict=False):
                place.markdown(f"**{about}**  \n{plain(text)}")
        columns = [
            grids.Column(_("Agreed action"), lambda one: grids.long(one["action"]), left=True, title=True),
            grids.Column(_("Done by"), lambda one: word(one["owner"]), left=True),
            grids.Column(_("Due on"), lambda one: formats.short_day(one["due"]), left=True),
        ]
        grids.show(agreed, columns, cards=True)
        st.caption(
            _("Held by {account}; only the manager and the head of the branch read it.", account=plain(row["held_by"]))
        )
        if mine:
            form.answer(viewer, row["interview"], row["view"])
        elif waiting:
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
    with st.expander(_("Correct today's interview") if row else _("Hold an interview")):
        form.sheet(book.viewer, book.part.manager, proposal.of(book, month, measure), row, actions, today)


def worked(book: Book, through: date) -> None:
    """How often each reaction worked in the branch in the last year."""
    found = counted(book, through)
    if found.is_empty():
        return
    columns = [
        grids.Column(_("What to do"), lambda row: word(row["reaction"]), left=True),
        grids.number("held", _("Interviews")),
        grids.number("judged", _("Long enough ago"), help=_("at least 10 working days")),
        grids.number("risen", _("Number has risen")),
        grids.Column(_("Share that rose"), share, _("95% limits")),
    ]
    st.caption(_("What worked in this branch, in the last year"))
    grids.show(found, columns)


def counted(book: Book, through: date) -> pl.DataFrame:
    """metrics.interviews.effect.worked of the branch's interviews of a year."""
    chains = gather.chains(book.viewer, book.on, through, since=book.on - YEAR)
    return effect.worked(chains.filter(pl.col("branch") == book.part.branch))


def share(row: dict) -> str:
    if row["share"] is None:
        return formats.NOTHING
    return grids.joined(formats.share(row["share"]), " ", grids.small(f"({formats.interval(row['low'], row['high'])})"))
