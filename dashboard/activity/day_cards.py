"""A manager's day against what it needs and what was promised."""

from markupsafe import Markup

from dashboard.reverse_plan import views
from dashboard.shell import remembered
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.widgets import cards, formats
from dashboard.widgets.cards import Card
from metrics.catalog import COUNTS, DEAL_AMOUNT
from metrics.metric import COUNT, Metric
from metrics.promises import missing as missing_of


def show(book: Book) -> None:
    """The day of the book's manager: done against needed and promised."""

    def made() -> Markup:
        month, done = book.month(), book.day().total
        needed = {row["measure"]: row for row in month.standing.to_dicts()}
        said = dict(book.promised().select("measure", "target").iter_rows())
        measures = (*COUNTS, DEAL_AMOUNT)
        shown = [day_card(one, done[one.name], needed.get(one.name), said.get(one.name)) for one in measures]
        return cards.row_html(shown, folded=" · ".join(f"{one.label} {one.value}" for one in shown))

    remembered.show(book.viewer, "the day's cards", book.on, book.part, made=made)
    views.of_manager(book)


def day_card(metric: Metric, done: int, month: dict | None, promised: int | None) -> Card:
    write = formats.FORMAT[metric.unit]
    need = month["needed_per_day"] if month else None
    parts, few = [_("No plan")], False
    if month and need is not None:
        few = metric.unit == COUNT and 0 < need < 1
        said = formats.needed(month, metric.unit)
        parts = [_("needed {number}", number=said) if few else _("needed {number} a day", number=said)]
    if promised is not None:
        parts.insert(0, _("promised {number}", number=write(promised)))
    goal = promised if promised is not None else None if few else need
    missing = missing_of(done, goal)
    if missing:
        parts.insert(0, _("{number} to go", number=write(missing)))
    reached = "" if not goal else "on_pace" if done >= goal else ""
    return Card(_(metric.label), write(done), " · ".join(parts), _(metric.formula), reached)
