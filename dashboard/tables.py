"""The summary as a table for people: on the terminal, in Excel, in CSV."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dashboard import export, formats, grids
from dashboard.words import _, word
from metrics import attainment
from metrics import summary as summaries
from metrics.catalog import FUNNEL, MEASURES, RATES
from metrics.definitions import Definitions
from metrics.metric import AMOUNT, Metric, Ratio
from metrics.periods import Period

UNKNOWN_CALENDAR = "The bank's calendar does not cover this period: weekdays were counted as working days."
HEADINGS = {
    "region": "Region",
    "branch": "Branch",
    "staff_no": "Staff number",
    "manager": "Manager",
    "product": "Product",
    "channel": "Channel",
    "method": "Method",
    "day": "Day",
    "week": "Week",
    "month": "Month",
}


def for_people(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The summary with headings and codes in the user's language, amounts in 万元, each rate with its limits, and 无计划
    where there is no plan."""
    for name in {"channel", "method"} & set(table.columns):
        words = {code: word(code) for code in table[name].unique()}
        table = table.with_columns(pl.col(name).replace_strict(words, return_dtype=pl.String))
    columns = [pl.col(name).alias(_(HEADINGS[name])) for name in table.columns if name in HEADINGS]
    for metric in FUNNEL:
        value = pl.col(metric.name)
        if metric.unit == AMOUNT:
            columns.append((value / 1e6).round(2).alias(with_unit(_(metric.label), metric)))
        else:
            columns.append(value.alias(_(metric.label)))
        if isinstance(metric, Ratio):
            columns += [pl.col(f"{metric.name}_{end}").alias(limit(metric, end)) for end in ("low", "high")]
    if set(by) & set(summaries.WAYS):
        return table.select(columns)
    words = {code: _(grids.STATUS[code][1]) for code in attainment.STATUSES}
    for name, metric in MEASURES.items():
        plan = pl.col(f"{name}_plan") / (1e6 if metric.unit == AMOUNT else 1)
        attained = pl.col(f"{name}_attainment")
        columns.append(plan.round(2).alias(plan_of(metric)))
        shown = (
            pl.when(attained.is_null())
            .then(pl.lit(_("no plan")))
            .otherwise((attained * 100).round(1).cast(pl.String) + "%")
        )
        columns.append(shown.alias(_("{measure}: attainment", measure=_(metric.label))))
        columns.append(pl.col(f"{name}_status").cast(pl.String).replace(words).alias(status_of(metric)))
        ends = (pl.col(f"{name}_projection") / (1e6 if metric.unit == AMOUNT else 1)).round(2)
        columns.append(ends.alias(projection_of(metric)))
    return table.select(*columns, pl.col("time_progress").alias(_("Time progress")))


def status_of(metric: Metric) -> str:
    return _("{measure}: status", measure=_(metric.label))


def projection_of(metric: Metric) -> str:
    return with_unit(_("{measure}: heading for", measure=_(metric.label)), metric)


def plan_of(metric: Metric) -> str:
    return with_unit(_("{measure}: plan", measure=_(metric.label)), metric)


def with_unit(heading: str, metric: Metric) -> str:
    return f"{heading} ({_('10,000 yuan')})" if metric.unit == AMOUNT else heading


def limit(rate: Ratio, end: str) -> str:
    """The heading of a rate's lower or upper 95 % limit."""
    low, high = _("{rate}: lower limit", rate=_(rate.label)), _("{rate}: upper limit", rate=_(rate.label))
    return low if end == "low" else high


def with_total(table: pl.DataFrame, total: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    shown = for_people(table, by)
    if not by:
        return shown
    text = shown.with_columns(pl.col(shown.columns[0]).cast(pl.String))
    row = for_people(total, by).with_columns(pl.lit(_("Total")).alias(shown.columns[0]))
    return pl.concat([text, row], how="diagonal_relaxed")


def about(rules: Definitions, period: Period, calendar_known: bool) -> pl.DataFrame:
    """A sheet that says by which definitions a workbook was made, on which basis of time, and whether by the bank's
    calendar."""
    basis = {"workdays": _("Working days"), "calendar": _("Calendar days")}[rules.time_basis]
    lines = [(_("Period"), f"{period.first} – {period.last}"), (_("Definitions"), f"v{rules.version}")]
    lines.append((_("Time basis"), basis))
    lines += [] if calendar_known else [(_("Working days"), _(UNKNOWN_CALENDAR))]
    lines += [(_(one.label), formats.formula(one)) for one in FUNNEL]
    return pl.DataFrame(lines, [_("About"), _("Meaning")], orient="row")


def shares() -> list[str]:
    """The headings under which shares stand, 0–1."""
    limits = [limit(one, end) for one in RATES for end in ("low", "high")]
    return [*(_(one.label) for one in RATES), *limits, _("Time progress")]


def save(
    table, total, by, rules: Definitions, period: Period, calendar_known: bool, xlsx: Path | None, csv: Path | None
) -> None:
    """Writes the summary where asked; the workbook says by which definitions on a sheet of its own."""
    shown = with_total(table, total, by)
    if xlsx:
        sheets = {_("Summary"): shown, _("About"): about(rules, period, calendar_known)}
        xlsx.write_bytes(export.workbook(sheets, shares()))
    if csv:
        csv.write_bytes(export.comma_separated(shown))


def show(table, total, by, rules: Definitions, period: Period, calendar_known: bool) -> None:
    """Prints the summary as a table; plans, limits, projections and contacts are left to the other forms. An unknown
    calendar is said below it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # names are text, not markup

    plans = [plan_of(one) for one in MEASURES.values()]
    limits = [limit(one, end) for one in RATES for end in ("low", "high")]
    further = [name(one) for one in MEASURES.values() for name in (status_of, projection_of)]
    shown = with_total(table, total, by).drop(_("Contacts"), *plans, *limits, *further, strict=False)
    title = f"{period.first} – {period.last} · {_('Definitions v{version}', version=rules.version)}"
    grid = Table(title=title, caption=None if calendar_known else Text(_(UNKNOWN_CALENDAR)))
    for name, kind in shown.schema.items():
        grid.add_column(Text(name), justify="left" if kind == pl.String else "right")
    for row in shown.iter_rows(named=True):
        grid.add_row(*(Text(spelt(name, cell)) for name, cell in row.items()))
    Console(width=None if Console().is_terminal else 200).print(grid)


def spelt(name: str, cell) -> str:
    if cell is None:
        return formats.NOTHING
    if name in shares():
        return formats.share(cell)
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)
