"""What the data say to the items of a morning meeting."""

import polars as pl

from dashboard.diagnosis import gather as diagnoses
from dashboard.diagnosis.reasons import behind, in_words
from dashboard.documents.blocks import Bar, Bars, Block, Cell, Text
from dashboard.meetings import visiting_blocks
from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import SHOWN, Asked, Make, nothing, status, table
from dashboard.pipeline import gather as pipelines
from dashboard.reverse_plan import gather as reverse
from dashboard.shell.language import _
from dashboard.standing.book import open_book
from dashboard.widgets import formats
from dashboard.workdays import working_days
from metrics import statuses
from metrics.catalog import MEASURES
from metrics.diagnosis.shortfall import CHANCE
from metrics.meetings import best_deals, turned_round, weakest_step
from metrics.periods import Period

FOCUS = ("deals", "deal_amount", "applications", "consultations")  # the first one somebody is behind in is named
ROUND = 5  # working days in which somebody turns round
STEP = {"application_rate": lambda: _("application rate"), "deal_rate": lambda: _("deal rate")}
LEADS_TO = {"application_rate": "application", "deal_rate": "deal"}
THEME = {
    "application_rate": lambda: _("Suggested theme: from consultation to application (finding the need, the talk)."),
    "deal_rate": lambda: _("Suggested theme: from application to deal (products, policy, papers)."),
}


def success(asked: Asked) -> tuple[Block, ...]:
    """The last working day's best deals, and who turned round."""
    book, yesterday = asked.book, asked.book.workday_before()
    log = book.frames(Period(yesterday, yesterday)).activity
    blocks = shared.deals(asked, best_deals(log, 3), _("The best deals of {day}", day=formats.day(yesterday)))
    days = visiting_blocks.of_meeting(book.viewer, asked.branch, yesterday, yesterday)
    return (*blocks, *turn_arounds(asked), *days)


def turn_arounds(asked: Asked) -> tuple[Block, ...]:
    """Who came closest to their plan again in the last working days of the month."""
    earlier = asked.book.on
    for _step in range(ROUND):
        earlier = working_days.workday_before(asked.book.viewer, earlier)
    if earlier.month != asked.book.on.month:
        return ()
    then = open_book(asked.book.viewer, earlier, asked.book.part).month()
    found = turned_round(then.standing, asked.month.standing, asked.measure, 3)
    if found.is_empty():
        return ()
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Pace gap before"), lambda row: formats.points(row["before"])),
        (_("Pace gap now"), lambda row: formats.points(row["now"])),
        (_("Risen by"), lambda row: formats.points(row["rise"])),
    ]
    return (table(found, columns, title=_("Turned round since {day}", day=formats.day(earlier))),)


def weak_step(asked: Asked) -> str | None:
    """The kind of entry that the team comes to too seldom: application or deal."""
    month = asked.month
    if month.people.is_empty() or month.period.until(month.through) is None:
        return None
    step = weakest_step(diagnoses.of(asked.book, month, "deals").total.row(0, named=True))
    return None if step is None else LEADS_TO[step]


def role_play(asked: Asked) -> tuple[Block, ...]:
    """The step at which the team loses most."""
    if asked.month.period.until(asked.month.through) is None:
        return nothing(_("The month has just begun: there is nothing to compare yet."))
    total = diagnoses.of(asked.book, asked.month, "deals").total.row(0, named=True)
    step = weakest_step(total)
    if step is None or total["gap"] is None:
        return nothing(_("No step of the team is weak: any theme will do."))
    write = formats.PLANNED[MEASURES["deals"].unit]
    effect = formats.signed(total[step], write)
    said = _("The {step} costs the team {effect} deals against the plan to date.", step=STEP[step](), effect=effect)
    if total["verdict"] == CHANCE:
        said = _("The {step} is the team's lowest, though chance alone may explain it.", step=STEP[step]())
    return Text(said), Text(THEME[step]())


