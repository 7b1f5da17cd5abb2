"""The rates on funnel plots: of a period from consultation to deal, and of cohorts that were observed to the end."""

import polars as pl
import streamlit as st

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.diagnosis import funnel_chart
from dashboard.shell import links, session
from dashboard.shell.language import _, ngettext
from dashboard.widgets import charts, filters, formats, grids
from metrics.catalog import CONVERSION_RATE, RATES
from metrics.diagnosis.funnel_plot import ENOUGH_UNITS
from metrics.metric import Ratio
from metrics.periods import Period

COHORTS = {"cohort_applied": "applied", "cohort_dealt": "dealt"}
PERIODS = {one.name: one for one in (CONVERSION_RATE, *(one for one in RATES if one is not CONVERSION_RATE))}


def show(asked: Compared) -> None:
    options = {name: _(one.label) for name, one in PERIODS.items()}
    options |= {"cohort_applied": _("Cohort: applied"), "cohort_dealt": _("Cohort: dealt")}
    chosen = filters.segments("rate", _("Rate"), options)
    if chosen in COHORTS:
        cohort(asked, options[chosen], COHORTS[chosen])
    else:
        of_period(asked, PERIODS[chosen])


def of_period(asked: Compared, rate: Ratio) -> None:
    """A rate of the period: D ÷ N over D + N cases."""
    table = asked.in_order(gather.period_rates(asked, rate))
    cases = _("Cases: {of} + {to}", of=_(rate.of.label), to=_(rate.to.label))
    picture(asked, table, gather.period_limits(asked, rate), _(rate.label), cases, asked.found.period, rate.of.name)
    about = _("{rate} is {formula}, {days}.", rate=_(rate.label), formula=formats.formula(rate), days=days(asked))
    st.caption(" ".join([about, which_limits(table, _("exact binomial of {of} among both", of=_(rate.of.label)))]))
    listed(asked, table, rate.of.name, _(rate.of.label), _(rate.to.label), asked.found.period)


def days(asked: Compared) -> str:
    return cells.span_label(asked.found.period, asked.found.on)


def cohort(asked: Compared, label: str, end: str) -> None:
    """A cohort's share that came to an end within the horizon, of those observed for so long."""
    table = asked.in_order(gather.cohort_rates(asked, end))
    span, horizon = gather.cohort_period(asked), asked.found.rules.horizon_days
    kind = "applications" if end == "applied" else "deals"
    picture(asked, table, gather.cohort_limits(asked, end), label, _("Opportunities observed to the end"), span, kind)
    about = ngettext(
        "Of the opportunities first consulted {days}, the share that came so far within {number} working day.",
        "Of the opportunities first consulted {days}, the share that came so far within {number} working days.",
        horizon,
        days=cells.span_label(span, span.last),
    )
    st.caption(" ".join([about, which_limits(table, _("exact binomial"))]))
    listed(asked, table, kind, _("Came so far"), _("Opportunities"), span)


def which_limits(table: pl.DataFrame, exact: str) -> str:
    """Which limits are drawn, and what lies within them."""
    spread = next(iter(table["spread"].drop_nulls()), 0.0)
    if spread > 0:
        kind = _(
            "widened by how much these units differ anyway (additive over-dispersion, from {least} units on)",
            least=ENOUGH_UNITS,
        )
    else:
        kind = exact
    return _(
        "Limits around the rate of all together: dotted 95 %, solid 99.8 %, {kind}. Within them nothing is coloured.",
        kind=kind,
    )


def picture(
    asked: Compared, table: pl.DataFrame, limits: pl.DataFrame, title: str, cases: str, span: Period, total: str
) -> None:
    hrefs = [drill(asked, row) for row in table.to_dicts()]
    with st.container(key="funnel"):
        charts.show(funnel_chart.funnel(table, limits, f"{asked.key}_name", cases, hrefs), title)


def drill(asked: Compared, row: dict) -> str:
    if asked.key == "branch":
        return session.href(branch=row["branch"])
    return session.href(links.MANAGER, **links.of_manager(row["manager"], row["branch"]))


def listed(asked: Compared, table: pl.DataFrame, total: str, of: str, to: str, span: Period) -> None:
    """Everyone with their place, whoever is lower for more than chance on top."""

    def place(row: dict) -> str:
        return cells.status(row["place"], cells.rows_behind(asked, row, span, total))

    columns = [
        cells.unit(asked),
        grids.Column(_("Beside the others"), place, left=True),
        grids.number("rate", _("Rate"), formats.share),
        grids.number("of", of),
        grids.number("to", to),
        grids.Column(
            _("By chance (95 %)"),
            lambda row: formats.interval(row["low_95"], row["high_95"]) if row["to"] else formats.NOTHING,
        ),
    ]
    if "immature" in table.columns:
        columns.append(grids.number("immature", _("Not observed yet")))
    together = {
        "of": table["of"].sum(),
        "to": table["to"].sum(),
        "rate": next(iter(table["centre"].drop_nulls()), None),
    }
    together |= {"immature": table["immature"].sum()} if "immature" in table.columns else {}
    nothing = dict.fromkeys(("place", "low_95", "high_95"))
    grids.show(
        table.sort("place", "rate", nulls_last=True),
        columns,
        nothing | together | {f"{asked.key}_name": _("Together")},
        dense=True,
    )
