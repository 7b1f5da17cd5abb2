"""What is said of one opportunity: on its card, and in a table."""

import streamlit as st
from markupsafe import Markup

from dashboard.pipeline import callbacks, form, gather
from dashboard.pipeline.gather import STEPS
from dashboard.shell import links, session
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import formats, grids
from db.access import Viewer
from db.recording.moving import LOST
from metrics.statuses import DORMANT, STALLED, STATUSES

CARD = Markup('<div class="cx-need"><div><b>{}</b> · {}</div><div>{}</div><div>{}</div></div>')


def body(viewer: Viewer, row: dict) -> Markup:
    """What a card says."""
    whose = links.manager(row["manager"], row["manager_name"], row["branch"]) if viewer.manager is None else None
    amount = formats.amount(row["expected_amount_cents"]) if row["expected_amount_cents"] else None
    title = Markup(" · ").join(filter(None, (row["product_name"] or _("no product yet"), amount, whose)))
    where = " · ".join(filter(None, (stands(row), planned(row))))
    return CARD.format(links.customer(row["customer"], row["customer_name"]), title, where, marks(row))


def stands(row: dict) -> str:
    """The step and for how long; of what is over its end, and why."""
    if row["end"] is not None:
        reason = gather.step_label(row["lost_reason"]) if row["end"] in LOST else None
        return " · ".join(filter(None, (word(row["end"]), reason)))
    if row["step"] is None:
        return _("not begun")
    if not row["age"]:
        age = _("less than a working day")
    else:
        age = ngettext("{number} working day", "{number} working days", row["age"])
    return f"{word(row['step'])} · {age}"


def planned(row: dict) -> str:
    if row["end"] is not None or (row["next_step"] is None and row["next_step_due"] is None):
        return ""
    day = formats.day(row["next_step_due"]) if row["next_step_due"] else None
    return " · ".join(filter(None, (gather.step_label(row["next_step"]) or _("Next step"), day)))


def marks(row: dict) -> Markup:
    """What is the matter, as words with an icon; of a breach the gravest rule, and how many more."""
    matters = {STALLED.code: row["stalled"] and not row["dormant"], DORMANT.code: row["dormant"]}
    shown = [row["due"], *(code for code, holds in matters.items() if holds)] if row["end"] is None else []
    pills = [grids.pill(code) for code in shown if code in STATUSES]
    if row["breaches"]:
        first, *others = row["breaches"]
        said = _("{breach}, and {number} more", breach=first, number=len(others)) if others else first
        pills.append(grids.pill("breached") + " " + grids.small(said))
    return Markup(" ").join(pills)


@session.part
def draw(viewer: Viewer, name: str, row: dict) -> None:
    """One opportunity: what it is, where it stands, the tap that moves it on, and what else can be done."""
    identity, today = row["opportunity"], session.today()
    key = f"{name} {identity}"
    done = session.state().get("moved", {}).get(identity)
    if done is not None:
        row = next(iter(gather.rows(viewer, gather.board(viewer, today), [identity])), row)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"need {key}"):
        st.html(body(viewer, row), width="stretch")
        step = following(row)
        if done == "moved":
            st.button(f"√ {word(row['end'] or row['step'])}", disabled=True, key=f"done {key}")
        elif step is not None:
            amount = row["expected_amount_cents"] if step in form.WITH_AMOUNT else None
            st.button(
                f"→ {word(step)}",
                type="primary",
                key=f"move {key} {row['seen']}",
                on_click=callbacks.act,
                args=(key, row, step, lambda: form.move(viewer, row, step, today, amount)),
            )
        if row["end"] is None or form.of_today(row, today):
            more = st.popover(_("More"), key=f"more {key}", on_change="rerun")
            if more.open:
                with more:
                    form.panel(viewer, key, row, today)
                    callbacks.news(viewer, key)
                return
    callbacks.news(viewer, key)


def following(row: dict) -> str | None:
    """The step one tap leads to: the next of the procedure, for what is cross-sold the deal. None where more must be
    said: of a loan without an amount there is no deal."""
    if row["end"] is not None or None in (row["step"], row["product"], row["customer_name"]):
        return None
    loan = row["family"] == "loan"
    step = STEPS[STEPS.index(row["step"]) + 1] if loan and row["step"] != STEPS[-1] else "deal"
    return None if step == "deal" and loan and row["expected_amount_cents"] is None else step