def prospects(asked: Asked) -> tuple[Block, ...]:
    """What is due or overdue, what stands still, what broke the procedure; and what can still close this month."""
    book = asked.book
    board = pipelines.board(book.viewer, book.on, book.part)
    every = board.lists(book.on)
    named = {
        "overdue": _("Next step overdue"),
        "due_today": _("Next step due today"),
        "stalled": _("Stalled"),
        "breached": _("Procedure breaches"),
    }
    counted = Bars(
        tuple(
            Bar(label, len(every[name]), None, formats.count(len(every[name])), "bad" if name != "due_today" else "")
            for name, label in named.items()
        ),
        _("In the pipeline"),
    )
    first = list(dict.fromkeys([*every["due_today"][:SHOWN], *every["overdue"]]))[:SHOWN]
    rows = pipelines.rows(book.viewer, board, first)
    if not rows:
        return (counted, *closing(asked))
    columns = [
        (_("Manager"), lambda row: row["manager_name"] or formats.NOTHING),
        (_("Customer"), lambda row: customer(row)),
        (_("Next step"), lambda row: pipelines.step_label(row["next_step"]) or formats.NOTHING),
        (_("Due"), lambda row: due(row)),
    ]
    return (counted, table(rows, columns, title=_("Due next"), left=3), *closing(asked))


def customer(row: dict) -> Cell:
    return Cell(row["customer_name"] or formats.NOTHING, href=f"customer?customer={row['customer']}")


def due(row: dict) -> Cell:
    return Cell(formats.short_day(row["next_step_due"]), "bad" if row["due"] == "overdue" else "")


def closing(asked: Asked) -> tuple[Block, ...]:
    """The open opportunities that can still come to a deal this month, the likeliest on top."""
    team = asked.month.people["manager"].to_list()
    found = reverse.still_possible(asked.book, asked.month, "deals", team).head(SHOWN)
    if found.is_empty():
        return ()
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Customer"), customer),
        (_("Chance this month"), lambda row: formats.share(row["chance"])),
    ]
    return (table(found, columns, title=_("Can still close this month"), left=2),)


def focus(asked: Asked) -> tuple[Block, ...]:
    """Who is behind in any measure and why, a line each; where nobody is, whom to watch."""
    month = asked.month
    late: dict[int, dict] = {}
    for one in FOCUS:
        for row in late_in(asked, one):
            late.setdefault(row["manager"], row)
    watched = month.ranked(asked.measure).filter(pl.col("status") == statuses.WATCH.code)
    if not late and watched.is_empty():
        return nothing(_("Nobody is behind for more than chance."))
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"], through=month.through, measure=row["measure"])),
        (_("Measure"), lambda row: _(MEASURES[row["measure"]].label)),
        (_("Status"), lambda row: status(row["status"])),
    ]
    why = (_("Why behind"), lambda row: row["why"])
    gap = (_("Pace gap"), lambda row: formats.points(row["pace_gap"]))
    if late:
        return (table(list(late.values()), [*columns, why, gap], left=4),)
    said = Text(_("Nobody is behind for more than chance. To be watched:"))
    return said, table(watched.head(SHOWN), [*columns, gap], left=3)


def late_in(asked: Asked, measure: str) -> list[dict]:
    """The rows of a standing of who is behind in a measure, the furthest on top, with the reason in short (`why`)."""
    month = asked.month
    late = behind(month, measure)
    if late.is_empty():
        return []
    said = in_words(asked.book, month, measure, "manager", []) if month.period.until(month.through) else {}
    rows = month.ranked(measure).filter(pl.col("manager").is_in(late["manager"].implode())).to_dicts()
    return [row | {"why": said.get(row["manager"], ("", ""))[0]} for row in rows]


def targets(asked: Asked) -> tuple[Block, ...]:
    """What is promised for the day beside what the plans need of it."""
    return shared.promises_for(asked)


def yesterday(asked: Asked) -> tuple[Block, ...]:
    """Kept and not kept of the last working day."""
    before = open_book(asked.book.viewer, asked.book.workday_before(), asked.book.part)
    return shared.reconciled(
        Asked(before, "evening", asked.measure), _("Promises of {day}", day=formats.day(before.on))
    )


def left_over(asked: Asked) -> tuple[Block, ...]:
    return shared.left_over(asked)


CONTENT: dict[str, Make] = {
    "left_over": left_over,
    "success": lambda asked: (*yesterday(asked), *success(asked)),
    "role_play": role_play,
    "prospects": prospects,
    "focus": focus,
    "targets": targets,
}
