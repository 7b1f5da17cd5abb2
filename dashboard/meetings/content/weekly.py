"""What the data say to the items of a weekly meeting."""

from collections.abc import Callable

import polars as pl

from dashboard.diagnosis import gather as diagnoses
from dashboard.diagnosis.sentence import FACTOR, because
from dashboard.documents.blocks import Bar, Bars, Block, Cell, Text
from dashboard.meetings import visiting_blocks
from dashboard.meetings.content import morning, shared
from dashboard.meetings.content.asked import SHOWN, Asked, Make, Row, nothing, status, table
from dashboard.pipeline import gather as pipelines
from dashboard.shell.language import _
from dashboard.standing.standing import Standing
from dashboard.widgets import formats
from metrics import periods
from metrics.catalog import COUNTS, FUNNEL_RATIOS, MEASURES
from metrics.diagnosis.shortfall import FACTORS
from metrics.meetings import best_deals, listed_by_manager
from metrics.metric import Ratio

WEEKS = 8
LONG = 2  # weeks in a row that are worth a word
WEEK_MEASURES = ("consultations", "applications", "deals", "deal_amount")


def result(asked: Asked) -> tuple[Block, ...]:
    """Plan and actual of the meeting's week, month or quarter: the team by measure, then each manager."""
    found = asked.book.period(asked.period)
    rows = [found.total_standing.filter(pl.col("measure") == one).row(0, named=True) for one in WEEK_MEASURES]
    columns = [
        (_("Measure"), lambda row: _(MEASURES[row["measure"]].label)),
        (_("Status"), lambda row: status(row["status"])),
        (_("Actual"), lambda row: formats.FORMAT[MEASURES[row["measure"]].unit](row["actual"])),
        (_("Plan"), lambda row: formats.planned(row["measure"], row["plan"])),
        (_("Attainment"), lambda row: formats.share(row["attainment"])),
        (_("Time progress"), lambda row: formats.share(row["time_progress"])),
    ]
    return table(rows, columns, title=_("The team"), left=2), each_manager(asked, found)


def week(asked: Asked) -> tuple[Block, ...]:
    """The week's plan and actual, and what the last promised week brought: promised and done, what the missed say of it,
    and who has kept their word week after week."""
    span = asked.week_reconciled
    title = _("Promises of the week {days}", days=formats.days(span))
    found = asked.book.reconciled(span)
    if not found["promised"].any():
        return (*result(asked), Text(_("{title}: none.", title=title), "faint"))
    missed = shared.missed(asked, found, _("Everybody who promised kept it."), _("Not kept: why"))
    return (*result(asked), shared.kept_table(asked, found, span, title), *missed, *in_a_row(asked))


def in_a_row(asked: Asked) -> tuple[Block, ...]:
    """Weeks kept in a row, from two on."""
    running = {one: weeks for one, weeks in asked.book.streaks("week").items() if weeks >= LONG}
    rows = [
        {"manager": one, "streak": weeks} for one, weeks in sorted(running.items(), key=lambda one: (-one[1], one[0]))
    ]
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Weeks kept in a row"), lambda row: formats.count(row["streak"])),
    ]
    return (table(rows, columns, title=_("Kept their word week after week")),) if rows else ()


def each_manager(asked: Asked, found: Standing) -> Block:
    ranked = found.ranked(asked.measure)["manager"].to_list()
    by_measure = {one: {row["manager"]: row for row in found.ranked(one).to_dicts()} for one in WEEK_MEASURES}

    def against(name: str):
        def cell(row: Row) -> Cell:
            own = by_measure[name].get(row["manager"])
            if own is None:
                return Cell(formats.NOTHING)
            write = formats.FORMAT[MEASURES[name].unit]
            if own["plan"] is None:
                return Cell(write(own["actual"]))
            sign = status(own["status"])
            planned = formats.planned(name, own["plan"])
            return Cell(f"{write(own['actual'])} / {planned} {sign.text.split(' ')[0]}", sign.tone)

        return cell

    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        *((_(MEASURES[one].label), against(one)) for one in WEEK_MEASURES),
    ]
    return table([{"manager": one} for one in ranked], columns, title=_("Each manager: actual / plan"))


def activity(asked: Asked) -> tuple[Block, ...]:
    """Each manager's funnel over eight weeks with its limits, and consultations week by week."""
    span = periods.weeks_back(asked.book.on, WEEKS)
    weeks = asked.book.by_week(span).partition_by("manager", as_dict=True)
    history = {one: " ".join(map(str, part["consultations"].to_list())) for (one,), part in weeks.items()}
    by_week = (_("Consultations by week"), lambda row: history.get(row.get("manager"), ""))
    return (funnel_table(asked, asked.book.period(span), _("The last eight weeks"), by_week),)


