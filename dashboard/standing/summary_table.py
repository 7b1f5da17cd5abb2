"""The summary as a table for people: on the terminal, in Excel, in CSV."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dashboard.shell.language import _, word
from dashboard.widgets import formats, workbooks
from dashboard.workdays.working_days import UNKNOWN_CALENDAR
from metrics import statuses
from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions
from metrics.metric import AMOUNT, SHARE, Metric, columns_of
from metrics.periods import Period
from metrics.plans import summary as summaries

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


CENTS_PER_WAN = 1_000_000


def for_people(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The summary with headings and codes in the user's language, amounts in 万元, each metric with its limits where
    it has them, and 无计划 where there is no plan."""
    for name in {"channel", "method"} & set(table.columns):
        words = {code: word(code) for code in table[name].unique()}
        table = table.with_columns(pl.col(name).replace_strict(words, return_dtype=pl.String))
    columns = [pl.col(name).alias(_(HEADINGS[name])) for name in table.columns if name in HEADINGS]
    for metric in FUNNEL:
        columns += [
            in_unit(pl.col(name), metric).alias(heading)
            for name, heading in zip(columns_of(metric), headings(metric), strict=True)
        ]
    if set(by) & set(summaries.WAYS):
        return table.select(columns)
    words = {one.code: _(one.label) for one in statuses.ATTAINMENT}
    for name, metric in MEASURES.items():
        attained = pl.col(f"{name}_attainment")
        columns.append(in_unit(pl.col(f"{name}_plan"), metric).round(2).alias(plan_of(metric)))
        shown = (
            pl.when(attained.is_null())
            .then(pl.lit(_("no plan")))
            .otherwise((attained * 100).round(1).cast(pl.String) + "%")
        )
        columns.append(shown.alias(_("{measure}: attainment", measure=_(metric.label))))
        columns.append(pl.col(f"{name}_status").cast(pl.String).replace(words).alias(status_of(metric)))
        columns.append((pl.col(f"{name}_pace_gap") * 100).round(1).alias(gap_of(metric)))
        ahead = {needed_of(metric): f"{name}_needed_per_day", projection_of(metric): f"{name}_projection"}
        for heading, column in ahead.items():
            if table[column].count():  # once a period is over nothing is needed or projected any more
                columns.append(in_unit(pl.col(column), metric).round(2).alias(heading))
    return table.select(*columns, pl.col("time_progress").alias(_("Time progress")))


def in_unit(value: pl.Expr, metric: Metric) -> pl.Expr:
    """Amounts in 万元, everything else as it is."""
    return (value / CENTS_PER_WAN).round(2) if metric.unit == AMOUNT else value


def headings(metric: Metric) -> list[str]:
    """Of its columns (metric.columns_of): itself, and its lower and upper 95 % limit where it has them."""
    label = _(metric.label)
    limits = [_("{rate}: lower limit", rate=label), _("{rate}: upper limit", rate=label)]
    written = [label, *limits][: len(columns_of(metric))]
    return [with_unit(one, metric) for one in written]


def status_of(metric: Metric) -> str:
    return _("{measure}: status", measure=_(metric.label))


def gap_of(metric: Metric) -> str:
    return _("{measure}: pace gap (points)", measure=_(metric.label))


def needed_of(metric: Metric) -> str:
    return with_unit(_("{measure}: needed a day", measure=_(metric.label)), metric)


def projection_of(metric: Metric) -> str:
    return with_unit(_("{measure}: heading for", measure=_(metric.label)), metric)


def plan_of(metric: Metric) -> str:
    return with_unit(_("{measure}: plan", measure=_(metric.label)), metric)


def with_unit(heading: str, metric: Metric) -> str:
    return f"{heading} ({_('10,000 yuan')})" if metric.unit == AMOUNT else heading


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
    return [heading for one in FUNNEL if one.unit == SHARE for heading in headings(one)] + [_("Time progress")]


def save(
    table, total, by, rules: Definitions, period: Period, calendar_known: bool, xlsx: Path | None, csv: Path | None
) -> None:
    """Writes the summary where asked; the workbook says by which definitions on a sheet of its own."""
    shown = with_total(table, total, by)
    if xlsx:
        sheets = {_("Summary"): shown, _("About"): about(rules, period, calendar_known)}
        xlsx.write_bytes(workbooks.workbook(sheets, shares()))
    if csv:
        csv.write_bytes(workbooks.comma_separated(shown))


def show(table, total, by, rules: Definitions, period: Period, calendar_known: bool) -> None:
    """Prints the summary as a table; plans, limits, projections and contacts are left to the other forms. An unknown
    calendar is said below it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # names are text, not markup

    plans = [plan_of(one) for one in MEASURES.values()]
    limits = [heading for one in FUNNEL for heading in headings(one)[1:]]
    further = [name(one) for one in MEASURES.values() for name in (status_of, gap_of, needed_of, projection_of)]
    shown = with_total(table, total, by).drop(_("Contacts"), *plans, *limits, *further, strict=False)
    title = f"{period.first} – {period.last} · {_('Definitions v{version}', version=rules.version)}"
    grid = Table(title=title, caption=None if calendar_known else Text(_(UNKNOWN_CALENDAR)))
    for name, kind in shown.schema.items():
        grid.add_column(Text(name), justify="left" if kind == pl.String else "right")
    for row in shown.iter_rows(named=True):
        grid.add_row(*(Text(formatted_cell(name, cell)) for name, cell in row.items()))
    Console(width=None if Console().is_terminal else 200).print(grid)


def formatted_cell(name: str, cell) -> str:
    if cell is None:
        return formats.NOTHING
    if name in shares():
        return formats.share(cell)
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)
