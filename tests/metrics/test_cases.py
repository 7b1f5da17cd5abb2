"""The log put together: whatever is measured of it is what is measured of the log itself."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics.cases import cases
from metrics.catalog import COUNTS, DEAL_RATE, FUNNEL, RATES
from metrics.metric import measure
from tests.metrics.test_metric import rows
from tests.support.builders import EAST, LI, SOUTH, WANG
from tests.support.metrics.small_frames import marked

WAYS = ([], ["region"], ["branch"], ["manager"], ["branch", "manager"], ["region", "branch", "manager"])


@given(rows, st.sampled_from(WAYS), st.sampled_from([FUNNEL, RATES, COUNTS, (DEAL_RATE,)]))
@settings(deadline=None, max_examples=120)
def test_what_is_put_together_measures_as_the_log_does(some, by, metrics):
    log = marked(*some)
    everyone = pl.DataFrame({"manager": [LI, 99]}, {"manager": pl.Int32}) if "manager" in by else None
    assert_frame_equal(measure(cases(log.lazy(), FUNNEL), metrics, by, everyone), measure(log, metrics, by, everyone))


def test_an_opportunity_that_two_worked_on_is_shared_where_both_are_counted():
    visit = {"customer": 1, "opportunity": 1, "manager": WANG}
    deal = {"kind": "deal", "opportunity": 1, "manager": LI}
    together = cases(marked(visit, deal).lazy(), FUNNEL)
    assert together.settled.is_empty() and together.scattered.height == 2
    assert together.summed(COUNTS, RATES[2:], ["branch"])["conversion_rate_shared"].to_list() == [1]
    assert together.summed(COUNTS, RATES[2:], ["manager"])["conversion_rate_shared"].to_list() == [0, 0]


def test_a_managers_cases_are_one_row_of_each_branch_they_worked_in():
    here = [{"customer": one, "opportunity": one, "branch": EAST} for one in (1, 2)]
    there = [{"customer": 3, "opportunity": 3, "branch": SOUTH}, {"customer": 4}]
    together = cases(marked(*here, *there).lazy(), FUNNEL)
    assert together.settled.height == 2 and together.scattered.is_empty()
    assert measure(together, COUNTS, ["manager"])["consultations"].sum() == 4


def test_what_is_no_key_of_a_cell_is_refused():
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        measure(cases(marked({"customer": 1, "product": 1}).lazy(), FUNNEL), COUNTS, ["product"])
