"""Tables for a meeting: large type, a bar in its cell, a word and an icon for every status. Text is escaped unless it
is Markup."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell import links
from dashboard.shell.language import _
from dashboard.widgets import formats
from metrics.metric import COUNT, Metric, Ratio
from metrics.statuses import STATUSES

Row = dict
PAGE = 50  # rows of a long table shown at first, and added by each click
LEFT = Markup(' class="t"')


@dataclass(frozen=True)
class Column:
    """A heading, and what stands in a row's cell: a str is escaped, Markup stands as it is. `title` heads the row where
    rows are cards."""

    heading: str
    cell: Callable[[Row], str]
    help: str = ""
    left: bool = False
    title: bool = False


def show(
    table: pl.DataFrame,
    columns: Sequence[Column],
    total: Row | None = None,
    cards: bool = False,
    dense: bool = False,
) -> None:
    """Shows the frame's rows, in its order, and a total below them; where rows are things of their own, not numbers to
    be compared, each as a card on a phone; `dense` where many rows are looked over at once."""
    st.html(html(table, columns, total, cards, dense))


def paged(table: pl.DataFrame, columns: Sequence[Column], key: str, cards: bool = False) -> None:
    """The first rows of a long table as `show` has them, and below them a button for more: what nobody has asked to see is
    neither made nor sent. `key` names the table on its page."""
    name = f"rows of {key}"
    shown = st.session_state.get(name, PAGE)
    show(table.head(shown), columns, cards=cards)
    left = table.height - shown

    def more() -> None:
        st.session_state[name] = shown + PAGE

    if left > 0:
        label = _("Show {number} more of {left}", number=min(PAGE, left), left=left)
        st.button(label, key=f"more {name}", on_click=more)


def html(
    table: pl.DataFrame,
    columns: Sequence[Column],
    total: Row | None = None,
    cards: bool = False,
    dense: bool = False,
) -> Markup:
    opening = [cell_opening(one, cards) for one in columns]
    head = Markup().join(
        Markup('<th{} title="{}">{}</th>').format(LEFT if one.left else "", one.help, one.heading) for one in columns
    )
    rows = Markup().join(Markup("<tr>") + cells(row, columns, opening) + Markup("</tr>") for row in table.to_dicts())
    last = Markup('<tr class="total">{}</tr>').format(cells(total, columns, opening)) if total else ""
    return Markup(
        '<div class="cx-wrap"><table class="cx{}"><thead><tr>{}</tr></thead><tbody>{}{}</tbody></table></div>'
    ).format(" cx-list" * cards + " cx-dense" * dense, head, rows, last)


def cell_opening(column: Column, cards: bool) -> Markup:
    """With its heading where rows are cards, which have none above them."""
    if not cards:
        return Markup("<td{}>").format(LEFT if column.left else "")
    about = " t" * column.left + " cx-title" * column.title
    return Markup('<td class="{}" data-heading="{}">').format(about.strip(), column.heading)


def cells(row: Row, columns: Sequence[Column], opening: Sequence[Markup]) -> Markup:
    """Joined, not formatted: a table of a year has thousands of them."""
    end = Markup("</td>")
    return Markup().join(
        part for column, start in zip(columns, opening, strict=True) for part in (start, column.cell(row), end)
    )


def small(text: str) -> Markup:
    """What is said beside a value, in smaller type."""
    return Markup("<small>{}</small>").format(text)


def titled(text: str, about: str) -> Markup:
    """A short text, and the whole of it when pointing at it."""
    return Markup('<span class="cx-why" title="{}">{}</span>').format(about, text)


def long(text: str, about: str = "") -> Markup:
    """A text that may take several lines, and what is said of it below."""
    below = Markup("<br>") + small(about) if about else ""
    return Markup('<span class="cx-long">{}{}</span>').format(text, below)


def text(name: str, heading: str) -> Column:
    return Column(heading, lambda row: str(row[name]) if row[name] is not None else formats.NOTHING, left=True)


def link(name: str, heading: str, href: Callable[[Row], str]) -> Column:
    """Text that leads on: to the same page with another filter."""

    def cell(row: Row) -> str:
        if row.get("branch") is None:
            return str(row[name])
        return Markup('<a href="{}" target="_self">{} ›</a>').format(href(row), row[name])

    return Column(heading, cell, left=True)


def customer() -> Column:
    """The row's customer, by `customer` and `customer_name`."""
    return Column(
        _("Customer"), lambda row: links.customer(row["customer"], row["customer_name"]), left=True, title=True
    )


def manager() -> Column:
    """The row's manager, by `manager`, `manager_name` and, where the table has it, `branch`; and how many `late` entries
    of theirs the row counts."""

    def cell(row: Row) -> str:
        name = links.manager(row.get("manager"), row["manager_name"], row.get("branch"))
        if not row.get("late"):
            return name
        return Markup("{} {}").format(name, small(_("{number} late", number=formats.count(row["late"]))))

    return Column(_("Manager"), cell, left=True)


