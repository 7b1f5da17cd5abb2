"""The bank's own definitions, versioned: what counts as effective, and where on pace ends and behind begins.

They are data (one JSON body a version, in force from a day on), because the training material leaves them to the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw

CONDITIONS = ("customer", "decider", "need")
END_OF_DAY = 86_400
ID_SPAN = 1 << 32  # larger than any id: orders rows by second of the day, then by id

DEFAULT = {
    "effective": ["customer", "decider", "need"],
    "watch_below": 0.0,
    "behind_below": -0.10,
    "far_behind_below": -0.30,
    "small_sample": 10,
    "time_basis": "workdays",
    "three_tiers": False,
    "horizon_days": 40,
    "penetration_customers": "deal",
    "contact_customers": "effective",
    "backdating_days": 7,
    "stalled_share": 0.8,
}


@dataclass(frozen=True)
class Definitions:
    """One version. Pace thresholds are shares (−0.10 is ten points behind); `small_sample` is a number of cases;
    `time_basis` is "workdays" or "calendar"; with `three_tiers` a plan may also have a 冲刺 and a 挑战 tier; a consultation
    is waited for `horizon_days` working days to become a deal; market penetration counts customers with a "deal" or a
    "loan", contact penetration those met in an "effective" consultation or in "any"; `backdating_days` are calendar days an entry may be late; an opportunity is
    stalled when it is longer in a step than `stalled_share` of the won ones were. `region` is None where the version
    holds for all."""

    version: int = 1
    region: int | None = None
    from_day: date = date(2000, 1, 1)
    effective: tuple[str, ...] = CONDITIONS
    watch_below: float = DEFAULT["watch_below"]
    behind_below: float = DEFAULT["behind_below"]
    far_behind_below: float = DEFAULT["far_behind_below"]
    small_sample: int = DEFAULT["small_sample"]
    time_basis: str = DEFAULT["time_basis"]
    three_tiers: bool = DEFAULT["three_tiers"]
    horizon_days: int = DEFAULT["horizon_days"]
    penetration_customers: str = DEFAULT["penetration_customers"]
    contact_customers: str = DEFAULT["contact_customers"]
    backdating_days: int = DEFAULT["backdating_days"]
    stalled_share: float = DEFAULT["stalled_share"]


def from_record(version: int, region: int | None, from_day: date, body: dict) -> Definitions:
    """A stored version as a value. Raises ValueError for a condition or a setting that does not exist."""
    unknown = (set(body) - set(DEFAULT)) | (set(body.get("effective", ())) - set(CONDITIONS))
    if unknown:
        raise ValueError(f"definitions version {version} has unknown settings: {', '.join(sorted(unknown))}")
    settings = DEFAULT | body
    return Definitions(version, region, from_day, **settings | {"effective": tuple(settings["effective"])})


def in_force(versions: Sequence[Definitions], day: date, region: int | None = None) -> Definitions:
    """The latest version in force on the day for the region; the defaults when there is none."""
    fitting = [one for one in versions if one.from_day <= day and one.region in (None, region)]
    return max(fitting, key=lambda one: (one.from_day, one.version), default=Definitions())


def mark(log, versions: Sequence[Definitions]):
    """Adds `counted` to a log frame (frames.LOG, Polars or any narwhals engine): does the row count towards its kind?

    A consultation counts when it is effective under the definitions of its day, and is the first such of its manager,
    customer and day; an application when it is the first of its opportunity (one without an opportunity stands alone);
    every other row counts. The frame must hold all rows of each (manager, customer, day) and all applications of each
    opportunity that it touches; nothing else is needed, so a part can be marked again on its own."""
    frame = nw.from_native(log)
    consulted = (nw.col("kind") == "consultation") & effective(versions)
    applied = (nw.col("kind") == "application") & ~nw.col("opportunity").is_null()
    order = nw.col("second").fill_null(END_OF_DAY).cast(nw.Int64) * ID_SPAN + nw.col("id").cast(nw.Int64)
    frame = frame.with_columns(
        _visit=nw.when(consulted).then(order),
        _applied_on=nw.when(applied).then(nw.col("day")),
    )
    frame = frame.with_columns(
        _first_visit=nw.col("_visit").min().over("manager", "customer", "day"),
        _first_applied_on=nw.col("_applied_on").min().over("opportunity"),
    )
    frame = frame.with_columns(
        _application=nw.when(nw.col("_applied_on") == nw.col("_first_applied_on")).then(order)
    ).with_columns(_first_application=nw.col("_application").min().over("opportunity"))
    first_visit = (nw.col("_visit") == nw.col("_first_visit")).fill_null(False)
    first_application = (nw.col("_application") == nw.col("_first_application")).fill_null(False)
    counted = (
        nw.when(nw.col("kind") == "consultation")
        .then(first_visit)
        .otherwise(nw.when(applied).then(first_application).otherwise(nw.lit(True)))
    )
    working = [name for name in frame.collect_schema().names() if name.startswith("_")]
    return frame.with_columns(counted=counted).drop(*working).to_native()


def interpret(log, records: Sequence[tuple]):
    """`mark` for stored versions: (version, region, from_day, body) records, as the mirror hands them over."""
    return mark(log, [from_record(*record) for record in records])


def effective(versions: Sequence[Definitions]) -> nw.Expr:
    """Whether a consultation row is effective under the version of its day, the defaults where none is in force. A
    condition nobody answered (null) is taken as stated by `effective`."""
    answers = {
        "customer": ~nw.col("customer").is_null(),
        "decider": nw.col("met_decider").fill_null(True),
        "need": nw.col("need_recorded").fill_null(True),
    }

    def rule(one: Definitions) -> nw.Expr:
        met = nw.col("effective")
        for condition in one.effective:
            met = met & answers[condition]
        return met

    expression = rule(Definitions())
    for one in sorted(versions, key=lambda one: (one.from_day, one.version)):
        begun = nw.col("day") >= nw.lit(one.from_day)
        if one.region is not None:
            begun = begun & (nw.col("region") == one.region)
        expression = nw.when(begun).then(rule(one)).otherwise(expression)
    return expression
