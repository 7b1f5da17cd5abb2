"""How an entry of the shelf is said, on a page and in a document."""

from dashboard.shell.language import _, word
from dashboard.widgets import formats


def parts(row: dict) -> list[tuple[str, str]]:
    """What an entry says, in order: label and text. What there is to know of a case is its situation."""
    is_case = any(row[name] for name in ("done", "outcome"))
    named = [
        (_("Situation") if is_case else "", row["text"]),
        (_("Approach"), row["done"]),
        (_("Outcome"), row["outcome"]),
        (_("Lesson"), row["lesson"]),
    ]
    return [(label, text) for label, text in named if text]


def facts(row: dict, products: dict[int, str]) -> list[str]:
    """What it is about, and when it fits."""
    months = " ".join(_("month {number}", number=one) for one in row["months"])
    return [
        *([word(row["customer_kind"])] if row["customer_kind"] else []),
        *([row["trade"]] if row["trade"] else []),
        *([_("step: {name}", name=word(row["step"]))] if row["step"] else []),
        *([products[row["product"]]] if row["product"] in products else []),
        *([months] if months else []),
        *([_("until {day}", day=formats.day(row["until"]))] if row["until"] else []),
    ]
