"""The comparison to take away as Excel: every table of its sections, by the filters of the page."""

from collections.abc import Sequence

import polars as pl

from dashboard.comparison import gather, interviews_view
from dashboard.comparison.gather import BESIDE, Compared
from dashboard.comparison.rates_view import COHORTS, PERIODS
from dashboard.comparison.weeks_view import OF_MEASURE
from dashboard.penetration import report as penetration_report
from dashboard.penetration.tables import Penetration
from dashboard.shell.language import _, language, word
from dashboard.standing import standing, summary_report, summary_table
from dashboard.widgets import download, filters, workbooks
from dashboard.workdays import working_days
from db.access import may
from metrics import periods, statuses
from metrics.catalog import CONTACTS, COUNTS, DEAL_AMOUNT, MANAGER_DAYS, MEASURES, PER_DAY, RATES
from metrics.interviews.worked import worked
from metrics.metric import SHARE, Metric, columns_of
from metrics.periods import Period

Sheets = dict[str, pl.DataFrame]
WORDS = {one.code: one.label for one in (*statuses.PLACES, *statuses.CHANGES)}


def button(asked: Compared, beside: tuple[Period, Period]) -> None:
    """Everything that is compared, with the two periods that are `beside` each other."""
    viewer, period, part = asked.book.viewer, asked.found.period, asked.book.part

    def make() -> tuple[bytes, int]:
        sheets = summaries(asked) | sections(asked, beside) | {_("About"): about(asked, beside)}
        return workbooks.workbook(sheets, shares()), sum(sheet.height for sheet in sheets.values())

    filtered = {"from": str(period.first), "to": str(period.last), "measure": asked.measure}
    filtered |= {level: str(one) for level, one in part.__dict__.items() if one is not None}
    name = _("Branches {first} to {last}", first=period.first, last=period.last)
    download.export(viewer, "summary", filtered, f"{name}.xlsx", make)


def summaries(asked: Compared) -> Sheets:
    """Branches and their managers against the plan."""
    sheets = {}
    for title, by in ((_("Branch"), ["branch"]), (_("Manager"), ["branch", "manager"])):
        rows, total, _rules = summary_report.summary(
            asked.book.viewer, asked.found.period, asked.found.through, by, asked.book.part
        )
        sheets[title] = summary_table.with_total(rows, total, by)
    return sheets


def sections(asked: Compared, beside: tuple[Period, Period]) -> Sheets:
    """A sheet a table of the other sections, as they stand on the page."""
    sheets = {_("Rates"): rates(asked), _("Activity"): activity(asked), _("Week by week"): weeks(asked)}
    sheets |= penetration(asked) | {_("Product mix"): mix(asked)} | ways(asked)
    sheets |= {_("Two periods"): two_periods(asked, beside), _("Promises kept"): promises(asked)}
    return sheets | (interviews(asked) if may(asked.book.viewer, "count_interviews") else {})


def listed(asked: Compared, table: pl.DataFrame, *columns: pl.Expr) -> pl.DataFrame:
    """Everyone by name, as they stand on the page, and these columns."""
    heading = _("Branch") if asked.key == "branch" else _("Manager")
    table = asked.in_order(table)
    number = [pl.col("staff_no").alias(_("Staff number"))] if "staff_no" in table.columns else []
    return table.select(pl.col(f"{asked.key}_name").alias(heading), *number, *columns)


def place(name: str = "place", heading: str = "") -> pl.Expr:
    """A status in words."""
    words = {code: _(label) for code, label in WORDS.items()}
    return pl.col(name).cast(pl.String).replace(words).alias(heading or _("Beside the others"))


def rated(*metrics: Metric) -> list[pl.Expr]:
    """Metrics with their limits, headed and in units as in the summary."""
    return [
        summary_table.in_unit(pl.col(name), one).alias(heading)
        for one in metrics
        for name, heading in zip(columns_of(one), summary_table.headings(one), strict=True)
    ]


