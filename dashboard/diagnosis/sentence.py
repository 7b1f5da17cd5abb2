"""A diagnosis in one sentence."""

from collections.abc import Iterable
from math import floor

from dashboard.shell.language import _, language
from dashboard.widgets import formats
from metrics.catalog import MEASURES
from metrics.diagnosis.shortfall import CHANCE, FACTORS, SEVERAL
from metrics.metric import AMOUNT

FACTOR = {
    "days": lambda: _("working days present"),
    "consultations": lambda: _("consultations a day"),
    "application_rate": lambda: _("application rate"),
    "deal_rate": lambda: _("deal rate"),
    "ticket": lambda: _("average ticket"),
    "unallocated": lambda: _("what the plans below do not add up to"),
}
REFERENCE = {
    "plan": lambda: _("the plan to date"),
    "peers": lambda: _("the others"),
    "before": lambda: _("as many days before"),
}
NOTHING = {
    "plan": lambda: _("There is no plan for it."),
    "peers": lambda: _("There is nobody to compare with."),
    "before": lambda: _("There is nothing before to compare with."),
}
REACTION = {
    "urge": lambda: _("Urge: more visits are the lever."),
    "train": lambda: _("Train: the visits are there, the skill or the product knowledge is not."),
    "support": lambda: _("Support: side by side with a veteran."),
}


BRIEF = {
    "urge": lambda: _("urge"),
    "train": lambda: _("train"),
    "support": lambda: _("support"),
}


def brief(row: dict, measure: str, veteran: str | None = None) -> str:
    """The heart of `because` in a few words, for a table: the reasons with their effects, and what to do."""
    write = formats.PLANNED[MEASURES[measure].unit]
    if row["gap"] is None:
        return formats.NOTHING
    if row["verdict"] == CHANCE:
        return _("few cases") if too_few(row) else _("cannot be told from chance")
    parts = shown(row, measure)
    said = listed(f"{FACTOR[one]()} {formats.signed(parts[one], write)}" for one in row["reasons"])
    if row["reaction"] is None:
        return said
    return f"{said} · {BRIEF[row['reaction']]()}" + (f" ({veteran})" if veteran else "")


def too_few(row: dict) -> bool:
    """Whether no factor has cases enough to say anything of it."""
    return all(row[f"{name}_low"] is None for name in ("consultations", "application_rate", "deal_rate"))


def because(row: dict, measure: str, against: str, borrowed: tuple[str, ...] = (), veteran: str | None = None) -> str:
    """Why the row of a shortfall (metrics.diagnosis.shortfall) is where it is, and what to do; `veteran` is a name."""
    if row["gap"] is None:
        return NOTHING[against]()
    unit = MEASURES[measure].unit
    write = formats.PLANNED[unit]
    row = row | shown(row, measure)
    facts = {"actual": write(row["actual"]), "reference": write(row["reference"]), "against": REFERENCE[against]()}
    facts["measure"] = _(MEASURES[measure].label)
    said = [_("{measure} {actual}, {against}: {reference}.", **facts), verdict(row, write)]
    if row["reaction"] and row["gap"]:
        said.append(REACTION[row["reaction"]]())
    if veteran:
        said.append(_("{name} is strong where it matters and sells the like.", name=veteran))
    if borrowed:
        words = listed(_(MEASURES[one].label) for one in borrowed)
        said.append(_("No plan of {measures}: by the branch's rates of the last six months.", measures=words))
    return ("" if language() == "zh" else " ").join(said)


def shown(row: dict, measure: str) -> dict[str, float]:
    """Actual, reference, gap and parts rounded as they are written, such that the parts add up to the gap also in
    print: what rounding leaves over goes to the parts it has taken most from."""
    parts = [one for one in (*FACTORS, "unallocated") if row[one]]
    step = printed_step(max(abs(row[one]) for one in ("actual", "reference", "gap", *parts)), measure)
    actual, reference = (round(row[one] / step) for one in ("actual", "reference"))
    places = {one: floor(row[one] / step) for one in parts}
    left = actual - reference - sum(places.values())
    order = sorted(parts, key=lambda one: places[one] - row[one] / step)
    for nth in range(abs(left) if order else 0):
        places[order[nth % len(order)]] += 1 if left > 0 else -1
    rounded = {"actual": actual, "reference": reference, "gap": actual - reference} | places
    return {one: value * step for one, value in rounded.items()}


def printed_step(largest: float, measure: str) -> float:
    """What the last printed digit of such a value stands for (formats.PLANNED); amounts in cents."""
    if MEASURES[measure].unit != AMOUNT:
        return 0.1
    if language() == "zh":
        return 1e8 if largest >= 1e10 else 1e4
    return 1e6 if largest >= 1e8 else 1e2


def listed(words: Iterable[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(words)


def verdict(row: dict, write) -> str:
    if row["gap"] == 0:
        return _("No gap.")
    if row["verdict"] == CHANCE:
        if too_few(row):
            return _("Few cases: nothing can be said of the reason.")
        return _("The gap of {gap} cannot be told from chance.", gap=formats.signed(row["gap"], write))
    facts = {
        "gap": formats.signed(row["gap"], write),
        "reasons": listed(effect(row, one, write) for one in row["reasons"]),
    }
    if row["gap"] > 0 > row[row["reasons"][0]]:
        return _("Ahead by {gap}, yet weak: {reasons}.", **facts)
    if row["verdict"] == SEVERAL:
        return _("Several reasons for the gap of {gap}: {reasons}.", **facts)
    return _("The gap of {gap} comes from {reasons}.", **facts)


def effect(row: dict, factor: str, write) -> str:
    """A factor with its effect and, where it is not certain, the limits of that."""
    low, high = row[f"{factor}_low"], row[f"{factor}_high"]
    facts = {"factor": FACTOR[factor](), "effect": formats.signed(row[factor], write)}
    if low is None or write(low) == write(high):
        return f"{facts['factor']} {facts['effect']}"
    return _(
        "{factor} {effect} ({low} to {high})", **facts, low=formats.signed(low, write), high=formats.signed(high, write)
    )
