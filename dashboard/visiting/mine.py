"""For those who go: whom to visit in the territory, and one small form a customer to say that it was done."""

import uuid
from datetime import date

import streamlit as st

from dashboard.activity import entries
from dashboard.shell import clock, session
from dashboard.shell.language import _, plain
from dashboard.visiting.gather import Outing
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.limits import LONGEST_TEXT
from db.log.entry import Entry
from db.meetings import visiting
from db.recording import visits

AT_ONCE = 40


def show(viewer: Viewer, outing: Outing, today: date) -> None:
    """The viewer's own customers of the territory, those not visited yet first; on the day itself each can be entered,
    and somebody new besides. Nothing of a day that is over."""
    own = outing.team.filter(manager=viewer.manager)
    if own.is_empty() or outing.day["day"] < today:
        return
    st.subheader(_("Whom to visit"))
    is_today = outing.day["day"] == today
    if is_today:
        visit(viewer, None, _("Somebody new"), today)
    if outing.day["territory"] is None:
        return
    done = set(outing.visits["customer"])
    found = visiting.whom(viewer, outing.day["territory"])
    for row in found.filter(~found["customer"].is_in(list(done))).head(AT_ONCE).to_dicts():
        with st.container(horizontal=True, vertical_alignment="center", key=f"visit {row['customer']}"):
            number = f" · [{row['phone']}](tel:{row['phone']})" if row["phone"] else ""
            st.markdown(f"**{plain(row['customer_name'])}**{number}", width="stretch")
            if is_today:
                visit(viewer, row["customer"], _("Visited"), today)
    for row in found.filter(found["customer"].is_in(list(done))).to_dicts():
        st.markdown(f"√ {plain(row['customer_name'])}")


def visit(viewer: Viewer, customer: int | None, label: str, today: date) -> None:
    """What is asked of a visit, in a popover; the group's others are named by themselves."""
    name = f"visit of {customer}"
    key = session.state().setdefault(name, uuid.uuid4().hex)
    look = "primary" if customer is None else "secondary"
    session.popover(label, f"visiting {customer}", lambda: form(viewer, customer, name, key, today), look)


def form(viewer: Viewer, customer: int | None, name: str, key: str, today: date) -> None:
    called = None
    if customer is None:
        called = st.text_input(_("Customer"), max_chars=60, key=f"called {key}")
    met = st.toggle(_("Met whoever decides"), True, key=f"met {key}")
    need = st.segmented_control(
        _("Need"),
        [True, False],
        default=True,
        format_func=lambda one: _("has a need") if one else _("no need"),
        key=f"need {key}",
        required=True,
    )
    note = st.text_input(_("Note"), max_chars=LONGEST_TEXT, key=f"note {key}")
    sent = st.button(_("Record the visit"), type="primary", key=f"record {key}")
    if sent:
        moment = clock.now().time().replace(microsecond=0)
        about = {
            "customer": customer,
            "customer_name": (called or "").strip() or None,
            "note": (note or "").strip() or None,
        }
        entry = Entry("consultation", today, moment, method="visit", met_decider=met, has_need=need, **about)
        with saving(_("The visit is recorded: it counts once for your group.")):
            visits.record(viewer, viewer.manager, entry, key, today, entries.earliest(viewer))
            session.state().pop(name)
