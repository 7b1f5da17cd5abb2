"""Recording an activity: one short form for a phone, and the day's rows, each to be corrected or withdrawn."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import streamlit as st

from dashboard import clock, drafts, formats, notices, session
from dashboard.words import _, language, plain, word
from db import activity, customers
from db.access import Viewer
from db.codes import CHANNELS, KINDS, METHODS
from db.entry import Entry
from db.errors import StorageError
from metrics import periods

MAIN = ("consultation", "application", "deal")
OTHER = tuple(kind for kind in KINDS if kind not in MAIN)


@st.fragment
def form(viewer: Viewer, manager: int) -> None:
    """The entry. What is typed is kept while it is typed; a double tap stores one row; after a refusal everything is
    still there."""
    session.goes_on(viewer)
    state, entry = session.state(), drafts.Form(viewer, "entry")
    kinds = [*MAIN, "other"]
    kind = st.segmented_control(
        _("What happened"),
        kinds,
        default=one_of(kinds, entry.start.get("kind")) or "consultation",
        format_func=lambda one: _("Other step") if one == "other" else word(one),
        key=entry.field("kind"),
        required=True,
    )
    if kind == "other":
        place = OTHER.index(one_of(OTHER, entry.start.get("step")) or OTHER[0])
        kind = st.selectbox(_("Step"), OTHER, place, format_func=word, key=entry.field("step"))
    customer, typed, called = customer_field(viewer, manager, entry)
    phone = text_field(_("Phone (new customer)"), "phone", entry, placeholder="138…", type="phone")
    product = product_field(viewer, entry, required=kind != "consultation")
    amount = None
    if kind != "consultation":
        amount = st.number_input(
            _("Amount (10,000 yuan)"),
            0.0,
            1e8,
            entry.start.get("amount"),
            1.0,
            key=entry.field("amount"),
            placeholder=_("none"),
        )
    decider = need = None
    if kind == "consultation":
        with st.container(horizontal=True):
            decider = st.toggle(_("Met who decides"), entry.start.get("decider", True), key=entry.field("decider"))
            need = st.toggle(_("Need, or no need, noted"), entry.start.get("need", True), key=entry.field("need"))
    with st.expander(_("Method, channel, note")):
        method = code_field(_("Method"), METHODS, "method", entry)
        channel = code_field(_("Channel"), CHANNELS, "channel", entry)
        note = text_field(_("Note"), "note", entry, max_chars=500, placeholder=_("What was said"))
    entry.keep()
    if not st.button(_("Record"), type="primary", width="stretch", key=f"record {entry.key}"):
        return
    moment = clock.now()
    stated = Entry(
        kind=kind,
        day=moment.date(),
        time=moment.time().replace(microsecond=0),
        customer=customer,
        customer_name=typed,
        phone=(phone or "").strip() or None,
        product=product,
        amount_cents=None if amount is None else round(amount * 1_000_000),
        channel=channel,
        method=method,
        met_decider=decider,
        need_recorded=need,
        note=(note or "").strip() or None,
    )
    try:
        activity.record(viewer, manager, stated, entry.key, moment.date())
    except StorageError as error:
        notices.refused(error)
        return
    entry.sent()
    state["last method"], state["last channel"] = method, channel
    notices.done(_("Recorded: {kind} {customer}", kind=word(kind), customer=plain(called)))
    st.rerun()


def one_of(options: Sequence[str], said) -> str | None:
    """What a draft says, if it is still among the options."""
    return said if said in options else None


def text_field(label: str, name: str, entry: drafts.Form, **options) -> str | None:
    """A text that is kept while it is typed."""
    return st.text_input(label, entry.start.get(name, ""), key=entry.field(name), live=True, **options)


def customer_field(viewer: Viewer, manager: int, entry: drafts.Form) -> tuple[int | None, str | None, str]:
    """The customer as an id, or as a name typed anew; and what he is called."""
    table = customers.of_manager(viewer, manager)
    names = {
        customer: f"{name} · {phone[-4:]}" if phone else name
        for customer, name, phone in table.select("customer", "customer_name", "phone").iter_rows()
    }
    said = entry.start.get("customer")
    options = [*names, *([said] if isinstance(said, str) else [])]  # a name typed before is an option again
    chosen = st.selectbox(
        _("Customer"),
        options,
        index=options.index(said) if said in options else None,
        format_func=lambda one: names.get(one, str(one)),
        key=entry.field("customer"),
        accept_new_options=True,
        placeholder=_("Choose, or type a new name"),
    )
    if chosen in names:
        return chosen, None, names[chosen]
    typed = str(chosen or "").strip()
    return None, typed or None, typed


def product_field(viewer: Viewer, entry: drafts.Form, required: bool) -> int | None:
    names = dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())
    name = "needed_product" if required else "product"
    said = entry.start.get(name)
    place = list(names).index(said) if said in names else 0 if required else None
    return st.selectbox(_("Product"), list(names), place, names.get, key=entry.field(name), placeholder=_("none yet"))


def code_field(label: str, codes: dict[str, str], name: str, entry: drafts.Form) -> str | None:
    said = entry.start.get(name, session.state().get(f"last {name}"))
    return st.pills(label, list(codes), default=one_of(list(codes), said), format_func=word, key=entry.field(name))


def rows(viewer: Viewer, manager: int, on: date) -> None:
    """The day's entries, the latest first."""
    table = activity.rows(viewer, on, manager)
    if table.is_empty():
        st.info(_("Nothing recorded on this day yet. The first entry takes twenty seconds: fill in the form above."))
        return
    names = dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())
    marked = activity.read(viewer, periods.day(on)).filter(~pl.col("counted")).select("id").collect()
    uncounted = set(marked["id"])  # not effective by the bank's definitions, or not the first of its kind
    for row in table.to_dicts():
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", key=f"row {row['id']}"):
            parts = [row["customer_name"] or _("no customer"), names.get(row["product"]), row["note"]]
            if row["amount_cents"]:
                parts.insert(2, formats.amount(row["amount_cents"]))
            counted = " · " + _("not counted") if row["id"] in uncounted else ""
            st.text(f"{word(row['kind'])}  " + " · ".join(part for part in parts if part) + counted)
            with st.popover(_("Change")):
                change(viewer, row)


