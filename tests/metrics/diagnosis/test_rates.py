"""Somebody's rates beside their own past and the others of their branch."""

import polars as pl
import pytest

from metrics.diagnosis.rates import RATED, among_peers, own
from metrics.diagnosis.tallies import TALLY


def branch(*consultations: int, applications: int = 10, days: float = 20) -> pl.DataFrame:
    rows = [
        dict.fromkeys(TALLY, 0)
        | {"region": 1, "branch": 1, "manager": place, "posted": days, "days": days}
        | {"consultations": one, "applications": applications, "deals": 5}
        for place, one in enumerate(consultations, 1)
    ]
    return pl.DataFrame(rows, TALLY)


def by_rate(table: pl.DataFrame) -> dict[str, dict]:
    return {row["rated"]: row for row in table.to_dicts()}


def test_own_rates_are_totals_over_totals():
    found = by_rate(own(branch(100, 40)))
    assert list(found) == list(RATED)
    assert found["consultations_a_day"]["value"] == 3.5 and found["application_rate"]["value"] == pytest.approx(
        20 / 140
    )
    assert found["deal_rate"]["low"] < found["deal_rate"]["value"] == 0.5 < found["deal_rate"]["high"]


def test_without_anything_there_is_no_rate_and_no_failure():
    nothing = by_rate(own(branch(0, applications=0, days=0).with_columns(deals=0.0)))
    assert all(row["value"] is row["low"] is None for row in nothing.values())


def test_who_differs_for_more_than_chance_is_told_from_who_does_not():
    team = branch(*[100] * 9, 20)
    found = by_rate(among_peers(team, 10))
    assert found["consultations_a_day"]["beyond"] == "alarm"
    assert found["consultations_a_day"]["centre"] == pytest.approx(4.6)
    assert by_rate(among_peers(team, 1))["consultations_a_day"]["beyond"] is None


def test_alone_there_is_nobody_to_be_set_beside():
    assert among_peers(branch(100), 1).is_empty() and among_peers(branch(100, 90), 7).is_empty()


def test_who_was_away_all_month_has_no_limits():
    team = pl.concat([branch(100, 90), branch(0, 0, 0, applications=0, days=0).tail(1)])
    assert by_rate(among_peers(team, 3))["consultations_a_day"]["low_95"] is None