def funnel_table(asked: Asked, found: Standing, title: str, *more: tuple[str, Callable[[Row], str]]) -> Block:
    """Each manager's counts and rates, these with their limits, and all together."""

    def name(row: Row) -> Cell:
        return asked.person(row["manager"]) if row.get("manager") is not None else Cell(_("Together"))

    def rate(one: Ratio) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            value = formats.FORMAT[one.unit](row[one.name])
            limits = formats.interval(row.get(f"{one.name}_low"), row.get(f"{one.name}_high"))
            return value if limits == formats.NOTHING else f"{value} ({limits})"

        return cell

    columns = [
        (_("Manager"), name),
        *((_(one.label), lambda row, one=one: formats.count(row[one.name])) for one in COUNTS),
        *((_(one.label), rate(one)) for one in FUNNEL_RATIOS),
        *more,
    ]
    return table(found.table, columns, found.total, title)


def cases(asked: Asked) -> tuple[Block, ...]:
    """The week's best deals, and who turned round."""
    log = asked.book.frames(asked.period).activity.filter(pl.col("day") <= asked.book.on)
    return (*shared.deals(asked, best_deals(log, 5), _("The best deals")), *morning.turn_arounds(asked))


def risks(asked: Asked) -> tuple[Block, ...]:
    """Procedure breaches of the week, and what is overdue or stalled, by manager."""
    book = asked.book
    board = pipelines.board(book.viewer, book.on, book.part)
    every = board.lists(book.on)
    recent = board.breaches.filter(pl.col("day").is_between(asked.period.first, asked.period.last))
    rows = pipelines.rows(book.viewer, board, recent["opportunity"].unique(maintain_order=True).to_list()[:SHOWN])
    counted = listed_by_manager(board.table, {name: every[name] for name in ("overdue", "stalled")})
    blocks: list[Block] = []
    if rows:
        columns = [
            (_("Manager"), lambda row: row["manager_name"] or formats.NOTHING),
            (_("Customer"), morning.customer),
            (_("Breach"), lambda row: Cell(" · ".join(row["breaches"]), "bad")),
        ]
        blocks.append(table(rows, columns, title=_("Procedure breaches"), left=3))
    if counted.height:
        columns = [
            (_("Manager"), lambda row: asked.person(row["manager"])),
            (_("Next step overdue"), lambda row: formats.count(row["overdue"])),
            (_("Stalled"), lambda row: formats.count(row["stalled"])),
        ]
        blocks.append(table(counted, columns, title=_("Overdue and stalled")))
    return tuple(blocks) or nothing(_("No breach, nothing overdue, nothing stalled."))


def drivers(asked: Asked) -> tuple[Block, ...]:
    """What pushed the result and what held it back: the gap to the plan and to as many days before, by factor."""
    found = asked.book.period(asked.period)
    if found.period.until(found.through) is None:
        return nothing(_("No working day is over yet."))
    blocks: list[Block] = []
    for against, title in (("plan", _("Against the plan")), ("before", _("Against as many working days before"))):
        why = diagnoses.of(asked.book, found, asked.measure, against)
        row = why.total.row(0, named=True)
        blocks.append(Text(because(row, asked.measure, against, why.borrowed)))
        if row["gap"] is not None:
            blocks.append(Bars(effect_bars(row, asked.measure), title))
    return tuple(blocks)


def effect_bars(row: Row, measure: str) -> tuple[Bar, ...]:
    write = formats.PLANNED[MEASURES[measure].unit]
    parts = [one for one in (*FACTORS, "unallocated") if row[one]]
    return tuple(
        Bar(FACTOR[one](), row[one], None, formats.signed(row[one], write), "good" if row[one] > 0 else "bad")
        for one in parts
    )


def other(asked: Asked) -> tuple[Block, ...]:
    """What is promised for the coming week; visiting days, the last and the next; commitments that are open."""
    days = visiting_blocks.of_meeting(asked.book.viewer, asked.branch, asked.period.first, asked.book.on)
    found = shared.commitments_table(asked, _("Commitments"))
    promised = shared.promises_for(asked, asked.week_promised)
    return (*promised, *days, *(nothing(_("No open commitment.")) if found is None else (found,)))


CONTENT: dict[str, Make] = {
    "left_over": shared.left_over,
    "week": week,
    "activity": activity,
    "cases": cases,
    "risks": risks,
    "drivers": drivers,
    "other": other,
}
