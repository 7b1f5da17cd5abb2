"""What is said of one opportunity: on its card, and in a table. Whatever was stored is escaped where HTML is written."""

from html import escape

from dashboard import formats, grids, pipelines
from dashboard.words import _, word
from db.access import Viewer
from db.moving import LOST


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
        reason = pipelines.spoken(row["lost_reason"]) if row["end"] in LOST else None
        return " · ".join(filter(None, (word(row["end"]), reason)))
    if row["step"] is None:
        return _("not begun")
    age = _("{number} working days", number=row["age"]) if row["age"] else _("less than a working day")
    return f"{word(row['step'])} · {age}"


def planned(row: dict) -> str:
    if row["end"] is not None or (row["next_step"] is None and row["next_step_due"] is None):
        return ""
    day = formats.day(row["next_step_due"]) if row["next_step_due"] else None
    return " · ".join(filter(None, (pipelines.spoken(row["next_step"]) or _("Next step"), day)))


def marks(row: dict) -> str:
    """What is the matter, as words with an icon; of a breach the gravest rule, and how many more."""
    shown = [row["due"], "stalled" if row["stalled"] else "ahead"] if row["end"] is None else []
    pills = [grids.pill(code) for code in shown if code != "ahead"]
    if row["breaches"]:
        first, *others = row["breaches"]
        said = _("{breach}, and {number} more", breach=first, number=len(others)) if others else first
        pills.append(f"{grids.pill('breached')} <small>{escape(said)}</small>")
    return " ".join(pills)
