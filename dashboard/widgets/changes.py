"""What a correction changed, in words: each field, what stood there and what stands there now."""

from dashboard.shell.language import _, word
from dashboard.widgets import formats
from db.log.fields import LOGGED

OF_COLUMN = {one.column: one for one in LOGGED}
HEADINGS = {"voided": "Withdrawn"} | {name: one.label for name, one in OF_COLUMN.items()}


def lines(changes: dict[str, tuple], names: dict[str, dict] | None = None) -> list[str]:
    """One line a field: "Note: 想装修 → 想开分店". `names` has the names of ids, by field; an id without one is shown by
    its number. What an opportunity is follows from customer and product."""
    known = {name: pair for name, pair in changes.items() if name in HEADINGS and name != "opportunity_id"}
    return [
        f"{_(HEADINGS[name])}: " + " → ".join(formatted_value(name, one, (names or {}).get(name, {})) for one in pair)
        for name, pair in known.items()
    ]


def formatted_value(name: str, value, names: dict) -> str:
    if value is None or value == "":
        return "—"
    one = OF_COLUMN.get(name)
    if isinstance(value, bool):
        yes, no = one.words if one else ("yes", "no")
        return _(yes) if value else _(no)
    if one and one.kind == "amount":
        return formats.amount(value)
    if one and one.codes:
        return word(value)
    return names.get(value, f"#{value}" if name.endswith("_id") else str(value))
