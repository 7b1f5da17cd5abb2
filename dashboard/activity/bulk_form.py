"""A whole street in one table, for those who write in the evening: a line a shop, each stored once."""

import polars as pl
import streamlit as st

from dashboard.activity import entries, entry_fields
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, plain, say, word
from dashboard.widgets import drafts, edited_table, fields, saving
from db.access import Viewer
from db.errors import StorageError
from db.log import activity, product_list
from db.log.entry import Entry, digest
from db.log.fields import BY_NAME, STREET, Field, asked, of

KINDS = ("consultation", "application", "deal")
SHARED = of(STREET, "details")  # the codes among them are the same for a whole street
EACH = [one for one in of(STREET) if one.kind != "day" and not (one in SHARED and one.codes)]
EACH.sort(key=lambda one: one.kept_with != "customer")  # who, then what
CALLED = {"customer_name": "customer", "amount_cents": "amount"}  # in a line
SCHEMA = {CALLED.get(one.name, one.name): pl.Float64 if one.kind == "amount" else pl.String for one in EACH}
LINES = 5  # empty ones to begin with


@session.part
def form(viewer: Viewer, manager: int) -> None:
    """The table, what is the same for all of it, and one button. Lines that are refused stay, each with its reason."""
    street = drafts.Form(viewer, "street")
    usual = activity.latest(viewer, manager)
    codes = [one for one in SHARED if one.codes]
    shared = {one.name: entry_fields.ask(viewer, street, one, usual.get(one.name)) for one in codes}
    shared["day"] = entry_fields.day(viewer, street)
    products = products_by_name(viewer)
    cells = columns(list(fields.products(viewer).values()))
    edited = edited_table.draw(beginning(street), cells, f"lines {street.key}", _("A whole street"), may_add=True)
    lines = [line for line in edited.to_dicts() if (line["customer"] or "").strip()]
    street.keep(lines=lines)
    for reason in street.start.get("refused", []):
        st.error(reason)
    said = ngettext("Record {number} visit", "Record {number} visits", len(lines))
    if not st.button(said, type="primary", disabled=not lines, key="street"):
        return
    wrong, reasons, kept = [], [], 0
    for place, line in enumerate(lines, 1):
        entry = as_entry(line, products, shared)
        twin = [digest(as_entry(one, products, shared)) for one in lines[: place - 1]].count(digest(entry))
        if missing := entry_fields.unanswered(entry, STREET):
            wrong.append(line)
            reasons.append(f"{plain(str(line['customer']))}: {missing}")
            continue
        try:
            entries.send(viewer, manager, entry, f"{street.key}-{digest(entry)}-{twin}")
            kept += 1
        except StorageError as error:
            wrong.append(line)
            reasons.append(f"{plain(str(line['customer']))}: {say(error, plain)}")
    following = {"lines": wrong, "refused": reasons, "day": shared["day"].isoformat()} if wrong else {}
    street.sent(**following)
    saving.finish(ngettext("{number} visit recorded", "{number} visits recorded", kept) if kept else "")


def beginning(street: drafts.Form) -> pl.DataFrame:
    """The lines as they were left, else empty ones; the same as long as the form is the same."""
    held = street.start.get("lines") or [{}] * LINES
    usual = dict.fromkeys(SCHEMA) | {"kind": word(KINDS[0])}
    return pl.DataFrame([usual | {name: line[name] for name in line.keys() & usual} for line in held], SCHEMA)


def columns(products: list[str]) -> dict:
    return {CALLED.get(one.name, one.name): column(one, products) for one in EACH}


def column(one: Field, products: list[str]):
    """The table's column for a field, by its kind; an empty cell is no answer."""
    box, label = st.column_config, _(one.label)
    if one.name == "kind":
        return box.SelectboxColumn(label, options=[word(kind) for kind in KINDS], default=word(KINDS[0]))
    if one.kind == "product":
        return box.SelectboxColumn(label, options=products)
    if one.kind == "code":
        return box.SelectboxColumn(label, options=[word(code) for code in one.codes])
    if one.kind == "yes_no":
        return box.SelectboxColumn(label, options=[_(text) for text in one.words])
    if one.kind == "amount":
        return box.NumberColumn(_("Amount (10,000 yuan)"), min_value=0)
    return box.TextColumn(label, max_chars={"name": 60, "phone": 20}.get(one.kind, 500))


def products_by_name(viewer: Viewer) -> dict[str, int]:
    """A product by its name in either language: a table begun in one may be sent in the other."""
    table = product_list.read(viewer)
    return {row[name]: row["product"] for row in table.to_dicts() for name in ("product_zh", "product_en")}


def as_entry(line: dict, products: dict[str, int], shared: dict) -> Entry:
    """What a line states, with what is the same for the whole street."""
    cells = {one.name: line.get(CALLED.get(one.name, one.name)) for one in EACH}
    kind = code(BY_NAME["kind"], cells["kind"]) or KINDS[0]
    facts = {"consultation": kind == "consultation", "named": True, "new": True}
    there = [one for one in EACH if one.name != "kind" and asked(one, **facts)]
    return Entry(kind=kind, **{one.name: stated(one, cells[one.name], products) for one in there}, **shared)


def stated(one: Field, cell, products: dict[str, int]):
    """What stands in a cell as the field's value; None where it is empty."""
    if one.kind == "product":
        return products.get(cell)
    if one.kind == "amount":
        return None if cell is None else round(cell * 1_000_000)
    if one.kind == "yes_no":
        return entry_fields.answer(one, cell)
    if one.kind == "code":
        return code(one, cell)
    return (cell or "").strip() or None


def code(one: Field, cell: str | None) -> str | None:
    """A code by its word in either language."""
    return next((name for name, zh in one.codes.items() if cell in (name.replace("_", " ").capitalize(), zh)), None)