def change(viewer: Viewer, row: dict) -> None:
    """Correct or withdraw one entry: the fields are those of what is chosen as having happened."""
    key = f"{row['id']} {row['version']}"
    kind = st.selectbox(_("What happened"), list(KINDS), list(KINDS).index(row["kind"]), word, key=f"new kind {key}")
    changes: dict = {"kind": kind}
    names = dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())
    place = list(names).index(row["product"]) if row["product"] in names else None
    changes["product"] = st.selectbox(_("Product"), list(names), place, names.get, key=f"new product {key}")
    if kind == "consultation":
        decider, need = row["met_decider"] is not False, row["need_recorded"] is not False
        changes["met_decider"] = st.toggle(_("Met who decides"), decider, key=f"new decider {key}")
        changes["need_recorded"] = st.toggle(_("Need, or no need, noted"), need, key=f"new need {key}")
        if not row["effective"]:
            changes["effective"] = st.toggle(_("Effective"), False, key=f"new effective {key}")
    else:
        value = None if row["amount_cents"] is None else row["amount_cents"] / 1_000_000
        amount = st.number_input(_("Amount (10,000 yuan)"), 0.0, 1e8, value, 1.0, key=f"new amount {key}")
        changes["amount_cents"] = None if amount is None else round(amount * 1_000_000)
    for name, label, codes in (("method", _("Method"), METHODS), ("channel", _("Channel"), CHANNELS)):
        changes[name] = st.pills(label, list(codes), default=row[name], format_func=word, key=f"new {name} {key}")
    changes["note"] = st.text_input(_("Note"), row["note"] or "", key=f"new note {key}") or None
    try:
        if st.button(_("Save"), type="primary", key=f"save {key}"):
            activity.correct(viewer, row["id"], row["version"], clock.today(), **changes)
            st.rerun()
        if st.button(_("Withdraw this entry"), key=f"void {key}"):
            activity.void(viewer, row["id"], row["version"])
            st.rerun()
    except StorageError as error:
        notices.refused(error)
