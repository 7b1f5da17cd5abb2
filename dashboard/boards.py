"""The boards of the meeting pages: cards and tables drawn from where a part of the bank stands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from dashboard import cards, export, formats, grids, need_views, report, session, standings, tables
from dashboard.cards import Card
from dashboard.definition_words import named
from dashboard.report import Part
from dashboard.standings import Standing
from dashboard.words import _, language, plain, speak, word
from db import people, trail
from db.access import Viewer, may
from metrics import meeting
from metrics.attainment import next_tier
from metrics.catalog import COUNTS, DEAL_AMOUNT, MEASURES, PENETRATION, PER_DAY, PRODUCT_PENETRATION, RATES
from metrics.definitions import Definitions
from metrics.metric import Metric
from metrics.periods import Period

NAMED = {  # what a row stands for → where its name is, and its heading
    "manager": ("manager_name", "Manager"),
    "branch": ("branch_name", "Branch"),
    "product": ("product_{language}", "Product"),
}
TIME_HELP = {
    "workdays": lambda: _("working days elapsed ÷ working days; a manager's own leave is left out"),
    "calendar": lambda: _("calendar days elapsed ÷ calendar days; a manager's own leave is left out"),
}
NOBODY = "No manager is posted here yet. Import your people first: python -m dashboard import people FILE"


def nobody() -> None:
    """What to do when there is no one to show."""
    st.info(_(NOBODY))


def title(meeting: str, viewer: Viewer, branch: int | None, on: date) -> None:
    """Which meeting, of which branch, on which day; and whether the bank works on it."""
    place = people.branches(viewer).filter(pl.col("branch").eq_missing(branch))["branch_name"]
    st.title(" · ".join([meeting, *map(plain, place), formats.day(on)]))
    if not standings.is_workday(viewer, on):
        st.caption(_("Not a working day by the bank's calendar."))


def span(period: Period) -> str:
    return f"{formats.day(period.first)} – {formats.day(period.last)}"


def headline(found: Standing) -> None:
    """Each measure of all together against its plan, beside the time."""
    gone, days = found.working_days
    other = formats.share(found.other_progress)
    if found.rules.time_basis == "calendar":
        about = (_("{gone} of {days} calendar days", gone=gone, days=days), _("by working days {share}", share=other))
    else:
        about = (_("{gone} of {days} working days", gone=gone, days=days), _("by the calendar {share}", share=other))
    time = Card(_("Time progress"), formats.share(found.time_progress), " · ".join(about))
    cards.row([*(against(row, found.tiers) for row in found.total_standing.to_dicts()), time])


def against(row: dict, tiers: dict[str, dict[str, float]]) -> Card:
    metric = MEASURES[row["measure"]]
    write = formats.FORMAT[metric.unit]
    if row["plan"] is None:
        return Card(_(metric.label), write(row["actual"]), _("No plan"), _(metric.formula))
    icon, label = grids.STATUS[row["status"]]
    plan = formats.PLANNED[metric.unit](row["plan"])
    said = [_("{share} of {plan}", share=formats.share(row["attainment"]), plan=plan), f"{icon}\u00a0{_(label)}"]
    if row["projection"] is not None:
        said.append(_("heading for {number}", number=formats.projection(row, metric.unit)))
    said += said_of_tiers(row, tiers, write)
    tone = row["status"] if not row["undecided"] else ""
    return Card(_(metric.label), write(row["actual"]), " · ".join(said), _(metric.formula), tone)


def said_of_tiers(row: dict, tiers: dict[str, dict[str, float]], write: Callable) -> list[str]:
    """The lowest tier above the target that is not reached yet, or the highest that is."""
    found = next_tier(row["actual"], row["plan"], {tier: one.get(row["measure"], 0) for tier, one in tiers.items()})
    if found is None:
        return []
    tier, plan, share = found
    if share >= 1:
        return [_("{tier} reached", tier=word(tier))]
    return [_("{tier}: {share} of {plan}", tier=word(tier), share=formats.share(share), plan=write(plan))]


def table(viewer: Viewer, found: Standing, measure: str, drill: bool = False, total: bool = True) -> None:
    """Managers, branches or products against their plan of one measure, the furthest behind on top."""
    rows = found.standing.filter(pl.col("measure") == measure).sort("status", "pace_gap", nulls_last=True)
    rows = standings.with_names(viewer, rows)
    name, heading = NAMED[next(key for key in ("manager", "branch", "product") if key in rows.columns)]
    name, heading = name.format(language=language()), _(heading)
    together = found.total_standing.filter(pl.col("measure") == measure).row(0, named=True)
    first = (
        grids.link(name, heading, lambda row: session.href(branch=row["branch"]))
        if drill
        else grids.text(name, heading)
    )
    grids.show(
        rows,
        [
            first,
            grids.status(unsure="undecided"),
            grids.bullet(),
            grids.pair("actual", "plan", _("Actual / plan"), MEASURES[measure].unit),
            grids.number(
                "time_progress",
                _("Time progress"),
                formats.share,
                TIME_HELP[found.rules.time_basis](),
            ),
            grids.number("pace_gap", _("Pace gap"), formats.points, _("attainment − time progress")),
            grids.number(
                "needed_per_day",
                _("Needed a day"),
                lambda value: formats.a_day(value, MEASURES[measure].unit),
                _("(plan − actual) ÷ working days left"),
            ),
            grids.projection(MEASURES[measure].unit),
        ],
        together | {name: _("Together")} if total else None,
    )


def yesterday(viewer: Viewer, on: date, part: Part) -> None:
    """What the team did on the last working day."""
    before = standings.workday_before(viewer, on)
    found = standings.of_day(viewer, before, part, [])
    cards.row(
        [
            Card(_(one.label), formats.FORMAT[one.unit](found.total[one.name]), formats.day(before), _(one.formula))
            for one in (*COUNTS, DEAL_AMOUNT)
        ]
    )


def today(viewer: Viewer, on: date, manager: int) -> None:
    """One manager's day: done against needed and promised."""
    part = Part(manager=manager)
    month = standings.month_before(viewer, on, part, ["manager"], today_too=False)
    done = standings.of_day(viewer, on, part, ["manager"]).total
    needed = {row["measure"]: row for row in month.standing.to_dicts()}
    said = dict(standings.promised(viewer, on, part).select("measure", "target").iter_rows())
    cards.row(
        [day_card(one, done[one.name], needed.get(one.name), said.get(one.name)) for one in (*COUNTS, DEAL_AMOUNT)]
    )
    if month.people.height > 1:  # who has moved is asked for what is left of his plan here
        here = Part(branch=viewer.branch, manager=manager)
        month = standings.month_before(viewer, on, here, ["manager"], today_too=False)
    need_views.of_manager(viewer, month, viewer.branch, manager)


