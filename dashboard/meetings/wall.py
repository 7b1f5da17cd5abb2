"""The wall of a branch: the running item with its clock and the team's promises; between meetings the plan, the promises,
the top lists and today's deals in turn. No customer, and nobody's last place."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from dashboard.documents.blocks import Bar, Bars, Block, Cell, Table
from dashboard.meetings.content import contents, shared
from dashboard.meetings.content.asked import Asked, Row, status, table
from dashboard.meetings.run_mode import blocks_view, run
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.widgets import formats
from dashboard.widgets.components import scripts
from db.meetings import held
from db.people import people
from metrics import meetings, periods
from metrics.catalog import COUNTS, DEAL_AMOUNT, MEASURES
from metrics.metric import Metric
from metrics.promises import together

PUBLIC = ("role_play", "targets", "kept", "moved", "review", "praise", "cases", "funnel", "penetration", "meetings")
BEST = 5
PANEL = Markup('<section class="cx-shown" style="--rows:{}"><h2>{}</h2>{}</section>')
WALL = Markup('<div class="cx-wall">{}</div>')
BESIDE = Markup('<div class="cx-blocks cx-team" style="--rows:{}">{}</div>')
FEWEST, MOST = 4, 18  # rows a screen is laid out for: the fewer, the larger


def show(book: Book, measure: str) -> None:
    """What runs, or the panels in turn; the browser turns them, the page runs again only when something is written."""
    meeting = held.current(book.viewer, book.part.branch or 0, book.on)
    if meeting is None:
        between(book, measure)
    else:
        running(Asked(book, meeting.kind, measure), meeting)
    scripts.run("clock")


def running(asked: Asked, meeting: held.Held) -> None:
    item = meeting.in_hand() or meeting.items[0]
    run.head(asked, meeting, item)
    run.strip(meeting)
    blocks = contents.blocks(asked, item.key) if item.key in PUBLIC and item.key != "targets" else ()
    if not blocks:
        everybody(asked, item)
        return
    left, right = st.columns(2)
    with left:
        st.subheader(_(item.title))
        blocks_view.show(blocks)
    with right:
        everybody(asked, item)


def everybody(asked: Asked, item: held.HeldItem) -> None:
    """What everybody promised and did, as large as the screen has room for: today, or in a weekly meeting in the week before
    it, and in the coming one once its promises are made."""
    title, blocks = _("Today's promises"), promises(asked.book)
    if asked.kind == "weekly":
        ahead = item.key == "other" and promises(asked.book, asked.week_promised)
        span = asked.week_promised if ahead else asked.week_reconciled
        title = _("Promises for the week {days}" if ahead else "Promises of the week {days}", days=formats.days(span))
        blocks = promises(asked.book, span)
    if blocks:
        st.subheader(title)
        st.html(BESIDE.format(lines(blocks), blocks_view.html(blocks)))


def lines(blocks: Sequence[Block]) -> int:
    """How many lines a panel is laid out for, heads and totals counted."""
    return min(max(sum(map(lines_of, blocks)), FEWEST), MOST)


def lines_of(one: Block) -> int:
    if isinstance(one, Table):
        return len(one.rows) + 1 + bool(one.total) + bool(one.title)
    return len(one.rows) if isinstance(one, Bars) else 1


def between(book: Book, measure: str) -> None:
    panels = [
        (_("The month's plan"), plan(book)),
        (_("Today's promises"), promises(book)),
        (_("Promises of this week"), promises(book, periods.week(book.on))),
        (_("Top list: effort this week"), top(book, "consultations", periods.week(book.on))),
        (_("Top list: results this month"), top(book, "deals", periods.month(book.on))),
        (_("Today's deals"), celebrations(book)),
    ]
    shown = Markup().join(
        PANEL.format(lines(blocks), title, blocks_view.html(blocks)) for title, blocks in panels if blocks
    )
    st.html(WALL.format(shown))


def plan(book: Book) -> tuple[Block, ...]:
    """The team against its plans, beside the time."""
    month = book.period(periods.month(book.on))
    rows = [row for row in month.total_standing.to_dicts() if row["plan"] and row["measure"] in MEASURES]

    def bar(row: Row) -> Bar:
        name = row["measure"]
        sign = status(row["status"])
        said = f"{formats.FORMAT[MEASURES[name].unit](row['actual'])} / {formats.planned(name, row['plan'])}"
        text = f"{sign.text} · {formats.share(row['attainment'])} · {said}"
        return Bar(_(MEASURES[name].label), row["attainment"], 1.0, text, sign.tone)

    time = Bar(_("Time progress"), month.time_progress, None, formats.share(month.time_progress), "faint")
    return (Bars((*map(bar, rows), time)),) if rows else ()


def promises(book: Book, span: periods.Period | None = None) -> tuple[Block, ...]:
    """The whole team in the order of its staff numbers: done of what was promised for the day, or a week, and a sign once
    all is reached. Nothing of a week for which nobody promised."""
    found = book.reconciled(span)
    if found.is_empty() or (span is not None and not found["promised"].any()):
        return ()
    team = people.managers(book.viewer, span or periods.day(book.on), book.part.branch).select(
        "manager", "manager_name"
    )
    rows = team.join(found, on="manager", how="inner", maintain_order="left")

    def count(one: Metric):
        def cell(row: Row) -> Cell:
            promised, done = row[f"{one.name}_promise"], row[one.name]
            text = formats.count(done) if not promised else f"{formats.count(done)} / {formats.count(promised)}"
            return Cell(text, "good" if promised and done >= promised else "")

        return cell

    columns = [
        (_("Manager"), lambda row: row.get("manager_name", _("Together"))),
        *((_(one.label), count(one)) for one in COUNTS),
        (_("Kept"), lambda row: Cell("√", "good") if row.get("kept") else Cell("")),
    ]
    return (table(rows, columns, together(found)),)


def top(book: Book, name: str, period: periods.Period) -> tuple[Block, ...]:
    """The first places alone."""
    found = meetings.top(book.period(period).table, name, BEST)
    names = dict(people.names(book.viewer).select("manager", "manager_name").iter_rows())
    if found.is_empty():
        return ()
    columns = [
        ("", lambda row: formats.count(row["rank"])),
        (_("Manager"), lambda row: names.get(row["manager"], "")),
        (_(MEASURES[name].label), lambda row: formats.count(row[name])),
    ]
    if name == "deals":
        columns.append((_(DEAL_AMOUNT.label), lambda row: formats.amount(row[DEAL_AMOUNT.name])))
    return (table(found, columns, left=2),)


def celebrations(book: Book) -> tuple[Block, ...]:
    """Today's deals by name of who made them."""
    log = book.frames(periods.day(book.on)).activity
    found = meetings.best_deals(log, 2 * BEST)
    if found.is_empty():
        return ()
    return shared.deals(Asked(book, "evening"), found, _("Congratulations!"))
