"""The fields an entry is made of (db.log.fields), each asked by its kind, kept while it is typed, standing as it was left."""

from datetime import date

import streamlit as st

from dashboard.activity import entries
from dashboard.shell import clock
from dashboard.shell.language import _, chinese
from dashboard.widgets import fields, filters
from dashboard.widgets.drafts import Form
from db.access import Viewer
from db.log.entry import Entry
from db.log.fields import FORM, Field, asked, missing, of


def ask(viewer: Viewer, form: Form, one: Field, usual: str | None = None):
    """Draws a field and gives what it says; None until somebody answers."""
    if one.kind == "product":
        return fields.product(viewer, form)
    if one.kind == "amount":
        return fields.amount(form)
    if one.kind == "code":
        return fields.code(form, one.name, _(one.label), one.codes, usual)
    if one.kind == "yes_no":
        return yes_no(one, form.start.get(one.name), form.field(one.name))
    return fields.text(form, one.name, _(one.label), max_chars=500, placeholder=_("What was said"))


def yes_no(one: Field, stands: bool | None, key: str) -> bool | None:
    """A question with two answers; a second tap takes the answer back."""
    words = {True: _(one.words[0]), False: _(one.words[1])}
    return st.segmented_control(_(one.label), list(words), default=stands, format_func=words.get, key=key)


def group(viewer: Viewer, form: Form, *asked_at: str, usual: dict | None = None, **facts: bool) -> dict:
    """The answers to the fields of a form that are asked there where these facts hold."""
    there = [one for one in of(FORM, *asked_at) if asked(one, **facts)]
    return {one.name: ask(viewer, form, one, (usual or {}).get(one.name)) for one in there}


def unanswered(entry: Entry, way: str = FORM) -> str | None:
    """What a form says of the first question that has to be answered before the entry is sent; None when all are."""
    named = entry.customer is not None or bool(entry.customer_name)
    one = missing(vars(entry), of(way), consultation=entry.kind == "consultation", named=named, new=False)
    return one and _(one.required)


def answer(one: Field, said: str | None) -> bool | None:
    """A yes or no by its word in either language: what is begun in one may be sent in the other."""
    return next((value for value, text in zip((True, False), one.words, strict=True) if said in spellings(text)), None)


def spellings(message: str) -> tuple[str, str]:
    return message, chinese()[message]


def day(viewer: Viewer, form: Form, usual: date | None = None) -> date:
    """The day it happened: the usual one (today), or another that is still allowed."""
    today, first = clock.today(), entries.earliest(viewer)
    said = filters.parse_day(form.start.get("day")) or usual
    chosen = st.date_input(
        _("Day"), said if said and first <= said <= today else today, first, today, key=form.field("day")
    )
    return chosen or today