def day_card(metric: Metric, done: int, month: dict | None, promised: int | None) -> Card:
    write = formats.FORMAT[metric.unit]
    need = month["needed_per_day"] if month else None
    parts = [_("needed {number} a day", number=formats.a_day(need, metric.unit)) if need is not None else _("No plan")]
    if promised is not None:
        parts.insert(0, _("promised {number}", number=write(promised)))
    goal = promised if promised is not None else need
    missing = meeting.missing(done, goal)
    if missing:
        parts.insert(0, _("{number} to go", number=write(missing)))
    reached = "" if not goal else "on_pace" if done >= goal else ""
    return Card(_(metric.label), write(done), " · ".join(parts), _(metric.formula), reached)


def promises(table: pl.DataFrame) -> None:
    """How the team kept its word (metrics.meeting.against_promise)."""
    team = meeting.together(table)
    kept = Card(_("Kept"), f"{team['kept']}", _("{number} not kept", number=team["not_kept"]), status="kept")
    silent = [Card(_("No promise"), f"{team['not_promised']}")] if team["not_promised"] else []
    done = [
        Card(
            _(one.label),
            formats.count(team[one.name]),
            _("promised {number}", number=formats.count(team[f"{one.name}_promise"])),
        )
        for one in COUNTS
    ]
    cards.row([kept, *silent, *done])


