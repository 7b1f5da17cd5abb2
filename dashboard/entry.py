"""Recording an activity: one short form for a phone, made of what was done last time."""

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboard import clock, drafts, entries, fields, naming, notices, outbox, session
from dashboard.words import _, plain, word
from db import activity
from db.access import Viewer
from db.codes import CHANNELS, KINDS, METHODS
from db.entry import Entry
from db.errors import StorageError

MAIN = ("consultation", "application", "deal")
OTHER = tuple(kind for kind in KINDS if kind not in MAIN)
NAME = "entry"
AGAIN = ("kind", "step", "need", "decider", "product", "step_next", "due", "other_due", "customer_kind", "day")


@st.fragment
def form(viewer: Viewer, manager: int, branch: int) -> None:
    """The entry. What is typed is kept while it is typed; a double tap stores one row; after a refusal everything is
    still there."""
    session.goes_on(viewer)
    entry = drafts.Form(viewer, NAME)
    named = naming.customer(viewer, manager, branch, entry)
    kind = kind_field(entry)
    product = fields.product(viewer, entry)
    amount = decider = need = has_need = None
    if kind == "consultation":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            need, has_need = fields.need(entry)
            decider = st.toggle(_("Met who decides"), entry.start.get("decider", True), key=entry.field("decider"))
    else:
        amount = fields.amount(entry)
    with st.expander(_("Next step")):
        next_step, due = fields.next_step(viewer, entry)
    usual_method, usual_channel = activity.last_way(viewer, manager)
    with st.expander(_("Method, channel, note, day")):
        method = fields.code(entry, "method", _("Method"), METHODS, usual_method)
        channel = fields.code(entry, "channel", _("Channel"), CHANNELS, usual_channel)
        note = fields.text(entry, "note", _("Note"), max_chars=500, placeholder=_("What was said"))
        day = fields.day(viewer, entry)
    entry.keep()
    with st.container(key="send", horizontal=True):
        once = st.button(_("Record"), type="primary", width="stretch", key=f"record {entry.key}")
        again = st.button(_("Record, same again"), key=f"again {entry.key}", help=_("For the next shop of the street"))
    if not once and not again:
        return
    if kind != "consultation" and product is None:
        st.error(_("Choose the product."))
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
        product=product,
        amount_cents=amount,
        channel=channel,
        method=method,
        met_decider=decider,
        need_recorded=need,
        has_need=has_need,
        note=note,
        next_step=next_step,
        next_step_due=due,
        second_record=named.second_record,
    )
    following = following_from(entry) if again else {}
    if stored(lambda: entries.send(viewer, manager, stated, entry.key)):
        entry.sent(**following)
        notices.done(_("Recorded: {kind} {customer}", kind=word(kind), customer=plain(named.called)))
        st.rerun()


def without_network() -> None:
    """The way to the page that needs none: it has to be opened once while there is one."""
    st.html(
        f'<a class="cx-call" href="{outbox.PATH}" target="_self">{escape(_("No network? Record in the outbox"))} ›</a>'
    )


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


def stored(send: Callable[[], int]) -> bool:
    """Whether it went through; what was refused says why, and everything stays where it was."""
    try:
        send()
    except StorageError as error:
        notices.refused(error)
        return False
    return True
