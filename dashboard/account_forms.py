"""The administrator's forms: a new account, another role, a new password, out and in again."""

import polars as pl
import streamlit as st

from dashboard import grids, notices, session
from dashboard.words import _, word
from db import accounts, passwords, people
from db.access import PLACE, Viewer
from db.codes import ROLES
from db.errors import StorageError
from metrics import periods


def table(viewer: Viewer) -> None:
    """Everybody who may sign in."""
    found = accounts.listing(viewer)
    place = pl.coalesce("staff_no", pl.concat_str("region_name", "branch_name", separator=" · "), "region_name")
    columns = [
        grids.text("login", _("Sign-in name")),
        grids.text("name", _("Name")),
        grids.Column(_("Role"), lambda row: word(row["role"]), left=True),
        grids.text("place", _("Place")),
        grids.Column(_("State"), lambda row: _("disabled") if row["disabled"] else _("active"), left=True),
    ]
    with st.expander(_("{number} accounts", number=found.height), expanded=found.height <= 12):
        grids.show(found.with_columns(place=place), columns)


def change(viewer: Viewer) -> None:
    """One account: its role and place, its password, whether it is open."""
    found = accounts.listing(viewer).filter(pl.col("login") != viewer.account)
    labels = {row["account"]: f"{row['login']} · {row['name']} · {word(row['role'])}" for row in found.to_dicts()}
    st.subheader(_("Change an account"))
    chosen = st.selectbox(_("Account"), list(labels), None, labels.get, key="chosen account", placeholder=_("Choose"))
    if chosen is None:
        return
    held = found.filter(pl.col("account") == chosen).row(0, named=True)
    role, place = role_and_place(viewer, f"change {chosen}", held["role"])
    with st.container(horizontal=True):
        if st.button(_("Save the role"), type="primary"):
            attempt(lambda: accounts.change_role(viewer, chosen, role, place), _("The role is changed."))
        if st.button(_("New password")):
            hand_over(held["login"], lambda password: accounts.set_password(viewer, chosen, password))
        if held["disabled"]:
            if st.button(_("Enable")):
                attempt(lambda: accounts.enable(viewer, chosen), _("The account is open again."))
        elif st.button(_("Disable")):
            attempt(lambda: accounts.disable(viewer, chosen), _("The account is closed; whoever was in is out."))


def add(viewer: Viewer) -> None:
    """A new account, with a password to hand over once."""
    st.subheader(_("New account"))
    role, place = role_and_place(viewer, "new", "manager")
    with st.form("new account", border=False, clear_on_submit=False):
        login = st.text_input(_("Sign-in name or staff number"), max_chars=accounts.LOGIN_LENGTH)
        name = st.text_input(_("Name"), max_chars=60)
        made = st.form_submit_button(_("Make the account"))
    if made:
        hand_over(login, lambda password: accounts.add(viewer, login, name, role, place, password))


def role_and_place(viewer: Viewer, key: str, role: str) -> tuple[str, int | None]:
    """The role, and the place it is for (access.PLACE)."""
    with st.container(horizontal=True):
        role = st.selectbox(_("Role"), list(ROLES), list(ROLES).index(role), word, key=f"role {key}")
        match PLACE.get(role):
            case None:
                return role, None
            case "manager":
                staff = people.managers(viewer, periods.day(session.today()))
                names = {
                    one: f"{number} · {name} · {branch}"
                    for one, number, name, branch in staff.select(
                        "manager", "staff_no", "manager_name", "branch_name"
                    ).iter_rows()
                }
            case level:
                names = dict(people.branches(viewer).select(level, f"{level}_name").unique(level).iter_rows())
        place = st.selectbox(
            _("Place"), list(names), None, names.get, key=f"place {key} {role}", placeholder=_("Choose")
        )
    return role, place


def hand_over(login: str, store) -> None:
    """Stores an invented password, to be shown once."""
    password = passwords.invented()
    try:
        store(password)
    except StorageError as error:
        notices.refused(error)
        return
    session.state()["handed over"] = (login.strip(), password)
    st.rerun()


def handed_over() -> None:
    """The password that was just made; after the next click it is gone."""
    login, password = session.state().pop("handed over", (None, None))
    if login:
        st.success(_("Hand this over; it is shown once, and has to be changed at the first sign-in."))
        st.code(f"{login}\n{password}", language=None)


def attempt(act, said: str) -> None:
    try:
        act()
    except StorageError as error:
        notices.refused(error)
        return
    notices.done(said)
    st.rerun()
