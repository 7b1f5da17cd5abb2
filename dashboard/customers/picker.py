"""Naming the customer of an entry: the latest ones are one tap away, others are found as they are typed, and a phone
that is known says whose it is before a second record is made."""

from collections import Counter
from dataclasses import dataclass

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, language, plain
from dashboard.widgets import fields, formats
from dashboard.widgets.drafts import Form
from db.access import Viewer, may
from db.codes import CUSTOMER_KINDS
from db.customers import customers, matching
from db.pipeline import open_needs

AT_HAND = 6  # customers with a button each


@dataclass(frozen=True)
class Named:
    """The customer as an id, or as a name typed anew with what goes with it; `called` is how they are shown."""

    customer: int | None = None
    name: str | None = None
    phone: str | None = None
    kind: str | None = None
    second_record: bool | None = None
    called: str = ""


@dataclass(frozen=True)
class Known:
    """A manager's customers and how each is called, with a button `at_hand` where they were met last, and their open need
    (open_needs.NEED). The labels are those that every session of theirs holds on to; the needs are a frame: as rows of
    Python's they would be as much again."""

    customers: tuple[int, ...]
    labels: tuple[str, ...]
    at_hand: dict[int, str]
    needs: pl.DataFrame

    @property
    def names(self) -> dict[int, str]:
        return dict(zip(self.customers, self.labels, strict=True))

    def need(self, customer: object) -> dict | None:
        known = isinstance(customer, int) and not self.needs.is_empty()
        return next(iter(self.needs.filter(customer=customer).to_dicts()), None) if known else None


def customer(viewer: Viewer, manager: int, branch: int, form: Form) -> Named:
    """The field and what belongs to it."""
    asked = (manager, session.today(), language())
    known = viewer.cached("customers to pick from", *asked, read=lambda: known_to(viewer, manager))
    names = known.names | session.state().get(
        "others", {}
    )  # of the branch's other customers, those that were tapped on

    def chosen(one) -> None:
        form.put(customer=one)
        fill(form, known.need(one))

    with st.container(horizontal=True, gap="small", key="at-hand"):
        for one, said in known.at_hand.items():
            st.button(plain(said), key=f"at hand {one}", on_click=chosen, args=(one,))
    said = form.start.get("customer")
    options = [*names, *([said] if isinstance(said, str) else [])]  # a name typed before is an option again
    key = form.field("customer")
    standing = fields.standing_in(key)
    if isinstance(standing, str) and standing not in options:
        options.append(standing)
    picked = st.selectbox(
        _("Customer"),
        options,
        index=options.index(said) if said in options else None,
        format_func=lambda one: names.get(one, str(one)),
        key=key,
        on_change=lambda: fill(form, known.need(fields.standing_in(key))),
        accept_new_options=True,
        placeholder=_("Name or last four digits; a new name is added"),
    )
    if picked in names:
        return Named(picked, called=names[picked])
    typed = str(picked or "").strip()
    return new(viewer, branch, form, typed, chosen) if typed else Named()


def known_to(viewer: Viewer, manager: int) -> Known:
    """To whoever may not read names nobody is known: they are typed."""
    if not may(viewer, "read_personal_data"):
        return Known((), (), {}, pl.DataFrame())
    table = customers.of_manager(viewer, manager)
    needs = open_needs.of_manager(viewer, manager).unique("customer", keep="first", maintain_order=True)
    whole, short = labels(table), short_labels(table)
    return Known(tuple(whole), tuple(whole.values()), {one: short[one] for one in at_hand(table)}, needs)


def at_hand(table: pl.DataFrame) -> list[int]:
    """The customers met last, without those of today, who need no second visit."""
    return table.filter(pl.col("last_day").ne_missing(session.today()))["customer"].head(AT_HAND).to_list()


def label(name: str, phone: str | None) -> str:
    return f"{name} · {phone[-4:]}" if phone else name


def labels(table: pl.DataFrame) -> dict[int, str]:
    """Each customer (customers.CUSTOMER) by their name and the last digits of their phone; where these do not tell two
    apart by the day of the last contact as well, and at last by their number."""
    rows = {row["customer"]: row for row in table.to_dicts()}
    said = {one: label(row["customer_name"], row["phone"]) for one, row in rows.items()}
    for hint in (lambda row: formats.short_day(row["last_day"]), lambda row: f"#{row['customer']}"):
        said |= {one: f"{said[one]} · {hint(rows[one])}" for one in repeated(said)}
    return said


def short_labels(table: pl.DataFrame) -> dict[int, str]:
    """Each customer by their name alone where no other of these has it."""
    names = dict(table.select("customer", "customer_name").iter_rows())
    whole = labels(table)
    return names | {one: whole[one] for one in repeated(names)}


def repeated(said: dict[int, str]) -> list[int]:
    """Those that are called like another."""
    times = Counter(said.values())
    return [one for one, text in said.items() if times[text] > 1]


def fill(form: Form, need: dict | None) -> None:
    """What is known of the customer's open need stands in the form at once, unless something else was typed there."""
    state, known = session.state(), {"product": None, "amount": None}
    if need is not None:
        cents = need["expected_amount_cents"]
        known = {"product": need["product"], "amount": cents / 1_000_000 if cents else None}
    for name, value in known.items():
        if form.typed(name) in (None, state.get(f"known {name}")):
            form.put(**{name: value})
            state[f"known {name}"] = value


def new(viewer: Viewer, branch: int, form: Form, typed: str, chosen) -> Named:
    """A name nobody has chosen from the list: who is like it, their phone and kind, and whose the phone is."""
    alike = (
        customers.search(viewer, typed, 3)
        .with_columns(own="whole")
        .select("customer", "customer_name", "phone", "manager_name")
        if typed.isdigit() and may(viewer, "read_customers")
        else matching.similar(viewer, typed, branch).select("customer", "customer_name", "phone", "manager_name")
    )
    if alike.height:
        st.caption(_("Is it one of these? Tap, so that one customer stays one record."))
        with st.container(horizontal=True, gap="small", key="alike"):
            for row in alike.to_dicts():
                said = " · ".join(filter(None, (row["customer_name"], row["phone"], row["manager_name"])))
                st.button(plain(said), key=f"alike {row['customer']}", on_click=other, args=(row, said, chosen))
    elif typed.isdigit():
        st.caption(_("No customer of yours has these digits."))
    phone = fields.text(form, "phone", _("Phone of the new customer"), placeholder="138…", type="phone")
    kind = fields.code(form, "customer_kind", _("Kind of customer"), CUSTOMER_KINDS)
    return Named(None, typed, phone, kind, clash(viewer, branch, form, phone), typed)


def other(row: dict, said: str, chosen) -> None:
    session.state().setdefault("others", {})[row["customer"]] = said
    chosen(row["customer"])


def clash(viewer: Viewer, branch: int, form: Form, phone: str | None) -> bool | None:
    """Says whose customer the phone is. True where a second record was confirmed."""
    held = matching.owner_of_phone(viewer, phone, branch)
    if held is None:
        return None
    about = {"customer": plain(held["customer_name"]), "manager": plain(held["manager_name"])}
    if held["here"]:
        st.info(_("This phone is {customer}'s, a customer of {manager}: the entry goes to that record.", **about))
        return None
    place = plain(held["branch_name"])
    st.warning(_("This phone belongs to {customer}, a customer of {manager} in {branch}.", branch=place, **about))
    said = bool(form.start.get("second_record"))
    return st.toggle(_("Create a second record here all the same"), said, key=form.field("second_record")) or None
