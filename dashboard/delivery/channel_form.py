"""The groups of a branch and their robots. What was typed as address or secret is never shown again."""

from datetime import time

import streamlit as st

from dashboard.delivery import deliver, wording
from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.widgets import formats, grids
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.codes import CHAT_SERVICES
from db.delivery import channels, messages, sending
from db.delivery.channels import LONGEST_NAME, Robot
from db.people import people


def board(viewer: Viewer) -> None:
    found = channels.listing(viewer)
    if found.is_empty():
        st.info(_("No group has been added yet: in the group's settings add a robot and copy its address."))
    else:
        columns = [
            grids.text("branch_name", _("Branch")),
            grids.text("name", _("Group")),
            grids.Column(_("Service"), lambda row: word(row["service"]), left=True),
            grids.Column(
                _("Host"), lambda row: row["host"] + ("" if row["allowed"] else " · " + _("not allowed")), left=True
            ),
            grids.Column(_("Signed"), lambda row: _("yes") if row["has_secret"] else _("no"), left=True),
            grids.Column(_("State"), lambda row: _("active") if row["is_on"] else _("disabled"), left=True),
            grids.Column(_("By itself"), by_itself, left=True),
        ]
        grids.show(found, columns, cards=True)
    if may(viewer, "set_channels"):
        change(viewer, found)
        add(viewer)


def saved_so_far() -> int:
    """How often a form was saved in this session: the next is a new one, without the address that was typed."""
    return session.state().get("groups saved", 0)


def begin_anew() -> None:
    session.state()["groups saved"] = saved_so_far() + 1


def by_itself(row: dict) -> str:
    """What goes out without anybody, and when."""
    return formats.NOTHING if row["at"] is None else f"{wording.kind_name(row['kind'])} {row['at']:%H:%M}"


def schedule(key: str, kind: str | None, at: time | None) -> tuple[str | None, time | None]:
    """What goes out by itself, of what can be made, and when."""
    kinds = sorted({*deliver.MADE, *({kind} if kind else set())})
    if not kinds:
        return None, None
    place = kinds.index(kind) if kind else None
    chosen = st.selectbox(_("Goes out by itself"), kinds, place, word, key=f"kind {key}", placeholder=_("nothing"))
    when = st.time_input(_("at"), at or time(18, 30), key=f"at {key}", step=300)
    return (chosen, when) if chosen else (None, None)


def add(viewer: Viewer) -> None:
    st.subheader(_("New group"))
    hosts = channels.hosts(viewer)
    if hosts.is_empty():
        st.caption(_("Nothing can be sent yet: the administrator first allows the service's host."))
        return
    places = {row["branch"]: row["branch_name"] for row in people.branches(viewer).to_dicts()}
    with st.form(f"new group {saved_so_far()}", border=False):
        branch = st.selectbox(
            _("Branch"), list(places), 0 if len(places) == 1 else None, places.get, placeholder=_("Choose")
        )
        service = st.selectbox(_("Service"), list(CHAT_SERVICES), 0, word)
        name = st.text_input(_("Name of the group"), max_chars=LONGEST_NAME)
        address = st.text_input(_("Address of its robot"), type="password", autocomplete="off")
        secret = st.text_input(_("Secret, where the robot signs"), type="password", autocomplete="off")
        kind, at = schedule(f"new {saved_so_far()}", None, None)
        made = st.form_submit_button(_("Add the group"))
    if made and branch is None:
        st.warning(_("Choose the branch first."))
    elif made:
        with saving(_("The group is added. Send a trial message.")):
            channels.add(viewer, branch, Robot(service, name, True, address, secret or None, kind, at))
            begin_anew()


def change(viewer: Viewer, found) -> None:
    """One group: its name, address, time, whether it is on; and a trial message."""
    rows = {row["channel"]: row for row in found.to_dicts()}
    if not rows:
        return
    st.subheader(_("Change a group"))
    chosen = st.selectbox(
        _("Group"),
        list(rows),
        None,
        lambda one: f"{rows[one]['branch_name']} · {rows[one]['name']}",
        key="chosen group",
        placeholder=_("Choose"),
    )
    if chosen is None:
        return
    row = rows[chosen]
    with st.form(f"group {chosen} {saved_so_far()}", border=False):
        name = st.text_input(_("Name of the group"), row["name"], max_chars=LONGEST_NAME)
        is_on = st.toggle(_("On"), row["is_on"])
        address = st.text_input(_("New address (the present one stays hidden)"), type="password", autocomplete="off")
        secret = st.text_input(_("New secret (the present one stays hidden)"), type="password", autocomplete="off")
        without = st.checkbox(_("Without a secret"), False)
        kind, at = schedule(f"{chosen} {saved_so_far()}", row["kind"], row["at"])
        saved = st.form_submit_button(_("Save"))
    if saved:
        with saving(_("The group is changed.")):
            given = "" if without else secret or None
            channels.change(viewer, chosen, Robot(row["service"], name, is_on, address or None, given, kind, at))
            begin_anew()
    if st.button(_("Send a trial message"), disabled=not (row["is_on"] and row["allowed"])):
        with saving() as outcome:
            text = _(
                "Trial message of the micro-loan board: this group will get the minutes of {branch}.",
                branch=row["branch_name"],
            )
            queued = messages.try_out(viewer, chosen, session.today(), text)
            deliver.send_waiting(viewer.store, 10, chosen, most=len(queued))
            (state, code), *_more = sending.states(viewer.store, queued)
            outcome.message = _("Trial message: {state} {code}", state=word(state), code=code)
