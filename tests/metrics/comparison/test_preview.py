"""A preview says what other definitions would make of the month, and a preview of no change changes nothing."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import frames
from metrics.comparison.preview import FIGURES, compared, differing_figures, remarked, stocks, throughout
from metrics.definitions import Definitions, mark
from metrics.plans.summary import Frames, summary
from tests.support.builders import LI, WANG, log
from tests.support.metrics.small_frames import NOVEMBER, RULES, calendar, marked, plans, posted

pytestmark = pytest.mark.slow

LAX = Definitions(2, 1, date(2026, 11, 16), effective=("customer", "decider"))
MID = date(2026, 11, 16)
PEOPLE = pl.DataFrame(
    {"region": [1, 1], "branch": [1, 1], "manager": [WANG, LI]},
    schema=dict.fromkeys(("region", "branch", "manager"), pl.Int32),
)


def table(activity: pl.DataFrame, rules: Definitions, by=("manager",)) -> pl.DataFrame:
    posting = pl.concat([posted(NOVEMBER), posted(NOVEMBER, manager=LI)])
    planned = plans(*({"manager": one, "measure": "consultations", "target": 40} for one in (WANG, LI)))
    return summary(Frames(activity.lazy(), PEOPLE, planned, posting, calendar(NOVEMBER)), NOVEMBER, MID, rules, by)


def preview(rows: pl.DataFrame, versions, rules=(RULES, RULES), by=("manager",)) -> pl.DataFrame:
    return compared(table(rows, rules[0], by), table(remarked(rows, versions), rules[1], by), rules, by)


def ten(first: int, **stated: bool) -> list[dict]:
    return [{"customer": first + nth, **stated} for nth in range(10)]


def test_consultations_are_marked_anew_from_the_first_day_on_and_not_before():
    rows = [{"customer": 1, "need_recorded": False, "day": day} for day in (date(2026, 11, 13), MID)]
    assert remarked(marked(*rows), [RULES, LAX])["counted"].to_list() == [False, True]


def test_an_application_keeps_its_mark_though_its_first_lies_in_another_month():
    both = marked(
        {"kind": "application", "opportunity": 5, "day": date(2026, 10, 5)}, {"kind": "application", "opportunity": 5}
    )
    assert remarked(both.filter(pl.col("day") == MID), [LAX])["counted"].to_list() == [False]


def test_before_and_after_stand_side_by_side_for_each_manager():
    met, unsaid = ten(1), ten(11, need_recorded=False)
    found = preview(marked(*met, *unsaid, {"kind": "deal", "manager": LI}), [RULES, LAX])
    first, other = found.to_dicts()
    assert (first["manager"], first["differs"]) == (WANG, True)
    assert [first[f"consultations_{one}"] for one in ("before", "after", "change")] == [10, 20, 10]
    assert [first[f"consultations_attainment_{one}"] for one in ("before", "after", "change")] == [0.25, 0.5, 0.25]
    assert [first[f"consultations_status_{one}"] for one in ("before", "after")] == ["behind", "watch"]
    assert (other["manager"], other["differs"], other["consultations_after"]) == (LI, False, 0)
    assert differing_figures(found)[:2] == ["consultations", "consultations_attainment"]
    assert "deals_status" not in differing_figures(found)


def test_other_thresholds_change_words_alone():
    rows = marked(*ten(1))
    strict = replace(RULES, behind_below=-0.01, far_behind_below=-0.02)
    found = preview(rows, [RULES], (RULES, strict))
    assert differing_figures(found) == ["consultations_status"]
    assert found.filter(manager=WANG)["consultations_status_after"].item() == "far_behind"


def test_a_rate_that_has_become_few_cases_differs():
    rows = marked({"customer": 1}, {"customer": 2}, {"kind": "deal"})
    bold = replace(RULES, small_sample=2)
    found = preview(rows, [RULES], (RULES, bold)).filter(manager=WANG)
    assert found.select("conversion_rate_few_before", "conversion_rate_few_after").row(0) == (True, False)
    assert differing_figures(found) == ["application_rate", "conversion_rate"]


def test_the_total_is_one_row():
    rows = marked({"customer": 1}, {"customer": 2, "need_recorded": False, "manager": LI})
    found = preview(rows, [RULES, LAX], by=())
    assert found.select("consultations_before", "consultations_after").rows() == [(1, 2)]


def test_throughout_the_period_one_version_holds_alone_and_elsewhere_nothing_changes():
    coming = Definitions(3, 1, date(2026, 11, 20))
    elsewhere = Definitions(4, 2, MID, effective=())
    found = throughout([RULES, coming, elsewhere], LAX, NOVEMBER)
    assert found == [elsewhere, replace(LAX, from_day=NOVEMBER.first)]


def test_penetrations_that_differ_are_named_with_their_change():
    def one(market, contact) -> pl.DataFrame:
        return pl.DataFrame(
            {"market_penetration": [market], "contact_penetration": [contact], "products_per_customer": [2.0]}
        )

    assert stocks(one(0.5, None), one(0.25, None)) == [
        {"name": "market_penetration", "before": 0.5, "after": 0.25, "change": -0.25}
    ]
    assert stocks(one(0.5, 0.1), one(0.5, 0.1)) == []


def test_an_empty_month_has_a_preview():
    found = preview(log().with_columns(counted=pl.lit(True)), [RULES, LAX])
    assert found.height == 2 and not found["differs"].any()


versions = st.lists(
    st.builds(
        Definitions,
        st.integers(1, 9),
        st.sampled_from([None, 1]),
        st.sampled_from([date(2000, 1, 1), date(2026, 11, 10), MID]),
        effective=st.sampled_from([(), ("need",), ("customer", "decider"), ("customer", "decider", "need")]),
    ),
    max_size=3,
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["consultation", "consultation", "application", "deal"]),
            "manager": st.sampled_from([WANG, LI]),
            "customer": st.sampled_from([None, 1, 2]),
            "opportunity": st.sampled_from([None, 1, 2]),
            "day": st.sampled_from([date(2026, 11, 9), MID]),
            "second": st.sampled_from([None, 1, 2]),
            "need_recorded": st.sampled_from([None, True, False]),
            "met_decider": st.sampled_from([None, True, False]),
        }
    ),
    max_size=15,
)


@given(rows, versions)
@settings(deadline=None, max_examples=30)
def test_a_preview_of_no_change_differs_nowhere(some, now):
    found = preview(mark(log(*some), now), now)
    assert not found["differs"].any() and differing_figures(found) == []
    assert set(FIGURES) <= {name.removesuffix("_before") for name in found.columns}


@given(rows, versions, versions)
@settings(deadline=None, max_examples=60)
def test_marking_anew_gives_the_marks_of_a_log_marked_by_these_versions(some, now, then):
    again = remarked(mark(log(*some), now), then)
    assert again.select(*frames.LOG, "counted").equals(mark(log(*some), then).select(*frames.LOG, "counted"))
