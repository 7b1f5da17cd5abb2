"""A reason in words: its parts add up also as they are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.diagnosis.sentence import because, brief, shown
from dashboard.shell.language import speak
from dashboard.widgets import formats
from metrics.catalog import MEASURES
from metrics.diagnosis.shortfall import FACTORS

PARTS = (*FACTORS, "unallocated")


def row(actual: float, reference: float, verdict: str | None, reaction: str | None, **effects: float) -> dict:
    """A row of a shortfall whose effects are certain."""
    parts = dict.fromkeys(PARTS, 0.0) | effects
    limits = {f"{one}_{end}": parts[one] for one in PARTS for end in ("low", "high")}
    facts = {"actual": actual, "reference": reference, "gap": actual - reference, "reasons": list(effects)}
    return facts | parts | limits | {"verdict": verdict, "reaction": reaction}


@given(
    some.integers(0, 400),
    some.lists(some.floats(-90, 90), min_size=1, max_size=5),
    some.sampled_from(sorted(MEASURES)),
    some.sampled_from(["zh", "en"]),
    some.integers(0, 12),
)
def test_the_parts_add_up_to_the_gap_as_they_are_printed(actual, effects, measure, language, power):
    speak(language)
    size = 10.0**power if measure == "deal_amount" else 1.0
    parts = dict(zip(PARTS, [one * size for one in effects], strict=False))
    found = shown(row(actual * size, actual * size - sum(parts.values()), None, None, **parts), measure)
    parts_sum = sum(value for name, value in found.items() if name in PARTS)
    assert parts_sum == pytest.approx(found["gap"]) == found["actual"] - found["reference"]
    write = formats.PLANNED[MEASURES[measure].unit]
    for name, value in found.items():
        exact = parts.get(name)
        if exact is not None:  # what is printed is at most two last digits from what is true
            step = 0.1 if measure != "deal_amount" else max(abs(value), abs(exact), 1e10) * 1e-2
            assert abs(value - exact) <= 2 * step + 1e-6, (name, write(value), exact)
    speak("zh")


def test_the_worked_example_of_the_bank_in_words(english):
    example = row(
        12, 20, "several", "support", consultations=-4.490741, application_rate=-1.657407, deal_rate=-1.851852
    )
    found = shown(example, "deals")
    assert [round(found[one], 1) for one in ("consultations", "application_rate", "deal_rate")] == [-4.5, -1.7, -1.8]
    said = because(example, "deals", "plan", (), "Wang Fang")
    assert said.startswith(
        "Deals 12, the plan to date: 20. Several reasons for the gap of −8: consultations a day −4.5"
    )
    assert said.endswith(
        "Support: side by side with a veteran. Wang Fang is strong where it matters and sells the like."
    )
    assert brief(example, "deals", "Wang Fang").endswith("deal rate −1.8 · support (Wang Fang)")


def test_who_has_no_plan_has_no_reason():
    nothing = dict.fromkeys(("gap", "actual", "reference", "verdict", "reaction"))
    assert (brief(nothing, "deals"), because(nothing, "deals", "plan")) == ("—", "没有这项计划。")


def test_a_gap_that_is_chance_is_called_so_in_few_words_too():
    unsure = row(7, 8, "chance", None, consultations=-1.0) | {"reasons": []}
    assert brief(unsure, "deals") == "与偶然波动分不开"
    unknown = unsure | {f"{one}_low": None for one in FACTORS}
    assert brief(unknown, "deals") == "样本不足"
