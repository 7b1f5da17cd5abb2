"""What the meetings look back on: the last working day, the promises kept."""

import polars as pl
from markupsafe import Markup

from dashboard.shell import remembered
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.widgets import cards, formats
from dashboard.widgets.cards import Card
from metrics.catalog import COUNTS, DEAL_AMOUNT
from metrics.metric import Metric
from metrics.promises import together


def yesterday(book: Book) -> None:
    """What the team did on the last working day."""

    def made() -> Markup:
        found = book.day_before([])
        return cards.row_html(
            [
                Card(
                    _(one.label), formats.FORMAT[one.unit](found.total[one.name]), formats.day(found.on), _(one.formula)
                )
                for one in (*COUNTS, DEAL_AMOUNT)
            ]
        )

    remembered.show(book.viewer, "the last working day", book.on, book.part, made=made)


def kept_promises(table: pl.DataFrame) -> None:
    """How the team kept its word (metrics.promises.against_promise), or how many are still about to."""
    team = together(table)
    kept = Card(_("Kept"), f"{team['all_kept']}", _("{number} not kept", number=team["not_kept"]), status="kept")
    if team["running"]:
        kept = Card(_("In progress"), f"{team['running']}", _("until the day is closed, or 18:00"), status="running")
    anyone = bool(team["all_kept"] + team["not_kept"] + team["running"])
    silent = [Card(_("No promise"), f"{team['not_promised']}")] if team["not_promised"] else []
    cards.row([*([kept] if anyone else []), *silent, *(done_card(team, one, anyone) for one in COUNTS)])


def done_card(team: dict[str, int], one: Metric, promised: bool) -> Card:
    against = _("promised {number}", number=formats.count(team[f"{one.name}_promise"])) if promised else ""
    return Card(_(one.label), formats.count(team[one.name]), against)
