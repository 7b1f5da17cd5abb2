"""A whole street in one table, for those who write in the evening: a line a shop, each stored once."""

import polars as pl
import streamlit as st

from dashboard import drafts, entries, fields, notices, session
from dashboard.words import _, plain, say, word
from db import activity, codes, customers
from db.access import Viewer
from db.codes import CHANNELS, METHODS
from db.entry import Entry, digest
from db.errors import StorageError

KINDS = ("consultation", "application", "deal")
SCHEMA = {
    "customer": pl.String,
    "phone": pl.String,
    "kind": pl.String,
    "product": pl.String,
    "amount": pl.Float64,
    "decider": pl.Boolean,
    "need": pl.Boolean,
    "note": pl.String,
}
LINES = 5  # empty ones to begin with


@st.fragment
def form(viewer: Viewer, manager: int) -> None:
    """The table, what is the same for all of it, and one button. Lines that are refused stay, each with its reason."""
    session.goes_on(viewer)
    street = drafts.Form(viewer, "street")
    usual_method, usual_channel = activity.last_way(viewer, manager)
    method = fields.code(street, "method", _("Method"), METHODS, usual_method)
    channel = fields.code(street, "channel", _("Channel"), CHANNELS, usual_channel)
    day = fields.day(viewer, street)
    products = spelt_products(viewer)
    edited = st.data_editor(
        beginning(street),
        num_rows="dynamic",
        placeholder="",
        hide_index=True,
        column_config=columns(list(fields.products(viewer).values())),
        key=f"lines {street.key}",
    )
    lines = [line for line in pl.DataFrame(edited, SCHEMA).to_dicts() if (line["customer"] or "").strip()]
    street.keep(lines=lines)
    for reason in street.start.get("refused", []):
        st.error(reason)
    if not st.button(_("Record these {number}", number=len(lines)), type="primary", disabled=not lines, key="street"):
        return
    wrong, reasons, kept = [], [], 0
    for place, line in enumerate(lines, 1):
        entry = as_entry(line, products, day, method, channel)
        twin = [digest(as_entry(one, products, day, method, channel)) for one in lines[: place - 1]].count(
            digest(entry)
        )
        try:
            entries.send(viewer, manager, entry, f"{street.key}-{digest(entry)}-{twin}")
            kept += 1
        except StorageError as error:
            wrong.append(line)
            reasons.append(f"{plain(str(line['customer']))}: {say(error, plain)}")
    following = {"lines": wrong, "refused": reasons, "day": day.isoformat()} if wrong else {}
    street.sent(**following)
    if kept:
        notices.done(_("{number} recorded", number=kept))
    st.rerun()


def beginning(street: drafts.Form) -> pl.DataFrame:
    """The lines as they were left, else empty ones; the same as long as the form is the same."""
    held = street.start.get("lines") or [{}] * LINES
    usual = dict.fromkeys(SCHEMA) | {"kind": word(KINDS[0]), "decider": True, "need": True}
    return pl.DataFrame([usual | line for line in held], SCHEMA)


def columns(products: list[str]) -> dict:
    box = st.column_config
    return {
        "customer": box.TextColumn(_("Customer"), max_chars=60),
        "phone": box.TextColumn(_("Phone"), max_chars=20),
        "kind": box.SelectboxColumn(_("What happened"), options=[word(one) for one in KINDS], default=word(KINDS[0])),
        "product": box.SelectboxColumn(_("Product"), options=products),
        "amount": box.NumberColumn(_("Amount (10,000 yuan)"), min_value=0),
        "decider": box.CheckboxColumn(_("Met who decides"), default=True),
        "need": box.CheckboxColumn(_("Need, or no need, noted"), default=True),
        "note": box.TextColumn(_("Note"), max_chars=500),
    }


def spelt_products(viewer: Viewer) -> dict[str, int]:
    """A product by its name in either language: a table begun in one may be sent in the other."""
    table = customers.products(viewer)
    return {row[name]: row["product"] for row in table.to_dicts() for name in ("product_zh", "product_en")}


def as_entry(line: dict, products: dict[str, int], day, method: str | None, channel: str | None) -> Entry:
    kind = next((one for one in KINDS if line["kind"] in (one.capitalize(), codes.KINDS[one])), KINDS[0])
    consulted = kind == "consultation"
    return Entry(
        kind=kind,
        day=day,
        customer_name=line["customer"].strip(),
        phone=line["phone"] or None,
        product=products.get(line["product"]),
        amount_cents=None if line["amount"] is None or consulted else round(line["amount"] * 1_000_000),
        channel=channel,
        method=method,
        met_decider=line["decider"] is not False if consulted else None,
        need_recorded=line["need"] is not False if consulted else None,
        note=line["note"] or None,
    )
