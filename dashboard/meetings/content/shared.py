"""What several meetings say alike."""

from collections.abc import Callable

import polars as pl

from dashboard.diagnosis.reasons import in_words
from dashboard.documents.blocks import Block, Cell, Text
from dashboard.meetings.content.asked import Asked, Row, nothing, status, table
from dashboard.reverse_plan import gather as reverse
from dashboard.shell.language import _, ngettext, word
from dashboard.standing.book import grain_of
from dashboard.widgets import formats
from db.meetings import agenda, commitments, promises
from db.people import people
from metrics import meetings, periods, statuses
from metrics.catalog import COUNTS
from metrics.metric import Metric
from metrics.periods import Period
from metrics.promises import together

SIGNS = {  # how a commitment stands, the most urgent first
    "overdue": statuses.OVERDUE,
    "today": statuses.DUE_TODAY,
    "open": statuses.STEP_OPEN,
    "done": statuses.STEP_DONE,
    "dropped": statuses.DROPPED,
}


def deals(asked: Asked, found: pl.DataFrame, title: str) -> tuple[Block, ...]:
    """Deals by name of who made them; no customer is named."""
    if found.is_empty():
        return nothing(_("{title}: none.", title=title))
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("Product"), lambda row: asked.products.get(row["product"], formats.NOTHING)),
        (_("Day"), lambda row: formats.short_day(row["day"])),
        (_("Amount"), lambda row: formats.amount(row["amount_cents"])),
    ]
    return (table(found, columns, title=title, left=2),)


def reconciled(asked: Asked, title: str = "", span: Period | None = None) -> tuple[Block, ...]:
    """Promised and done of the book's day, or another day or week: a row each, and all together."""
    span = span or periods.day(asked.book.on)
    found = asked.book.reconciled(span)
    if not found["promised"].any() and not title:
        return nothing(_("Nobody promised anything for this day."))
    return (kept_table(asked, found, span, title),)


def kept_table(asked: Asked, found: pl.DataFrame, span: Period, title: str = "") -> Block:
    def count(one: Metric):
        def cell(row: Row) -> Cell:
            text = formats.count(row[one.name])
            if row[f"{one.name}_promise"]:
                text = f"{text} / {formats.count(row[f'{one.name}_promise'])}"
            return asked.entries(text, one.name.removesuffix("s"), span.first, span.last, row.get("manager"))

        return cell

    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"]) if "manager" in row else Cell(_("Together"))),
        (_("Status"), lambda row: status(row["promise_status"]) if "promise_status" in row else Cell("")),
        *((_(one.label), count(one)) for one in COUNTS),
    ]
    remarks = {row["manager"]: remarks_on(row, span) for row in found.to_dicts()}
    if any(remarks.values()):
        columns.append((_("Remarks"), lambda row: remarks.get(row.get("manager"), "")))
    return table(found, columns, together(found), title, left=2)


def missed(asked: Asked, found: pl.DataFrame, nobody: str, title: str = "") -> tuple[Block, ...]:
    """Of promises (metrics.promises.against_promise) those not kept, or not yet: what is missing, the factor that holds back
    their month, and what they say of it themselves."""
    found = found.filter(~pl.col("kept"), pl.col("promise_status").cast(pl.String) != statuses.ABSENT.code)
    if found.is_empty():
        return nothing(nobody)
    said, own = factors(asked), asked.reasons()
    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        (_("This month's factor"), lambda row: said.get(row["manager"], "")),
        (_("Their own reason"), lambda row: own.get(row["manager"], "")),
        *((_(one.label), against(one.name)) for one in COUNTS),
    ]
    return (table(found, columns, title=title, left=3),)


def factors(asked: Asked) -> dict[int, str]:
    """What holds back each manager's month, in short."""
    month = asked.month
    if month.period.until(month.through) is None:
        return {}
    said = in_words(asked.book, month, asked.measure, "manager", [])
    return {manager: short for manager, (short, _long) in said.items()}


def against(name: str) -> Callable[[Row], str]:
    """Done and promised of a count."""

    def cell(row: Row) -> str:
        promised = row[f"{name}_promise"]
        done = formats.count(row[name])
        return done if promised is None else f"{done} / {formats.count(promised)}"

    return cell