def spark(table: pl.DataFrame, key: str, value: str, heading: str) -> Column:
    """A row's history as small bars, on one scale for all rows; `table` has one row a key and week, in order."""
    top = max(table[value].max() or 0, 1)
    history = {one[0]: part[value].to_list() for one, part in table.partition_by(key, as_dict=True).items()}

    def cell(row: Row) -> str:
        values = history.get(row.get(key), [])
        bars = Markup().join(Markup('<i style="height:{:.0f}%"></i>').format(max(one / top * 100, 4)) for one in values)
        numbers = " ".join(str(one) for one in values)
        return Markup('<span class="cx-spark" title="{}">{}</span>').format(numbers, bars)

    return Column(heading, cell, left=True)


def metric(one: Metric, small_sample: int = 0) -> Column:
    """A metric's own column: label, formula and format from its declaration; a rate with its interval, or that its
    cases are too few to say."""
    write = formats.FORMAT[one.unit]

    def cell(row: Row) -> str:
        value = write(row[one.name])
        if not isinstance(one, Ratio) or not one.interval or row[one.name] is None:
            return value
        if row[one.to.name] < small_sample:
            return Markup('{} <small title="{}">{}</small>').format(value, row[one.to.name], _("few cases"))
        low, high = row[f"{one.name}_low"], row[f"{one.name}_high"]
        return Markup("{} {}").format(value, small(formats.interval(low, high, one.unit)))

    return Column(_(one.label), cell, formats.formula(one))


def number(name: str, heading: str, write: Callable = formats.count, help: str = "") -> Column:
    return Column(heading, lambda row: write(row[name]), help)


Lead = Callable[[Row, str], str]


def alone(_row: Row, text: str) -> str:
    """A number that leads nowhere."""
    return text


def pair(actual: str, target: str, heading: str, unit: str = COUNT, lead: Lead = alone) -> Column:
    """Actual of target, such as 3 / 5; the actual leads where `lead` takes it."""
    write, wanted = formats.FORMAT[unit], formats.PLANNED[unit]

    def cell(row: Row) -> Markup:
        return Markup("{} <small>/ {}</small>").format(lead(row, write(row[actual])), wanted(row[target]))

    return Column(heading, cell)


def against(name: str, heading: str, unit: str = COUNT, lead: Lead = alone) -> Column:
    """A measure against its plan with its status, in one cell: `<name>_actual`, `_plan` and `_status`; the actual leads
    where `lead` takes it."""
    write, wanted = formats.FORMAT[unit], formats.PLANNED[unit]

    def cell(row: Row) -> str:
        if row[f"{name}_actual"] is None:
            return formats.NOTHING
        done = lead(row, write(row[f"{name}_actual"]))
        numbers = Markup("{} <small>/ {}</small>").format(done, wanted(row[f"{name}_plan"]))
        return Markup("{} {}").format(numbers, pill(row[f"{name}_status"]))

    return Column(heading, cell)


def status(name: str = "status", unsure: str = "") -> Column:
    """A word and an icon; without colour where the column `unsure` says that chance may still turn it."""
    return Column(_("Status"), lambda row: pill(row[name], bool(unsure and row[unsure])), left=True)


def pill(code: str, unsure: bool = False) -> Markup:
    one = STATUSES[code]
    if unsure:
        about = _("still within normal day-to-day variation")
        return Markup('<span class="cx-status cx-unsure" title="{}">{} {}</span>').format(about, one.icon, _(one.label))
    return Markup('<span class="cx-status cx-{}">{} {}</span>').format(one.tone, one.icon, _(one.label))


def marked(code: str, text: str) -> Markup:
    """Words of one's own with a status's sign and tone."""
    one = STATUSES[code]
    return Markup('<span class="cx-{}">{} {}</span>').format(one.tone, one.icon, text)


def line(code: str, text: str) -> None:
    """Shows a sentence with its status before it."""
    st.html(line_html(code, text))


def line_html(code: str, text: str) -> Markup:
    return Markup('<div class="cx-line">{} {}</div>').format(pill(code), text)


def sentence(text: str) -> None:
    """A sentence in the text's own size; escaped unless it is Markup."""
    st.html(Markup('<div class="cx-line">{}</div>').format(text))


def joined(*parts: str) -> Markup:
    """Words and links beside each other."""
    return Markup(" ").join(parts)


def projection(unit: str = COUNT) -> Column:
    """Where it will end if it goes on like this."""
    says = _("done ÷ time progress; in brackets 95 % limits from how much one day differs from another")

    def cell(row: Row) -> str:
        if row.get("projection") is None:
            return formats.NOTHING
        point, _sign, limits = formats.projection(row, unit).partition(" (")
        return Markup("{} {}").format(point, small(f"({limits}")) if limits else point

    return Column(_("Heading for"), cell, says)


def bullet() -> Column:
    """Attainment as a bar, with a mark where time stands; the number beside it is never capped, the bar is at 130 %."""
    full = 1.3

    def place(share: float) -> float:
        return min(share, full) / full * 100

    def cell(row: Row) -> str:
        share, progress = row["attainment"], row["time_progress"]
        if share is None:
            return pill("no_plan")
        mark = Markup('<b style="left:{:.1f}%"></b>').format(place(progress)) if progress is not None else ""
        tone = STATUSES[row["status"]].tone
        return Markup('<span class="cx-bar cx-{}"><i style="width:{:.1f}%"></i>{}</span>{}').format(
            tone, place(share), mark, formats.share(share)
        )

    return Column(
        _("Attainment"), cell, _("actual to date ÷ plan of the whole period; the mark is the time progress"), left=True
    )
