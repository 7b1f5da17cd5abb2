"""The administrator's forms: a new account, another role, a new password, out and in again."""

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import download, grids, workbooks
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.accounts import accounts, passwords
from db.codes import ROLES
from db.people import people
from db.rights import PLACE
from metrics import periods


def board(viewer: Viewer) -> None:
    """Accounts: who has none yet, all there are, one changed, one added."""
    show_new_password()
    everybody(viewer)
    table(viewer)
    change(viewer)
    add(viewer)


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
    label, rows = ngettext("{number} account", "{number} accounts", found.height), found.with_columns(place=place)
    session.folded(label, "list of accounts", lambda: grids.paged(rows, columns, "accounts"), found.height <= 12)


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
            with saving(_("The role is changed.")):
                accounts.change_role(viewer, chosen, role, place)
        if st.button(_("New password")):
            issue_password(held["login"], lambda password: accounts.set_password(viewer, chosen, password))
        if held["disabled"]:
            if st.button(_("Enable")):
                with saving(_("The account is enabled again.")):
                    accounts.enable(viewer, chosen)
        elif st.button(_("Disable")):
            with saving(_("The account is disabled and its sessions have ended.")):
                accounts.disable(viewer, chosen)


def add(viewer: Viewer) -> None:
    """A new account, with a password to hand over once."""
    st.subheader(_("New account"))
    role, place = role_and_place(viewer, "new", "manager")
    with st.form("new account", border=False, clear_on_submit=False):
        login = st.text_input(_("Sign-in name or staff number"), max_chars=accounts.LOGIN_LENGTH)
        name = st.text_input(_("Name"), max_chars=60)
        made = st.form_submit_button(_("Create the account"))
    if made:
        issue_password(login, lambda password: accounts.add(viewer, login, name, role, place, password))


def without_account(viewer: Viewer) -> pl.DataFrame:
    """Who works today and has no account yet."""
    known = accounts.listing(viewer).select("staff_no").drop_nulls()
    staff = people.managers(viewer, periods.day(session.today()))
    return staff.join(known, on="staff_no", how="anti", maintain_order="left").unique("manager", maintain_order=True)


def everybody(viewer: Viewer) -> None:
    """Accounts for all who have none, at once; their passwords as a sheet to print, cut and hand over."""
    missing = without_account(viewer)
    if missing.height:
        st.subheader(_("Accounts for everybody"))
        st.write(_("Without an account so far: {number}. They sign in by their staff number.", number=missing.height))
        if st.button(_("Create accounts for all of them"), type="primary"):
            with saving():
                session.state()["password sheet"] = accounts.add_managers(viewer, missing)
    issued = session.state().get("password sheet")
    if issued is None:
        return
    st.success(
        _("Accounts created: {number}. Print the sheet: the passwords are shown nowhere else.", number=issued.height)
    )
    download.workbook(_("Download the password sheet"), _("chenxi-passwords.xlsx"), lambda: sheet(issued))
    if st.button(_("They are handed over")):
        session.state().pop("password sheet")
        st.rerun()


def sheet(issued: pl.DataFrame) -> bytes:
    """One row a person, with what they have to know."""
    columns = {
        _("Branch"): pl.col("branch_name"),
        _("Name"): pl.col("manager_name"),
        _("Sign-in name"): pl.col("staff_no"),
        _("Password"): pl.col("password"),
        _("Note"): pl.lit(_("to be changed at the first sign-in")),
    }
    rows = issued.select(one.alias(name) for name, one in columns.items())
    return workbooks.workbook({_("Passwords"): rows})


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


def issue_password(login: str, store) -> None:
    """Stores an invented password, to be shown once."""
    password = passwords.generate()
    with saving():
        store(password)
        session.state()["handed over"] = (login.strip(), password)


def show_new_password() -> None:
    """The password that was just made; after the next click it is gone."""
    login, password = session.state().pop("handed over", (None, None))
    if login:
        st.success(_("Pass this on to its owner: it is shown only once and must be changed at the first sign-in."))
        st.code(f"{login}\n{password}", language=None)