def activity(viewer: Viewer, found: Standing, by: Sequence[str]) -> None:
    """Activity a day and the three rates of each, with their limits."""
    names = [one.name for one in PER_DAY]
    days = standings.per_day(viewer, found, Part(), by).select(*by, *names)
    table = standings.with_names(viewer, found.table.join(days, on=list(by), how="left"))
    together = standings.per_day(viewer, found, Part(), []).select(names).row(0, named=True)
    columns = [grids.metric(one, found.rules.small_sample) for one in (*COUNTS, *PER_DAY, *RATES)]
    total = found.total | together | {"branch_name": _("Together")}
    grids.show(table, [grids.text("branch_name", _("Branch")), *columns], total)


def penetration(viewer: Viewer, on: date) -> None:
    """Penetration of each branch's territory; a share above 100 % is a stale register, shown with a warning."""
    table = standings.with_names(viewer, standings.penetration(viewer, on, ["branch"]))
    columns = [grids.metric(one) for one in PENETRATION]
    grids.show(table, [grids.text("branch_name", _("Branch")), *columns])
    above = pl.max_horizontal("market_penetration", "contact_penetration") > 1
    stale = table.filter(above)["branch_name"].to_list()
    if stale:
        st.warning(
            _("Above 100 %: the territory register of {places} is out of date.", places="、".join(map(plain, stale)))
        )


def products(viewer: Viewer, on: date) -> None:
    """Which share of the deal customers holds each product, the most held on top."""
    table = standings.products(viewer, on)
    label = grids.text(f"product_{language()}", _("Product"))
    columns = [label, *(grids.metric(one) for one in (PRODUCT_PENETRATION.of, PRODUCT_PENETRATION))]
    grids.show(table.sort("product_holders", descending=True), columns)


def by_product(viewer: Viewer, found: Standing, part: Part, measure: str) -> None:
    """Plans of single products against what was done, where there are any."""
    single = standings.of_period(viewer, found.period, found.on, part, ["product"], found.through)
    planned = single.standing.filter(pl.col("measure") == measure, pl.col("plan").is_not_null())
    if planned.height:
        st.subheader(_("Plans of single products"))
        table(viewer, replace(single, standing=planned), measure, total=False)


def download(viewer: Viewer, found: Standing) -> None:
    """The comparison as Excel, for whoever may take it away: branches, their managers, and by which definitions."""
    if not may(viewer, "export_data"):
        return
    period, through, spoken = found.period, found.through, language()

    def made() -> bytes:
        speak(spoken)  # made when asked for, in a thread that has heard no language yet
        sheets = {}
        for title, by in ((_("Branch"), ["branch"]), (_("Manager"), ["branch", "manager"])):
            rows, total, _rules = report.summary(viewer, period, through, by)
            sheets[title] = tables.with_total(rows, total, by)
        asked = {"from": str(period.first), "to": str(period.last)}
        trail.exported(viewer, "summary", asked, sum(sheet.height for sheet in sheets.values()))
        about = tables.about(found.rules, period, standings.calendar_known(viewer, period))
        return export.workbook(sheets | {_("About"): about}, tables.shares())

    st.download_button(
        _("Download as Excel"),
        made,
        file_name=f"chenxi-{period.first}-{period.last}.xlsx",
        icon="⬇️",
    )


def about(metrics: Sequence[Metric], rules: Definitions, earlier: Sequence[Definitions] = ()) -> None:
    """How the numbers above are defined; `earlier` are the other versions that held in the period."""
    with st.expander(_("How these numbers are defined (definitions {versions})", versions=named(rules, earlier))):
        for one in metrics:
            st.text(f"{_(one.label)}: {formats.formula(one)}")
        st.text(
            _(
                "In brackets: 95 % limits (Wilson); below {number} cases a rate says “few cases”.",
                number=rules.small_sample,
            )
        )
        st.text(_("What counts as effective, the thresholds, and who changed them: page “Definitions”."))
