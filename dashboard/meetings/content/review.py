"""What the data say to the items of a monthly and a quarterly review."""

import polars as pl

from dashboard.diagnosis.reasons import behind
from dashboard.documents.blocks import Block, Cell, Text
from dashboard.interviews import gather as interviews
from dashboard.meetings.content import shared, weekly
from dashboard.meetings.content.asked import Asked, Make, Row, nothing, status, table
from dashboard.penetration.tables import Penetration
from dashboard.shell.language import _, ngettext, word
from dashboard.standing import gather
from dashboard.widgets import formats
from db.access import may
from db.calendar import calendar
from db.meetings import agenda, held
from metrics import meetings, periods
from metrics.catalog import (
    APPLICATION_RATE,
    CONSULTATIONS_A_DAY,
    CONTACT_PENETRATION,
    COUNTS,
    DEAL_RATE,
    FUNNEL_RATIOS,
    MARKET_PENETRATION,
    MEASURES,
    POTENTIAL_CUSTOMERS,
    PRODUCT_PENETRATION,
)
from metrics.interviews import effect

UNSPOKEN = 28  # days without an interview after which somebody who is behind is due for one
WATCHED = {one.name: one for one in (CONSULTATIONS_A_DAY, APPLICATION_RATE, DEAL_RATE)}
VERDICT = {
    effect.RISEN: lambda: _("has risen"),
    effect.FALLEN: lambda: _("has fallen"),
    effect.UNCLEAR: lambda: _("cannot be told from chance"),
    effect.EARLY: lambda: _("too early to tell"),
}


def funnel(asked: Asked) -> tuple[Block, ...]:
    """The period's funnel beside the one before, then each manager's."""
    now = asked.book.period(asked.period)
    before = asked.book.period(periods.previous(asked.period)).total
    columns = [
        (_("Measure"), lambda one: _(one["metric"].label)),
        (_("This period"), lambda one: formats.FORMAT[one["metric"].unit](now.total[one["metric"].name])),
        (_("The period before"), lambda one: formats.FORMAT[one["metric"].unit](before[one["metric"].name])),
    ]
    rows = [{"metric": one} for one in (*COUNTS, *FUNNEL_RATIOS)]
    return table(rows, columns, title=_("Funnel")), weekly.funnel_table(asked, now, _("Each manager"))


def penetration(asked: Asked) -> tuple[Block, ...]:
    """By manager, territory and product, on the meeting's day."""
    found = Penetration(asked.book.viewer, asked.book.on, asked.period.first, asked.book.part)
    total = found.total()
    if not total[POTENTIAL_CUSTOMERS.name]:
        return nothing(_("No territory has a register: penetration cannot be told."))
    blocks = []
    for by, heading in (("manager", _("Manager")), ("territory", _("Territory"))):
        columns = [
            (heading, lambda row, by=by: row[f"{by}_name"] or _("Not assigned")),
            (_(POTENTIAL_CUSTOMERS.label), lambda row: formats.target(row[POTENTIAL_CUSTOMERS.name])),
            *(
                (_(one.label), lambda row, one=one: formats.share(row[one.name]))
                for one in (MARKET_PENETRATION, CONTACT_PENETRATION)
            ),
        ]
        blocks.append(table(found.table([by]), columns, total | {f"{by}_name": _("Together")}))
    columns = [
        (_("Product"), lambda row: asked.products.get(row["product"], formats.NOTHING)),
        (_("Customers"), lambda row: formats.target(row[PRODUCT_PENETRATION.of.name])),
        (_(PRODUCT_PENETRATION.label), lambda row: formats.share(row[PRODUCT_PENETRATION.name])),
    ]
    return (*blocks, table(found.products(), columns))


def comparison(asked: Asked) -> tuple[Block, ...]:
    """The managers beside one another, the furthest behind on top."""
    found = asked.book.period(asked.period)
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Status"), lambda row: status(row["status"])),
        (_("Attainment"), lambda row: formats.share(row["attainment"])),
        (_("Pace gap"), lambda row: formats.points(row["pace_gap"])),
    ]
    return (table(found.ranked(asked.measure), columns, title=_(MEASURES[asked.measure].label), left=2),)


def spoken_to(asked: Asked) -> tuple[Block, ...]:
    """Who is behind and was not spoken to lately; and whether the numbers of those spoken to have moved."""
    book = asked.book
    if not may(book.viewer, "count_interviews"):
        return nothing(_("Interviews are between the branch head and the interviewed."))
    chains = interviews.chains(book.viewer, book.on, book.done_through(book.on))
    chains = chains.filter(pl.col("branch") == asked.branch)
    recent = set(chains.filter(pl.col("day") > book.on - periods.ONE_DAY * UNSPOKEN)["manager"])
    late = [one for one in behind(asked.month, asked.measure)["manager"] if one not in recent]
    blocks: list[Block] = []
    if late:
        names = "、".join(asked.names.get(one, "") for one in late)
        blocks.append(Text(_("Due for an interview (behind, none in the last four weeks): {names}", names=names)))
    if chains.height:
        columns = [
            (_("Manager"), lambda row: asked.person(row["manager"])),
            (_("Day"), lambda row: formats.short_day(row["day"])),
            (_("Reaction"), lambda row: word(row["reaction"])),
            (_("Number to move"), lambda row: _(WATCHED[row["watched"]].label)),
            (_("What came of it"), lambda row: VERDICT[row["verdict"]]()),
        ]
        blocks.append(table(chains, columns, title=_("What earlier interviews did"), left=5))
    return tuple(blocks) or nothing(_("Nobody is due for an interview."))


def held_meetings(asked: Asked) -> tuple[Block, ...]:
    """Planned and actual minutes of the period's meetings, and how many of their items were reached."""
    found = meetings.time_kept(held.over(asked.book.viewer, asked.branch, asked.period))
    if found.is_empty():
        return nothing(_("No meeting was held in the period."))
    columns = [
        (_("Meeting"), lambda row: _(agenda.NAMES[row["kind"]])),
        (_("Held"), lambda row: formats.count(row["meetings"])),
        (_("Minutes planned"), lambda row: formats.target(row["minutes"])),
        (_("Minutes used"), lambda row: formats.target(row["used"])),
        (_("Items reached"), lambda row: formats.share(row["reached"])),
    ]
    return (table(found, columns),)


def next_plan(asked: Asked) -> tuple[Block, ...]:
    """The plans of the period to come, as far as they are made."""
    coming, book = periods.following(asked.period), asked.book
    days = int(calendar.read(book.viewer, coming)["is_workday"].sum())
    said = Text(ngettext("{number} working day", "{number} working days", days))
    plans = gather.planned(book.viewer, coming, book.part, ["manager"], book.rules)
    if plans.is_empty():
        return said, Text(_("No plan has been made for it yet."), "note")
    by_measure = {
        one: dict(part.select("manager", "plan").iter_rows())
        for (one,), part in plans.partition_by("measure", as_dict=True).items()
    }

    def plan(name: str):
        def cell(row: Row) -> Cell:
            return Cell(formats.planned(name, by_measure.get(name, {}).get(row["manager"])))

        return cell

    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        *((_(one.label), plan(name)) for name, one in MEASURES.items()),
    ]
    return said, table(plans.select("manager").drop_nulls().unique().sort("manager"), columns)


CONTENT: dict[str, Make] = {
    "left_over": shared.left_over,
    "result": weekly.result,
    "funnel": funnel,
    "penetration": penetration,
    "comparison": comparison,
    "interviews": spoken_to,
    "meetings": held_meetings,
    "next_plan": next_plan,
}
