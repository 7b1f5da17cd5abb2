"""Every setting of the bank's definitions, declared once. The form, what is allowed, the history of changes and
docs/metrics.md derive from here."""

from dataclasses import dataclass, field
from itertools import pairwise

CONDITIONS, CHOICE, SWITCH = "conditions", "choice", "switch"
POINTS, SHARE, COUNT, DAYS = "points", "share", "count", "days"
PROBLEMS = {
    CONDITIONS: "{setting}: a list of {choices} is allowed, not {value}.",
    CHOICE: "{setting}: one of {choices} is allowed, not {value}.",
    SWITCH: "{setting}: yes or no is allowed, not {value}.",
    POINTS: "{setting}: a share from {least} to {most} is allowed, not {value}.",
    SHARE: "{setting}: a share from {least} to {most} is allowed, not {value}.",
    COUNT: "{setting}: a whole number from {least} to {most} is allowed, not {value}.",
    DAYS: "{setting}: a whole number from {least} to {most} is allowed, not {value}.",
}
UNKNOWN = "{setting} is no setting of the definitions."
OUT_OF_ORDER = "{setting} may not lie above {other}."
COUNTING, PACE, LIMITS = "What counts", "On pace or behind", "Limits"


class Unsound(ValueError):
    """A body that is no definitions. `message` is a message id, the texts among `values` are, too."""

    def __init__(self, name: str, message: str, **values):
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

    def check(self, value) -> None:
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
            raise Unsound(self.name, PROBLEMS[self.kind], setting=self.label, value=repr(value), **allowed)


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
            "decider": "met who decides",
            "need": "need, or no need, recorded",
        },
    ),
    Setting(
        "penetration_customers",
        CHOICE,
        COUNTING,
        "Market penetration counts",
        "÷ potential customers of the territory",
        "deal",
        {"deal": "customers with any deal", "loan": "customers with a loan"},
    ),
    Setting(
        "contact_customers",
        CHOICE,
        COUNTING,
        "Contact penetration counts",
        "÷ potential customers of the territory",
        "effective",
        {"effective": "customers consulted effectively", "any": "customers of any consultation"},
    ),
    Setting(
        "small_sample",
        COUNT,
        COUNTING,
        "Few cases below",
        "a rate of fewer cases reads “few cases”",
        10,
        least=1,
        most=1000,
    ),
    Setting("watch_below", POINTS, PACE, "Watch below", "a pace gap below this reads Watch", 0.0, least=-1),
    Setting("behind_below", POINTS, PACE, "Behind below", "a pace gap below this reads Behind", -0.10, least=-1),
    Setting(
        "far_behind_below", POINTS, PACE, "Far behind below", "a pace gap below this reads Far behind", -0.30, least=-1
    ),
    Setting(
        "time_basis",
        CHOICE,
        PACE,
        "Time is counted in",
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
        "An entry may be late by",
        "calendar days; what is older comes in a file",
        7,
        least=0,
        most=366,
    ),
    Setting(
        "stalled_share",
        SHARE,
        LIMITS,
        "Stalled beyond",
        "an opportunity is stalled when it is longer in a step than this share of the won ones were",
        0.8,
    ),
)
BY_NAME = {one.name: one for one in SETTINGS}
THRESHOLDS = ("watch_below", "behind_below", "far_behind_below")


def check(body: dict) -> None:
    """Raises Unsound, naming setting and rule, for a body that is no definitions; settings may be left out."""
    for name, value in body.items():
        if name not in BY_NAME:
            raise Unsound(name, UNKNOWN, setting=name)
        BY_NAME[name].check(value)
    whole = {one.name: one.default for one in SETTINGS} | body
    for upper, lower in pairwise(THRESHOLDS):
        if whole[lower] > whole[upper]:
            raise Unsound(lower, OUT_OF_ORDER, setting=BY_NAME[lower].label, other=BY_NAME[upper].label)
