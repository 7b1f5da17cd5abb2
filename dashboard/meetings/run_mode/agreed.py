"""What is agreed in a meeting, and what is still open from those before."""

from datetime import timedelta

import streamlit as st

from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import Asked, Row
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, plain
from dashboard.widgets import formats, notices
from dashboard.widgets.drafts import Form
from dashboard.widgets.fields import code, text
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import REACTIONS
from db.meetings import commitments
from db.meetings.held import Held
from db.people import people
from metrics import periods

SOON = timedelta(1)
SHOWN = 6
FOCUS = "focus"


def show(asked: Asked, meeting: Held, item: str) -> None:
    """A form for one more, then those that are open, overdue first; each built when it is opened."""
    usual = item in (FOCUS, "not_kept", "review", "interviews")
    name = f"agree on something {item}"
    session.folded(_("Agree on something"), name, lambda: add(asked, meeting, item), usual)
    rows = shared.commitment_rows(asked)
    current = [row for row in rows if row["state"] in ("overdue", "today", "open")]

    def lines() -> None:
        for row in current:
            line(asked, row)

    if current:
        said = ngettext("{number} open commitment", "{number} open commitments", len(current))
        session.folded(said, f"open commitments {item}", lines, item in ("left_over", "other", "review"))


def add(asked: Asked, meeting: Held, item: str) -> None:
    """Who does what by when; where somebody is behind, with which reaction and about whom."""
    book = asked.book
    team = people.managers(book.viewer, periods.day(session.today()), asked.branch)
    names = dict(team.select("manager", "manager_name").iter_rows())
    form = Form(book.viewer, f"commitment {meeting.meeting} {item}")
    about = reaction = None
    if item in (FOCUS, "not_kept", "interviews"):
        about = person(form, "about", _("Concerning"), names)
        reaction = code(form, "reaction", _("Reaction"), REACTIONS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = person(form, "owner", _("Responsible"), names)
        what = text(form, "what", _("To be done"), width="stretch")
        due = st.date_input(_("Until"), session.today() + SOON, min_value=session.today(), key=form.field("due"))
        agree = st.button(_("Agree"), key=f"agree {item}")
    form.keep()
    if agree:
        with saving(_("Agreed")):
            commitments.agree(
                book.viewer, meeting.meeting, item, what or "", due, owner, session.today(), about, reaction
            )
            form.sent()


def person(form: Form, name: str, label: str, names: dict[int, str]) -> int | None:
    """A manager, or the branch head."""
    options = [None, *names]
    usual = _("Branch head") if name == "owner" else _("nobody in particular")
    said = form.start.get(name)
    place = options.index(said) if said in options else 0
    return st.selectbox(label, options, place, lambda one: names.get(one, usual), key=form.field(name), width=200)


def line(asked: Asked, row: Row, own: bool = False) -> None:
    """A commitment with the taps that settle it."""
    viewer, one = asked.book.viewer, row["commitment"]
    who = "" if own else f"**{plain(asked.person(row['owner']).text)}** "
    said = f"{who}{plain(shared.what(asked, row))} · {shared.state_cell(row).text} {formats.short_day(row['due'])}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"commitment {one}"):
        st.markdown(said, width="stretch")
        st.button(_("Done"), key=f"done {one}", on_click=finish, args=(viewer, one))
        session.popover(_("Drop"), f"dropping {one}", lambda: drop(viewer, one))


def drop(viewer: Viewer, commitment: int) -> None:
    reason = st.text_input(_("Why is it dropped?"), key=f"why {commitment}")
    if st.button(_("Drop it"), key=f"drop {commitment}"):
        with saving(_("Dropped")):
            commitments.drop(viewer, commitment, reason, session.today())


def finish(viewer: Viewer, commitment: int) -> None:
    """For callbacks."""
    with notices.refusals():
        commitments.finish(viewer, commitment, session.today())


def of_person(asked: Asked) -> None:
    """On somebody's own page: what they have to do, overdue first."""
    own = asked.book.viewer.manager
    rows = [row for row in shared.commitment_rows(asked) if row["owner"] == own]
    rows = [row for row in rows if row["state"] in ("overdue", "today", "open")][:SHOWN]
    if rows:
        st.subheader(_("What you have agreed to"))
        for row in rows:
            line(asked, row, own=True)
