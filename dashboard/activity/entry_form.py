"""Recording an activity: one short form for a phone, made of what was done last time."""

from datetime import date

import streamlit as st
from markupsafe import Markup

from dashboard.activity import entries, entry_fields
from dashboard.customers import picker
from dashboard.pipeline.next_step import next_step_field
from dashboard.shell import clock, session
from dashboard.shell.language import _, plain, word
from dashboard.shell.navigation import OUTBOX
from dashboard.widgets import drafts, fields
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import KINDS
from db.log import activity
from db.log.entry import Entry

MAIN = ("consultation", "application", "deal")
OTHER = tuple(kind for kind in KINDS if kind not in MAIN)
NAME = "entry"
# What the next shop has in common with this one; what was answered by one customer is not another's.
AGAIN = ("kind", "step", "product", "step_next", "due", "other_due", "customer_kind", "day")


@session.part
def form(viewer: Viewer, manager: int, branch: int, on: date | None = None) -> None:
    """The entry, of today unless another day is given. What is typed is kept while it is typed; a double tap stores one
    row; after a refusal everything is still there."""
    entry = drafts.Form(viewer, NAME if on is None else f"{NAME} {manager} {on}")
    with st.container():  # what comes and goes moves no container below: a moved one forgets what is half typed in it
        named = picker.customer(viewer, manager, branch, entry)
        kind = kind_field(entry)
        facts = {
            "consultation": kind == "consultation",
            "named": named.customer is not None or bool(named.name),
            "new": bool(named.name),
        }
        answers = entry_fields.group(viewer, entry, "always", **facts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        answers |= entry_fields.group(viewer, entry, "visit", "later", **facts)
    with st.container():
        if facts["consultation"] and not facts["named"]:
            st.caption(_("Without a customer this is a contact, and does not count as a consultation."))
    with st.expander(_("Next step"), expanded=answers.get("has_need") is True):
        next_step, due = next_step_field(viewer, entry)
    with st.expander(_("Method, channel, note, day")):
        answers |= entry_fields.group(viewer, entry, "details", usual=activity.latest(viewer, manager), **facts)
        day = entry_fields.day(viewer, entry, on)
    entry.keep()
    with st.container(key="send"):  # stays in view on a phone, and what is missing with it
        wrong = st.container()
        with st.container(horizontal=True):
            once = st.button(_("Record"), type="primary", width="stretch", key=f"record {entry.key}")
            again = st.button(
                _("Save and go on to the next"),
                key=f"again {entry.key}",
                help=_("Keeps these details for the next shop in the street"),
            )
    if not once and not again:
        return
    if kind != "consultation" and answers["product"] is None:
        wrong.error(_("Choose the product."))
        return
    moment = clock.now()
    stated = Entry(
        kind=kind,
        day=day,
        time=moment.time().replace(microsecond=0) if day == moment.date() else None,
        customer=named.customer,
        customer_name=named.name,
        phone=named.phone,
        customer_kind=named.kind,
        next_step=next_step,
        next_step_due=due,
        second_record=named.second_record,
        **answers,
    )
    if missing := entry_fields.unanswered(stated):
        wrong.error(missing)
        return
    following = following_from(entry) if again else {}
    with wrong, saving(_("Recorded: {kind} {customer}", kind=word(kind), customer=plain(named.called))):
        entries.send(viewer, manager, stated, entry.key)
        entry.sent(**following)


def without_network() -> None:
    """The way to the page that needs none: it has to be opened once while there is one."""
    link = Markup('<a class="cx-call" href="{}" target="_self">{} ›</a>')
    st.html(link.format(OUTBOX, _("No network? Record in the outbox")))


def kind_field(entry: drafts.Form) -> str:
    kinds = [*MAIN, "other"]
    kind = st.segmented_control(
        _("What happened"),
        kinds,
        default=fields.one_of(kinds, entry.start.get("kind")) or "consultation",
        format_func=lambda one: _("Other step") if one == "other" else word(one),
        key=entry.field("kind"),
        required=True,
    )
    if kind != "other":
        return kind
    place = OTHER.index(fields.one_of(OTHER, entry.start.get("step")) or OTHER[0])
    return st.selectbox(_("Step"), OTHER, place, format_func=word, key=entry.field("step"))


def following_from(entry: drafts.Form) -> dict:
    """What the entry for the next shop begins with."""
    standing = {name: drafts.plain(entry.typed(name)) for name in AGAIN}
    return {name: one for name, one in standing.items() if one is not None}