def rates(asked: Compared) -> pl.DataFrame:
    """A row a unit and rate, of the period and of cohorts, with the limits of chance."""
    limits = {"low_95": _("By chance, lower (95 %)"), "high_95": _("By chance, upper (95 %)")}
    limits |= {"low_998": _("By chance, lower (99.8 %)"), "high_998": _("By chance, upper (99.8 %)")}
    tables = [(_(one.label), gather.period_rates(asked, one)) for one in PERIODS.values()]
    said = {"cohort_applied": _("Cohort: applied"), "cohort_dealt": _("Cohort: dealt")}
    tables += [(said[name], gather.cohort_rates(asked, end)) for name, end in COHORTS.items()]
    return pl.concat(
        listed(
            asked,
            table,
            pl.lit(label).alias(_("Rate")),
            pl.col("of").alias(_("Numerator")),
            pl.col("to").alias(_("Denominator")),
            pl.col("rate").cast(pl.Float64).alias(_("Value")),
            *(pl.col(name).cast(pl.Float64).alias(heading) for name, heading in limits.items()),
            place(),
        )
        for label, table in tables
    )


def activity(asked: Compared) -> pl.DataFrame:
    table, _together = gather.activity_of(asked)
    days = pl.col(MANAGER_DAYS.name).alias(_(MANAGER_DAYS.label))
    each = [
        column
        for one in PER_DAY
        for column in (*rated(one)[:1], place(f"{one.name}_place", beside_of(one)))
        if one.name in table.columns
    ]
    return listed(asked, table, days, *each)


def beside_of(one: Metric) -> str:
    return _("{measure}: beside the others", measure=_(one.label))


def weeks(asked: Compared) -> pl.DataFrame:
    one = OF_MEASURE.get(asked.measure, OF_MEASURE["deals"])
    table, _together = gather.week_by_week(asked, one)
    week = pl.col("week").alias(_("Week"))
    days = pl.col(MANAGER_DAYS.name).alias(_(MANAGER_DAYS.label))
    value = pl.col(one.name).alias(_(one.label))
    return listed(asked, table, week, pl.col(one.of.name).alias(_(one.of.label)), days, value, place())


def penetration(asked: Compared) -> Sheets:
    on = min(asked.found.period.last, asked.book.on)
    found = Penetration(asked.book.viewer, on, periods.month(on).first, asked.book.part)
    places = ["branch"] if asked.key == "branch" else ["manager"]
    return {
        _("Penetration"): penetration_report.for_people(found, places),
        _("By territory"): penetration_report.for_people(found, ["territory"]),
        _("By product"): penetration_report.for_people(found, ["product"]),
    }


def mix(asked: Compared) -> pl.DataFrame:
    table, _together = gather.product_mix(asked)
    table = standing.with_names(asked.book.viewer, table.select(asked.key, "product", "deals", "share", "place"))
    table = table.drop([name for name in table.columns if name.endswith("_name")])
    product = pl.col(f"product_{language()}").alias(_("Product"))
    return listed(
        asked, table, product, pl.col("deals").alias(_("Deals")), pl.col("share").alias(_("Share of deals")), place()
    )


def ways(asked: Compared) -> Sheets:
    sheets = {}
    for way, title in (("channel", _("By channel")), ("method", _("By method"))):
        table = gather.by_way(asked, way)
        words = {code: word(code) for code in table[way].drop_nulls().unique()}
        name = pl.col(way).replace_strict(words, return_dtype=pl.String, default=None)
        places = [place(f"{one.name}_place", beside_of(one)) for one in RATES]
        heading = _(summary_table.HEADINGS[way])
        sheets[title] = table.select(name.alias(heading), *rated(CONTACTS, *COUNTS, DEAL_AMOUNT, *RATES), *places)
    return sheets