def remarks_on(row: Row, span: Period) -> str:
    """What is to be known of how somebody kept a promise: leave, what was entered later, a promise made late."""
    said = []
    if 0 < row["away"] < 1:
        said.append(
            _("half a day on leave") if span.length == 1 else _("on leave {share}", share=formats.share(row["away"]))
        )
    if row["made_late"]:
        said.append(_("promised late: not counted"))
    if row["late"]:
        said.append(ngettext("{number} entered later", "{number} entered later", row["late"]))
    return " · ".join(said)


def promises_for(asked: Asked, span: Period | None = None) -> tuple[Block, ...]:
    """What each promises for the book's day, or a week, beside what is proposed, and whether they confirmed it
    themselves."""
    book, span = asked.book, span or periods.day(asked.book.on)
    promised = book.promised(span).pivot("measure", index="manager", values="target")
    confirmed = promises.confirmed(book.viewer, span.first, grain_of(span))
    proposed = {row["manager"]: row for row in reverse.proposed(book, asked.month, span).to_dicts()}
    said = {row["manager"]: row for row in promised.to_dicts()}

    def count(one: Metric):
        def cell(row: Row) -> Cell:
            own, wanted = said.get(row["manager"], {}).get(one.name), proposed.get(row["manager"], {}).get(one.name)
            hint = f" ({_('proposed')} {formats.count(wanted)})" if wanted else ""
            return Cell(f"{formats.count(own) if own else formats.NOTHING}{hint}")

        return cell

    columns = [
        (_("Manager"), lambda row: asked.person(row["manager"])),
        *((_(one.label), count(one)) for one in COUNTS),
        (_("Confirmed"), lambda row: Cell("√", "good") if row["manager"] in confirmed else Cell("")),
    ]
    team = (
        people.managers(book.viewer, periods.day(span.first), asked.branch).select("manager").unique().sort("manager")
    )
    title = "" if span.length == 1 else _("Promises for the week {days}", days=formats.days(span))
    return (table(team, columns, title=title),)


def left_over(asked: Asked) -> tuple[Block, ...]:
    """What the last meeting of the kind did not reach."""
    rows = meetings.left_over(asked.held_before(), asked.kind, asked.period.first).to_dicts()
    titles = [agenda.item(asked.kind, row["item"], row["title"], row["minutes"], True).title for row in rows]
    if not titles:
        return nothing(_("Nothing was left over."))
    return (Text(_("Not reached on {day}:", day=formats.day(rows[0]["day"]))), *(Text(f"· {_(one)}") for one in titles))


def commitment_rows(asked: Asked) -> list[Row]:
    """The branch's commitments as they stand on the day, overdue first: with `state` (overdue, today, open, done,
    dropped), and the head in place of somebody who no longer works here."""
    here = set(asked.book.day().people["manager"])
    on, rows = asked.book.on, []
    for row in commitments.read(asked.book.viewer, asked.branch, on).to_dicts():
        state = "overdue" if row["due"] < on else "today" if row["due"] == on else "open"
        if row["done_on"] is not None and row["done_on"] <= on:
            state = "done"
        elif row["dropped_on"] is not None and row["dropped_on"] <= on:
            state = "dropped"
        gone = row["manager"] is not None and row["manager"] not in here
        rows.append(row | {"state": state, "owner": None if gone else row["manager"], "gone": gone})
    order = list(SIGNS)
    return sorted(rows, key=lambda row: (order.index(row["state"]), row["due"], row["commitment"]))


def commitments_table(asked: Asked, title: str = "") -> Block | None:
    rows = commitment_rows(asked)
    if not rows:
        return None

    def owner(row: Row) -> Cell:
        cell = asked.person(row["owner"])
        if not row["gone"]:
            return cell
        return Cell(f"{cell.text} ({_('for {name}', name=asked.names.get(row['manager'], ''))})")

    columns = [
        (_("Responsible"), owner),
        (_("To be done"), lambda row: what(asked, row)),
        (_("Until"), lambda row: formats.short_day(row["due"])),
        (_("State"), lambda row: state_cell(row)),
    ]
    return table(rows, columns, title=title, left=2)


def state_cell(row: Row) -> Cell:
    """How a commitment stands, by sign and word."""
    return status(SIGNS[row["state"]].code)


def what(asked: Asked, row: Row) -> str:
    """What is to be done; and for whom, where it answers somebody's being behind."""
    reaction = [word(row["reaction"])] if row["reaction"] else []
    about = [asked.names.get(row["about"], "")] if row["about"] is not None else []
    before = " ".join([*reaction, *about])
    return f"{before}: {row['text']}" if before else row["text"]
