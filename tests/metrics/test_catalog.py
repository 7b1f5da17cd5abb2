"""The catalogue: every metric registered once, under one name, with its words and its source."""

import pytest

from metrics import catalog
from metrics.catalog import CATALOG, FUNNEL, MEASURES, RATES
from metrics.metric import AMOUNT, COUNT, NUMBER, SHARE, Ratio, Total, measure
from tests.support.metrics.small_frames import marked


def declared() -> list:
    return [value for value in vars(catalog).values() if isinstance(value, Total | Ratio)]


def test_every_declared_metric_is_in_the_catalogue_once():
    assert {id(metric) for metric in declared()} == {id(metric) for metric in CATALOG}
    assert len({metric.name for metric in CATALOG}) == len(CATALOG)


@pytest.mark.parametrize("metric", CATALOG, ids=lambda metric: metric.name)
def test_every_metric_says_what_it_is(metric):
    assert metric.label and metric.formula and metric.source
    assert metric.name == metric.name.lower() and metric.unit in (COUNT, AMOUNT, SHARE, NUMBER)


def test_a_ratio_names_two_registered_totals():
    for metric in CATALOG:
        if isinstance(metric, Ratio):
            assert metric.of in CATALOG and metric.to in CATALOG, metric.name
    assert catalog.CONVERSION_RATE.formula == "Deals ÷ Consultations"


def test_the_funnel_is_in_the_order_of_the_lending_procedure():
    names = [metric.name for metric in FUNNEL if isinstance(metric, Total)]
    assert names == ["contacts", "consultations", "applications", "deals", "deal_amount"]
    assert [rate.name for rate in RATES] == ["application_rate", "deal_rate", "conversion_rate"]


def test_the_average_ticket_is_an_amount_of_deals_and_null_without_one():
    log = marked({"kind": "deal", "amount_cents": 1_000_00}, {"kind": "deal", "amount_cents": 500_00}, {"kind": "deal"})
    assert measure(log, [catalog.AVERAGE_TICKET])["average_ticket"].item() == 500_00
    assert catalog.AVERAGE_TICKET.unit == AMOUNT
    assert measure(marked({"customer": 1}), [catalog.AVERAGE_TICKET])["average_ticket"].item() is None


def test_plans_are_made_for_three_counts_and_an_amount():
    assert list(MEASURES) == ["consultations", "applications", "deals", "deal_amount"]


def test_contacts_are_consultation_rows_effective_or_not():
    log = marked({"customer": 1}, {"customer": 1}, {"effective": False})
    row = measure(log, FUNNEL).row(0, named=True)
    assert (row["contacts"], row["consultations"]) == (3, 1)


def test_steps_of_the_procedure_and_its_other_ends_are_not_counted():
    kinds = ("acceptance", "investigation", "review", "committee", "approval", "contract", "rejected", "withdrawn")
    row = measure(marked(*[{"kind": kind, "opportunity": 1} for kind in kinds]), FUNNEL).row(0)
    assert set(row) == {0, None}
