"""Recording an activity: one short form for a phone, and the day's rows, each to be corrected or withdrawn."""

import uuid
from datetime import date

import polars as pl
import streamlit as st

from dashboard import clock, formats, session
from dashboard.words import _, language, say, word
from db import activity, customers
from db.access import Viewer
from db.codes import CHANNELS, KINDS, METHODS
from db.errors import StorageError
from metrics import periods

MAIN = ("consultation", "application", "deal")
OTHER = tuple(kind for kind in KINDS if kind not in MAIN)


def form(viewer: Viewer, manager: int) -> None:
    """The entry. Its key is made when it opens and sent with it, so that a double tap stores one row; after a refusal
    everything typed is still there."""
    state = session.state()
    key = state.setdefault("entry key", uuid.uuid4().hex)
    kind = st.segmented_control(
        _("What happened"),
        [*MAIN, "other"],
        default="consultation",
        format_func=lambda one: _("Other step") if one == "other" else word(one),
        key=f"kind {key}",
        required=True,
    )
    with st.form(f"entry {key}", border=False):
        if kind == "other":
            kind = st.selectbox(_("Step"), OTHER, format_func=word, key=f"step {key}")
        customer, typed, called = customer_field(viewer, manager, key)
        phone = st.text_input(_("Phone (new customer)"), key=f"phone {key}", placeholder="138…")
        product = product_field(viewer, key, required=kind != "consultation")
        amount = None
        if kind != "consultation":
            amount = st.number_input(
                _("Amount (10,000 yuan)"), 0.0, 1e8, None, 1.0, key=f"amount {key}", placeholder=_("none")
            )
        decider = need = None
        if kind == "consultation":
            with st.container(horizontal=True):
                decider = st.toggle(_("Met who decides"), True, key=f"decider {key}")
                need = st.toggle(_("Need, or no need, noted"), True, key=f"need {key}")
        with st.expander(_("Method, channel, note")):
            method = code_field(_("Method"), METHODS, "method", key)
            channel = code_field(_("Channel"), CHANNELS, "channel", key)
            note = st.text_input(_("Note"), key=f"note {key}", max_chars=500, placeholder=_("What was said"))
        sent = st.form_submit_button(_("Record"), type="primary", width="stretch")
    if not sent:
        return
    moment = clock.now()
    entry = activity.Entry(
        kind=kind,
        day=moment.date(),
        time=state.setdefault(f"sent {key}", moment.time().replace(microsecond=0)),
        customer=customer,
        customer_name=typed,
        phone=phone.strip() or None,
        product=product,
        amount_cents=None if amount is None else round(amount * 1_000_000),
        channel=channel,
        method=method,
        met_decider=decider,
        need_recorded=need,
        note=note.strip() or None,
    )
    try:
        activity.record(viewer, manager, entry, key, moment.date())
    except StorageError as error:
        st.error(say(error))
        return
    del state["entry key"], state[f"sent {key}"]
    state["last method"], state["last channel"] = method, channel
    st.toast(_("Recorded: {kind} {customer}", kind=word(kind), customer=called), icon="✅")
    st.rerun()


def customer_field(viewer: Viewer, manager: int, key: str) -> tuple[int | None, str | None, str]:
    """The customer as an id, or as a name typed anew; and what he is called."""
    table = customers.of_manager(viewer, manager)
    names = {
        customer: f"{name} · {phone[-4:]}" if phone else name
        for customer, name, phone in table.select("customer", "customer_name", "phone").iter_rows()
    }
    chosen = st.selectbox(
        _("Customer"),
        list(names),
        index=None,
        format_func=lambda one: names.get(one, str(one)),
        key=f"customer {key}",
        accept_new_options=True,
        placeholder=_("Choose, or type a new name"),
    )
    if chosen in names:
        return chosen, None, names[chosen]
    typed = str(chosen or "").strip()
    return None, typed or None, typed


def product_field(viewer: Viewer, key: str, required: bool) -> int | None:
    names = dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())
    place = 0 if required else None
    return st.selectbox(
        _("Product"), list(names), place, names.get, key=f"product {key} {required}", placeholder=_("none yet")
    )


def code_field(label: str, codes: dict[str, str], name: str, key: str) -> str | None:
    return st.pills(
        label, list(codes), default=session.state().get(f"last {name}"), format_func=word, key=f"{name} {key}"
    )


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
        st.error(say(error))
