"""Every setting of the bank's definitions, declared once. The form, what is allowed, the history of changes and
docs/metrics.md derive from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar, cast

CONDITIONS, CHOICE, SWITCH = "conditions", "choice", "switch"
POINTS, SHARE, COUNT, DAYS, MULTIPLE = "points", "share", "count", "days", "multiple"
PROBLEMS = {
    CONDITIONS: "{setting}: a list of {choices} is allowed, not {value}.",
    CHOICE: "{setting}: one of {choices} is allowed, not {value}.",
    SWITCH: "{setting}: yes or no is allowed, not {value}.",
    POINTS: "{setting}: a share from {least} to {most} is allowed, not {value}.",
    SHARE: "{setting}: a share from {least} to {most} is allowed, not {value}.",
    COUNT: "{setting}: a whole number from {least} to {most} is allowed, not {value}.",
    DAYS: "{setting}: a whole number from {least} to {most} is allowed, not {value}.",
    MULTIPLE: "{setting}: a number from {least} to {most} is allowed, not {value}.",
}
UNKNOWN = "{setting} is not a setting of the definitions."
OUT_OF_ORDER = "{setting} must not be higher than {other}."
COUNTING, PACE, LIMITS = "What counts", "Pace status", "Limits"


class InvalidSetting(ValueError):
    """A body that is no definitions. `message` is a message id, the texts among `values` are, too."""

    def __init__(self, name: str, message: str, **values: object) -> None:
        super().__init__(f"{name}: {message.format(**values)}")
        self.message, self.values = message, values


@dataclass(frozen=True)
class Setting:
    """`label`, `help`, `group` and the words of `choices` are message ids. Numbers lie between `least` and `most`, both
    included; points and shares are 0–1."""

    name: str
    kind: str
    group: str
    label: str
    help: str
    default: object
    choices: dict[str, str] = field(default_factory=dict)
    least: float = 0
    most: float = 1

    def check(self, value: object) -> None:
        """Raises Unsound for a value that is not allowed."""
        match self.kind:
            case "conditions":
                sound = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
                sound = sound and set(value) <= set(self.choices) and len(set(value)) == len(value)
            case "choice":
                sound = isinstance(value, str) and value in self.choices
            case "switch":
                sound = isinstance(value, bool)
            case _:
                numbers = int if self.kind in (COUNT, DAYS) else int | float
                sound = isinstance(value, numbers) and not isinstance(value, bool) and self.least <= value <= self.most
        if not sound:
            allowed = {"choices": ", ".join(self.choices), "least": self.least, "most": self.most}
            raise InvalidSetting(self.name, PROBLEMS[self.kind], setting=self.label, value=repr(value), **allowed)


SETTINGS = (
    Setting(
        "effective",
        CONDITIONS,
        COUNTING,
        "Effective customer",
        "a consultation counts when all of this holds",
        ["customer", "decider", "need"],
        {
            "customer": "customer identified",
            "decider": "met the decision-maker",
            "need": "need, or no need, recorded",
        },
    ),
    Setting(
        "penetration_customers",
        CHOICE,
        COUNTING,
        "Numerator of market penetration",
        "÷ potential customers of the territory",
        "deal",
        {"deal": "customers with any deal", "loan": "customers with a loan"},
    ),
    Setting(
        "contact_customers",
        CHOICE,
        COUNTING,
        "Numerator of contact penetration",
        "÷ potential customers of the territory",
        "effective",
        {"effective": "customers consulted effectively", "any": "customers of any consultation"},
    ),
    Setting(
        "small_sample",
        COUNT,
        COUNTING,
        "Threshold for few cases",
        "a rate of fewer cases is marked “few cases”",
        10,
        least=1,
        most=1000,
    ),
    Setting("watch_below", POINTS, PACE, "Threshold for Watch", "a pace gap below this is “Watch”", 0.0, least=-1),
    Setting("behind_below", POINTS, PACE, "Threshold for Behind", "a pace gap below this is “Behind”", -0.10, least=-1),
    Setting(
        "far_behind_below",
        POINTS,
        PACE,
        "Threshold for Far behind",
        "a pace gap below this is “Far behind”",
        -0.30,
        least=-1,
    ),
    Setting(
        "time_basis",
        CHOICE,
        PACE,
        "Time progress counts",
        "for the time progress and what is needed a day",
        "workdays",
        {"workdays": "working days", "calendar": "calendar days"},
    ),
    Setting("three_tiers", SWITCH, PACE, "Three tiers", "a plan may also have a stretch and a challenge tier", False),
    Setting(
        "horizon_days",
        DAYS,
        LIMITS,
        "Waiting for a deal",
        "working days after the consultation; until then a case is not judged",
        40,
        least=1,
        most=250,
    ),
    Setting(
        "backdating_days",
        DAYS,
        LIMITS,
        "Late entries allowed for",
        "calendar days; older entries have to be imported",
        7,
        least=0,
        most=366,
    ),
    Setting(
        "stalled_share",
        SHARE,
        LIMITS,
        "Threshold for stalled",
        "an opportunity is stalled when it has been in its step for longer than this share of the won ones",
        0.8,
    ),
    Setting(
        "dormant_days",
        DAYS,
        LIMITS,
        "Dormant after",
        "working days without contact and without a next step due; then it is out of the pipeline's lists",
        30,
        least=1,
        most=1000,
    ),
    Setting(
        "doable_multiple",
        MULTIPLE,
        LIMITS,
        "Limit of what is doable",
        "times somebody's best month; a plan that asks for more a day is said in words, not as a number",
        1.5,
        least=1,
        most=10,
    ),
)
BY_NAME = {one.name: one for one in SETTINGS}
Kind = TypeVar("Kind")
THRESHOLDS = ("watch_below", "behind_below", "far_behind_below")


def default(name: str, kind: type[Kind]) -> Kind:
    """The declared default of a setting, which is of that kind."""
    value = BY_NAME[name].default
    if not isinstance(value, kind):
        raise TypeError(f"{name}: the default {value!r} is no {kind.__name__}")
    return value


def check(body: Mapping[str, object]) -> None:
    """Raises Unsound, naming setting and rule, for a body that is no definitions; settings may be left out."""
    for name, value in body.items():
        if name not in BY_NAME:
            raise InvalidSetting(name, UNKNOWN, setting=name)
        BY_NAME[name].check(value)
    points = {name: cast(float, body.get(name, BY_NAME[name].default)) for name in THRESHOLDS}
    for upper, lower in pairwise(THRESHOLDS):
        if points[lower] > points[upper]:
            raise InvalidSetting(lower, OUT_OF_ORDER, setting=BY_NAME[lower].label, other=BY_NAME[upper].label)
