"""What the data say to the items of an evening meeting."""

import polars as pl

from dashboard.documents.blocks import Block, Cell, Text
from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import Asked, Make, nothing, table
from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import formats
from metrics.catalog import COUNTS, DEAL_AMOUNT
from metrics.meetings import best_deals, moved
from metrics.promises import together

STEPS = ("application", "investigation", "approval", "contract", "deal", "rejected", "withdrawn")
LONG = 3  # days in a row that are worth a word


def actual(asked: Asked) -> tuple[Block, ...]:
    """Promised and done, in progress until the day is closed."""
    return shared.reconciled(asked)


def kept(asked: Asked) -> tuple[Block, ...]:
    """Who has reached what they promised, with their streak: what worked is asked of them."""
    found = asked.book.reconciled().filter(pl.col("kept"))
    if found.is_empty():
        return nothing(_("Nobody has kept their promise yet.") if not asked.book.is_over() else _("Nobody kept it."))
    running = asked.book.streaks()
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        *((_(one.label), shared.against(one.name)) for one in COUNTS),
        (_("Days kept in a row"), lambda row: formats.count(running.get(row["manager"], 1))),
    ]
    return (table(found, columns),)


def not_kept(asked: Asked) -> tuple[Block, ...]:
    """Who did not, or not yet: what is missing, the factor that holds back their month, and their own reason."""
    return shared.missed(asked, asked.book.reconciled(), _("Everybody who promised kept it."))


def what_moved(asked: Asked) -> tuple[Block, ...]:
    """What was taken a step further today, by manager."""
    found = moved(asked.book.frames(asked.period).activity, STEPS)
    if found.is_empty():
        return nothing(_("No opportunity moved today."))
    there = [one for one in STEPS if found[one].sum()]
    columns = [
        (_("Manager"), lambda row: asked.person(row.get("manager")) if "manager" in row else Cell(_("Together"))),
        *((word(one), lambda row, one=one: formats.count(row[one]) if row[one] else "") for one in there),
    ]
    return (table(found, columns, found.select(pl.col(there).sum()).row(0, named=True)),)


def review(asked: Asked) -> tuple[Block, ...]:
    """The day in two sentences."""
    found = asked.book.reconciled()
    team, total = together(found), asked.book.day().total
    done = " · ".join(f"{_(one.label)} {formats.count(total[one.name])}" for one in COUNTS)
    said = [_("Today: {counts} · {amount}.", counts=done, amount=formats.amount(total[DEAL_AMOUNT.name]))]
    promised = team["all_kept"] + team["not_kept"]
    if promised:
        facts = {"kept": formats.count(team["all_kept"]), "number": formats.count(promised)}
        said.append(_("{kept} of {number} who promised kept it.", **facts))
    if late := int(found["late"].sum()):
        said.append(
            ngettext("{number} entry was logged after closing.", "{number} entries were logged after closing.", late)
        )
    return tuple(map(Text, said))


def praise(asked: Asked) -> tuple[Block, ...]:
    """Streaks and today's best deals."""
    running = [(one, days) for one, days in asked.book.streaks().items() if days >= LONG]
    rows = [{"manager": one, "streak": days} for one, days in sorted(running, key=lambda pair: (-pair[1], pair[0]))]
    best = shared.deals(asked, best_deals(asked.book.frames(asked.period).activity, 3), _("Today's best deals"))
    if not rows:
        return best
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Days kept in a row"), lambda row: formats.count(row["streak"])),
    ]
    return (table(rows, columns, title=_("Kept their word day after day")), *best)


CONTENT: dict[str, Make] = {
    "left_over": shared.left_over,
    "actual": actual,
    "kept": kept,
    "not_kept": not_kept,
    "moved": what_moved,
    "review": review,
    "praise": praise,
}
