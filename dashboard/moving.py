"""The pipeline on screen: how much stands at each step, and the lists of opportunities, each moved on by one tap.

A card runs by itself: after a tap it stays where it is, and everything else with it, until the reader does something
else. What a tap does is done before the card is drawn again (a callback), so that it is drawn once, as it is then."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

import polars as pl
import streamlit as st

from dashboard import filters, formats, grids, notices, pipelines, session
from dashboard.pipelines import LISTS, STEPS, URGENT, Board
from dashboard.words import _, plain, word
from db import activity, codes, opportunities
from db.access import Viewer, may
from db.errors import StorageError
from metrics import procedure
from metrics.definitions import Definitions

PREVIEW, ALONE = 5, 50  # cards of each list where all are shown, and of the one that is shown alone
WITH_AMOUNT = ("application", "approval", "contract", "deal")
MEETS_BADLY = (0, 4)  # Monday, Friday
HEADINGS = {
    "overdue": "Next step overdue",
    "due_today": "Next step due today",
    "stalled": "Stalled",
    "breached": "Procedure breaches",
    "over_today": "Ended today",
}


def heading(name: str) -> str:
    return _(HEADINGS[name]) if name in HEADINGS else word(name)


def which() -> str | None:
    """The list to be shown alone, None for all of them."""
    return filters.choose("list", _("List"), [None, *LISTS], lambda one: _("all") if one is None else heading(one))


def strip(found: Board) -> None:
    """Each step of the procedure with how many stand there, their expected amount, and how many have stalled."""
    parts = []
    for row in procedure.by_step(found.open).to_dicts():
        stalled = ""
        if row["opportunities"] and not row["judged"]:
            stalled = _("too few cases to tell who stalls")
        elif row["stalled"]:
            stalled = _("{number} stalled", number=formats.count(row["stalled"]))
        link = escape(session.href(list=row["step"]))
        amount = formats.amount(row["expected_amount_cents"] or None)
        parts.append(
            f'<a class="cx-step" href="{link}" target="_self"><span>{escape(word(row["step"]))}</span>'
            f"<b>{formats.count(row['opportunities'])}</b><small>{amount}</small>"
            f"<small>{escape(stalled)}</small></a>"
        )
    st.html(f'<div class="cx-steps">{"".join(parts)}</div>')


def sections(viewer: Viewer, found: Board, today: date, alone: str | None) -> None:
    """The lists, those that cannot wait on top; or one of them alone, and longer."""
    every = pipelines.lists(found, today)
    shown = [alone] if alone else [name for name in LISTS if every[name] or name in URGENT]
    most = ALONE if alone else PREVIEW
    known = pipelines.rows(viewer, found, list({one for name in shown for one in every[name][:most]}))
    by_id = {row["opportunity"]: row for row in known}
    draw = cards if may(viewer, "record_activity") else table
    width = 1 if alone or draw is table else 2
    for start in range(0, len(shown), width):
        for column, name in zip(st.columns(width), shown[start : start + width], strict=False):
            rows = [by_id[one] for one in every[name][:most] if one in by_id]
            with column:
                section(viewer, name, rows, len(every[name]), draw)


def section(viewer: Viewer, name: str, rows: Sequence[dict], number: int, draw: Callable) -> None:
    st.subheader(f"{heading(name)} · {formats.count(number)}")
    if not rows:
        st.caption(_("None."))
        return
    draw(viewer, name, rows)
    if number > len(rows):
        more = _("… and {number} more", number=formats.count(number - len(rows)))
        st.html(f'<a class="cx-more" href="{escape(session.href(list=name))}" target="_self">{escape(more)}</a>')


def about(rules: Definitions) -> None:
    """How it is told what has stalled, and what a breach is."""
    with st.expander(_("How this is told (definitions v{version})", version=rules.version)):
        share = formats.share(rules.stalled_share)
        said = _(
            "Stalled: longer in its step, in working days, than {share} of the ones won in a year were.", share=share
        )
        st.text(said)
        st.text(_("Below {number} won cases nothing is said.", number=rules.small_sample))
        st.text(
            _(
                "Breach: a step dated before one it depends on, without it, or in the future. It is recorded all the same."
            )
        )


def table(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    """For those who look on."""
    columns = [
        grids.text("customer_name", _("Customer")),
        grids.text("product_name", _("Product")),
        grids.text("manager_name", _("Manager")),
        grids.number("expected_amount_cents", _("Expected amount"), formats.amount),
        grids.Column(_("Step"), lambda row: escape(stands(row)), left=True),
        grids.Column(_("Status"), marks, left=True),
        grids.Column(_("Next step"), lambda row: escape(planned(row)), left=True),
    ]
    grids.show(pl.DataFrame(rows, infer_schema_length=None), columns)


def cards(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    for row in rows:
        card(viewer, name, row)


@st.fragment
def card(viewer: Viewer, name: str, row: dict) -> None:
    """One opportunity: what it is, where it stands, the tap that moves it on, and what else can be done."""
    identity, today = row["opportunity"], session.today()
    key = f"{name} {identity}"
    news(viewer, key)
    done = session.state().get("moved", {}).get(identity)
    if done is not None:
        row = pipelines.rows(viewer, pipelines.board(viewer, today), [identity])[0]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"need {key}"):
        st.html(body(viewer, row), width="stretch")
        step = following(row)
        if done == "moved":
            st.button(f"✓ {word(row['end'] or row['step'])}", disabled=True, key=f"done {key}")
        elif step is not None:
            amount = row["expected_amount_cents"] if step in WITH_AMOUNT else None
            st.button(
                f"→ {word(step)}",
                type="primary",
                key=f"move {key} {row['seen']}",
                on_click=act,
                args=(key, row, step, lambda: move(viewer, row, step, today, amount)),
            )
        more = st.popover(_("More"), key=f"more {key}", on_change="rerun")
        if more.open:
            with more:
                panel(viewer, key, row, today)


def following(row: dict) -> str | None:
    """The step one tap leads to: the next of the procedure, for what is cross-sold the deal. None where more must be
    said: of a loan without an amount there is no deal."""
    if row["end"] is not None or row["product"] is None or row["customer_name"] is None:
        return None
    loan = row["family"] == "loan"
    step = STEPS[STEPS.index(row["step"]) + 1] if loan and row["step"] != STEPS[-1] else "deal"
    return None if step == "deal" and loan and row["expected_amount_cents"] is None else step


def body(viewer: Viewer, row: dict) -> str:
    """What a card says; whatever was stored is escaped."""
    whose = row["manager_name"] if viewer.manager is None else None
    amount = formats.amount(row["expected_amount_cents"]) if row["expected_amount_cents"] else None
    first = [row["product_name"] or _("no product yet"), amount, whose]
    title = " · ".join(escape(part) for part in first if part)
    second = [stands(row), planned(row)]
    return (
        f'<div class="cx-need"><div><b>{escape(row["customer_name"] or _("no customer"))}</b> · {title}</div>'
        f"<div>{' · '.join(escape(part) for part in second if part)}</div><div>{marks(row)}</div></div>"
    )


def stands(row: dict) -> str:
    """The step and for how long; of what is over its end, and why."""
    if row["end"] is not None:
        reason = pipelines.spoken(row["lost_reason"]) if row["end"] in opportunities.LOST else None
        return " · ".join(filter(None, (word(row["end"]), reason)))
    if not row["age"]:
        return f"{word(row['step'])} · {_('since today')}"
    return f"{word(row['step'])} · {_('{number} working days', number=row['age'])}"


def planned(row: dict) -> str:
    if row["end"] is not None or (row["next_step"] is None and row["next_step_due"] is None):
        return ""
    day = formats.day(row["next_step_due"]) if row["next_step_due"] else None
    return " · ".join(filter(None, (pipelines.spoken(row["next_step"]) or _("Next step"), day)))


def marks(row: dict) -> str:
    """What is the matter, as words with an icon; of a breach the gravest rule, and how many more."""
    of_step = {"overdue": "overdue", "today": "due_today", "none": "no_step"}
    shown = [of_step.get(row["due"]), "stalled" if row["stalled"] else None] if row["end"] is None else []
    pills = [grids.pill(code) for code in shown if code]
    if row["breaches"]:
        first, *others = row["breaches"]
        said = _("{breach}, and {number} more", breach=first, number=len(others)) if others else first
        pills.append(f"{grids.pill('breached')} <small>{escape(said)}</small>")
    return " ".join(pills)


# -- what can be done -------------------------------------------------------------------------------------------------


def panel(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """Everything that takes more than a tap."""
    if row["latest_day"] == today and row["latest_kind"] != "consultation":
        args = (key, row, None, lambda: activity.void(viewer, row["latest"], row["latest_version"]))
        st.button(
            _("Take back: {step}", step=word(row["latest_kind"])),
            key=f"back {key} {row['seen']}",
            on_click=act,
            args=args,
        )
    if row["end"] is not None:
        return
    ways = {"plan": _("Next step"), "step": _("Other step"), "lost": _("Lost")}
    way = st.segmented_control(
        _("What"),
        list(ways),
        default="plan",
        format_func=ways.get,
        key=f"way {key}",
        required=True,
        label_visibility="collapsed",
    )
    {"plan": plan, "step": other_step, "lost": lost}[way](viewer, key, row, today)


def plan(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """What is to be done next, and by when."""
    stored = row["next_step"]
    said = pipelines.LISTED.get(stored, stored)
    options = [*codes.NEXT_STEPS, *([said] if said and said not in codes.NEXT_STEPS else [])]
    st.selectbox(
        _("Next step"),
        options,
        options.index(said) if said else None,
        lambda one: word(one) if one in codes.NEXT_STEPS else str(one),
        key=f"next {key}",
        accept_new_options=True,
        placeholder=_("Choose, or type"),
    )
    start = max(row["next_step_due"], today) if row["next_step_due"] else None
    due = st.date_input(_("By"), start, today, key=f"due {key}")
    if due is not None and due.weekday() in MEETS_BADLY:
        st.info(_("Monday morning and Friday afternoon are poor times to meet a customer."))

    def deed() -> None:
        chosen, by = typed(f"next {key}"), typed(f"due {key}")
        seen = (stored, row["next_step_due"])
        text = codes.NEXT_STEPS.get(chosen, chosen)
        opportunities.plan_step(viewer, row["opportunity"], text, by, today, seen)

    st.button(_("Save"), type="primary", key=f"plan {key}", on_click=act, args=(key, row, "planned", deed))


def other_step(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """Any step of the procedure, as it happened: out of order it is recorded, and listed as a breach."""
    step = st.selectbox(_("Step"), [*STEPS[1:], "deal"], None, word, key=f"step {key}", placeholder=_("Choose"))
    if step is None:
        return
    if step in WITH_AMOUNT:
        expected = row["expected_amount_cents"]
        start = None if expected is None else expected / 1_000_000
        st.number_input(_("Amount (10,000 yuan)"), 0.0, 1e8, start, 1.0, key=f"amount {key}", placeholder=_("none"))

    def deed() -> None:
        amount = typed(f"amount {key}")
        move(viewer, row, step, today, None if amount is None else round(amount * 1_000_000))

    st.button(_("Record"), type="primary", key=f"record {key} {step}", on_click=act, args=(key, row, step, deed))


def lost(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """How it came to nothing, and why."""
    end = st.segmented_control(
        _("How it ended"), opportunities.LOST, default="rejected", format_func=word, key=f"end {key}", required=True
    )
    reason = st.pills(_("Reason"), list(codes.LOST_REASONS), format_func=word, key=f"reason {key}")
    if reason == "other_reason":
        st.text_input(_("In a few words"), key=f"words {key}", max_chars=100)

    def deed() -> None:
        reason = typed(f"reason {key}")
        said = typed(f"words {key}") if reason == "other_reason" else reason
        opportunities.lose(viewer, row["opportunity"], end, said or "", row["seen"], today)

    st.button(_("Record"), type="primary", key=f"lose {key} {end}", on_click=act, args=(key, row, end, deed))


def typed(key: str):
    """What stands in a field at this moment: a tap may arrive together with what was typed last."""
    return st.session_state.get(key)


def move(viewer: Viewer, row: dict, step: str, today: date, amount: int | None) -> None:
    opportunities.move(viewer, row["opportunity"], step, row["seen"], today, amount_cents=amount)


def act(key: str, row: dict, what: str | None, deed: Callable) -> None:
    """Does it, and leaves word of how it went for `news`: no language is known yet where callbacks run."""
    state = session.state()
    try:
        deed()
    except StorageError as error:
        state["news"] = (key, row, error)
        state.setdefault("moved", {})[row["opportunity"]] = "refused"
        return
    state["news"] = (key, row, what)
    state.setdefault("moved", {})[row["opportunity"]] = "moved" if what in codes.KINDS else "changed"
    st.session_state[f"more {key}"] = False


def news(viewer: Viewer, key: str | None = None) -> None:
    """Says how the last tap went: on its card, or on top where the whole page is drawn (no key), which is then new."""
    state = session.state()
    held = state.get("news")
    if key is None:
        state.pop("moved", None)
    if held is None or key not in (None, held[0]):
        return
    state.pop("news")
    if key is not None:
        session.goes_on(viewer)
    _key, row, what = held
    customer = plain(row["customer_name"] or _("no customer"))
    if isinstance(what, StorageError):
        notices.refused(what)
    elif what == "planned":
        notices.done(_("Planned: {customer}", customer=customer))
    elif what is None:
        notices.done(_("Taken back: {customer}", customer=customer))
    else:
        notices.done(_("{customer} → {step}; it can be taken back today", customer=customer, step=word(what)))