def two_periods(asked: Compared, beside: tuple[Period, Period]) -> pl.DataFrame:
    table, _together = gather.two_periods(asked, *beside)
    columns = []
    for one in (*BESIDE, DEAL_AMOUNT):
        heading = summary_table.headings(one)[0]
        before = _("{measure}: period beside", measure=heading)
        columns.append(summary_table.in_unit(pl.col(one.name), one).alias(heading))
        columns.append(summary_table.in_unit(pl.col(f"{one.name}_before"), one).alias(before))
        if one in BESIDE:
            columns.append(place(f"{one.name}_changed", _("{measure}: changed", measure=heading)))
    return listed(asked, table, *columns)


def promises(asked: Compared) -> pl.DataFrame:
    table = gather.promises_kept(asked)
    counted = {"of": _("Days kept"), "to": _("Days with a promise"), "apart": _("Promised late")}
    counted |= {"weeks_of": _("Weeks kept"), "weeks_to": _("Weeks with a promise")}
    if asked.key == "manager":
        counted["streak"] = _("Days kept in a row")
    numbers = [pl.col(name).alias(heading) for name, heading in counted.items()]
    return listed(asked, table, *numbers, pl.col("rate").cast(pl.Float64).alias(_("Promises kept")), place())


def interviews(asked: Compared) -> Sheets:
    chains = interviews_view.of(asked)
    said = {"cause": _("Cause"), "reaction": _("What to do")}
    headings = {"held": _("Interviews"), "actions": _("Agreed actions"), "actions_done": _("Actions done")}
    headings |= {"judged": _("Long enough ago"), "risen": _("Number has risen"), "fallen": _("Number has fallen")}

    def counted(table: pl.DataFrame, keys: Sequence[str]) -> list[pl.Expr]:
        words = [pl.col(key).replace_strict({one: word(one) for one in table[key]}).alias(said[key]) for key in keys]
        limits = {"share": _("Share that rose"), "low": _("lower limit"), "high": _("upper limit")}
        rose = [pl.when("enough").then(pl.col(name)).alias(heading) for name, heading in limits.items()]
        return [*words, *(pl.col(name).alias(heading) for name, heading in headings.items()), *rose]

    causes, units = worked(chains, ["cause", "reaction"]), worked(chains, [asked.key])
    sheets = {_("Interviews by cause"): causes.select(counted(causes, ["cause", "reaction"]))} if causes.height else {}
    return sheets | ({_("Performance interviews"): listed(asked, units, *counted(units, []))} if units.height else {})


def about(asked: Compared, beside: tuple[Period, Period]) -> pl.DataFrame:
    """By which filters and definitions."""
    viewer, period, branch = asked.book.viewer, asked.found.period, asked.book.part.branch
    known = working_days.calendar_known(viewer, period)
    lines = [
        (_("Branch"), _("all") if branch is None else filters.name_of(viewer, branch)),
        (_("Measure"), _(MEASURES[asked.measure].label)),
        (_("Two periods"), " · ".join(f"{one.first} – {one.last}" for one in beside)),
    ]
    rows = summary_table.about(asked.found.rules, period, known)
    return pl.concat([pl.DataFrame(lines, rows.schema, orient="row"), rows])


def shares() -> list[str]:
    """The headings under which shares stand, 0–1."""
    of_rates = [_("Value"), _("Share of deals"), _("Promises kept"), _("Share that rose")]
    of_rates += [_("lower limit"), _("upper limit")]
    of_rates += [_("By chance, lower (95 %)"), _("By chance, upper (95 %)")]
    of_rates += [_("By chance, lower (99.8 %)"), _("By chance, upper (99.8 %)")]
    of_rates += [_("{measure}: period beside", measure=_(one.label)) for one in BESIDE if one.unit == SHARE]
    covered = [
        heading
        for one in (*penetration_report.NUMBERS, *penetration_report.OF_PRODUCTS)
        if one.unit == SHARE
        for heading in summary_table.headings(one)
    ]
    return [*summary_table.shares(), *of_rates, *covered]
