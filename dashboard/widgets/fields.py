"""Form fields, each kept while it is typed, each standing as it was left."""

from collections.abc import Sequence

import streamlit as st

from dashboard.shell.language import _, language, word
from dashboard.widgets.drafts import Form
from db.access import Viewer
from db.log import product_list


def standing_in(key: str):
    """What stands in a field at this moment: a tap may arrive together with what was typed last."""
    return st.session_state.get(key)


def put(key: str, value) -> None:
    """Fills a field before it is drawn."""
    st.session_state[key] = value


def one_of(options: Sequence, said):
    """What a draft says, if it is still among the options."""
    return said if said in options else None


def text(form: Form, name: str, label: str, **options) -> str | None:
    """A text that is kept while it is typed."""
    typed = st.text_input(label, form.start.get(name, ""), key=form.field(name), live=True, **options)
    return (typed or "").strip() or None


def code(form: Form, name: str, label: str, codes: dict[str, str], usual: str | None = None) -> str | None:
    said = one_of(list(codes), form.start.get(name, usual))
    return st.pills(label, list(codes), default=said, format_func=word, key=form.field(name))


def products(viewer: Viewer) -> dict[int, str]:
    """The bank's products by id, as they are called in the reader's language."""
    named = f"product_{language()}"

    def read() -> dict[int, str]:
        return dict(product_list.read(viewer).select("product", named).iter_rows())

    return viewer.cached("names of products", named, read=read)


def product(viewer: Viewer, form: Form) -> int | None:
    names = products(viewer)
    said = form.start.get("product")
    place = list(names).index(said) if said in names else None
    return st.selectbox(
        _("Product"), list(names), place, names.get, key=form.field("product"), placeholder=_("none yet")
    )


def amount(form: Form) -> int | None:
    """An amount in cents, typed in 万元."""
    typed = st.number_input(
        _("Amount (10,000 yuan)"),
        0.0,
        1e8,
        form.start.get("amount"),
        1.0,
        key=form.field("amount"),
        placeholder=_("none"),
    )
    return None if typed is None else round(typed * 1_000_000)
