"""What a correction changed, in words: each field, what stood there and what stands there now."""

from dashboard import formats
from dashboard.words import _, word

HEADINGS = {
    "day": "Day",
    "time": "Time",
    "kind": "What happened",
    "customer_id": "Customer",
    "opportunity_id": "Opportunity",
    "product_id": "Product",
    "amount_cents": "Amount",
    "channel": "Channel",
    "method": "Method",
    "effective": "Effective",
    "met_decider": "Met who decides",
    "need_recorded": "Need, or no need, noted",
    "has_need": "Has a need",
    "note": "Note",
    "voided": "Withdrawn",
}
CODED = ("kind", "channel", "method")


def lines(changes: dict[str, tuple], names: dict[str, dict] | None = None) -> list[str]:
    """One line a field: "Note: 想装修 → 想开分店". `names` has the names of ids, by field; an id without one is shown by
    its number. What an opportunity is follows from customer and product."""
    known = {name: pair for name, pair in changes.items() if name in HEADINGS and name != "opportunity_id"}
    return [
        f"{_(HEADINGS[name])}: " + " → ".join(spelt(name, one, (names or {}).get(name, {})) for one in pair)
        for name, pair in known.items()
    ]


def spelt(name: str, value, names: dict) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "amount_cents":
        return formats.amount(value)
    if name in CODED:
        return word(value)
    return names.get(value, f"#{value}" if name.endswith("_id") else str(value))
