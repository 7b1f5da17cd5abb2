"""What became of a manager's own promise, and what they say of it themselves."""

from functools import partial

import streamlit as st

from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import Asked, Row, status
from dashboard.meetings.run_mode import own_text
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets import formats
from db.access import Viewer
from db.meetings import notes
from metrics.catalog import COUNTS
from metrics.periods import Period


def show(asked: Asked, span: Period, title: str) -> None:
    """Of a day or a week with a promise: how it stands, the factor and the own reason where it is not kept. `asked` is the
    meeting that reconciles it."""
    rows = asked.book.reconciled(span).filter(promised=True, manager=asked.book.viewer.manager).to_dicts()
    if not rows:
        return
    row, sign = rows[0], status(rows[0]["promise_status"])
    counts = [f"{_(one.label)} {shared.against(one.name)(row)}" for one in COUNTS if row[f"{one.name}_promise"]]
    remarks = shared.remarks_on(row, span)
    st.markdown(f"**{plain(title)}** {sign.text}  \n" + " · ".join([*counts, *([remarks] if remarks else [])]))
    if not row["kept"]:
        why(asked, row)


def why(asked: Asked, row: Row) -> None:
    """The factor that holds back their month, and their own reason: typed while the meeting runs, read afterwards."""
    meeting, stored = asked.held(), asked.reasons().get(row["manager"], "")
    if meeting is None:
        if asked.book.is_over():
            st.caption(_("Your reason can be written while the {meeting} runs.", meeting=asked.name))
        return
    factor = shared.factors(asked).get(row["manager"], formats.NOTHING)
    if factor != formats.NOTHING:
        st.markdown(_("This month's factor: {factor}", factor=plain(factor)))
    if meeting.running:
        reason(asked.book.viewer, asked, meeting.meeting)
        return
    st.markdown(_("Your reason: {reason}", reason=plain(stored) if stored else formats.NOTHING))
    st.caption(_("The meeting is over: what was written stays. Your branch head can go on with it on the same day."))


@session.part
def reason(viewer: Viewer, asked: Asked, meeting: int) -> None:
    """Kept while it is typed."""
    assert viewer.manager is not None, "a promise is a manager's"
    stored, label = asked.reasons().get(viewer.manager, ""), _("Your reason")
    write = partial(notes.write_reason, viewer, meeting)
    st.caption(label)
    own_text.field(f"reason {meeting}", stored, label, _("Why not, in your own words: kept while you type"), write)
