"""What a plan asks for, as it is shown: consultations a day, beside what they ever did; and what is still in time."""

from collections.abc import Callable
from functools import partial

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.diagnosis import board as why_board
from dashboard.reverse_plan import gather
from dashboard.shell import remembered, session
from dashboard.shell.language import _, ngettext, word
from dashboard.standing import boards, standing
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import fields, formats, grids
from db.access import Viewer
from metrics.catalog import MEASURES
from metrics.reverse_plan.feasibility import with_certainty
from metrics.reverse_plan.reverse_plan import most_demanding

Row = dict


def board(book: Book, measure: str) -> None:
    """Each manager of the book's month against their plan, with the reason beside whoever is behind, and where what is
    needed is more than is doable."""

    def made() -> Markup:
        month = book.month()
        why = why_board.column(book, month, measure)
        return boards.html(book, month, measure, limits=gather.limits(book, month), more=why)

    remembered.show(book.viewer, "the month's board", book.on, book.part, measure, made=made)


def of_team(book: Book, measure: str) -> None:
    """Each manager's need for one measure, whoever asks for the most on top, beside what is proposed to them for the
    day; and what can still close where new visits come too late."""

    def made() -> Markup:
        rows = needs_of_team(book, book.month(), measure)
        if rows.is_empty():
            return Markup()
        *asked, status = columns_of(lambda row: measure)
        about = _("consultations to promise for the day: the most that any plan asks for and is doable")
        columns = [grids.manager(), *asked, grids.Column(_("Proposed"), proposal, about), status]
        return grids.html(rows, columns) + possible(book, book.month(), measure, rows)

    needs = remembered.answer(book.viewer, "needs of the team", book.on, book.part, measure, read=made)
    if needs:
        st.subheader(_("Needed per day from here on"))
        st.html(needs)
        in_time(book, book.month)


def needs_of_team(book: Book, month: Standing, measure: str) -> pl.DataFrame:
    """What `of_month` asks of each manager for one measure, whoever is asked for the most on top, with names and what is
    `proposed` to them, `asked_by` which measure."""
    found = gather.of_month(book, month).filter(pl.col("measure") == measure, pl.col("remaining").is_not_null())
    proposed = gather.proposed(book, month).select("manager", "asked_by", proposed="consultations")
    return ranked(book.viewer, found).join(proposed, on="manager", how="left", maintain_order="left")


def ranked(viewer: Viewer, found: pl.DataFrame) -> pl.DataFrame:
    """With names, whoever is asked for the most on top."""
    order = with_certainty(found).sort("feasibility", "needed", descending=[False, True], nulls_last=True)
    return standing.with_names(viewer, order)


def of_manager(book: Book) -> None:
    """What the manager's own plans ask of them, the most demanding in words, each in a table."""

    def found() -> pl.DataFrame:
        return gather.of_month(book, gather.own_month(book)).filter(pl.col("remaining").is_not_null())

    def most() -> Markup:
        needs = found()
        if needs.is_empty():
            return Markup()
        first = most_demanding(needs).row(0, named=True)
        return grids.line_html(first["feasibility"], sentence(first))

    def each() -> Markup:
        needs = found()
        first = most_demanding(needs)["measure"].item()
        columns = [grids.number("measure", _("Measure"), label), *columns_of(lambda row: row["measure"])]
        late = needs.filter(pl.col("measure") == first)
        return grids.html(with_certainty(needs), columns) + possible(book, gather.own_month(book), first, late)

    asked = (book.on, book.part)

    def needs_of_each() -> None:
        remembered.show(book.viewer, "own needs", *asked, made=each)
        in_time(book, partial(gather.own_month, book))

    if remembered.show(book.viewer, "the most demanding plan", *asked, made=most):
        session.folded(_("Needed per day from here on"), "own needs", needs_of_each)


def columns_of(measure: Callable[[Row], str]) -> list[grids.Column]:
    def amount(name: str) -> Callable[[Row], str]:
        return lambda row: formats.planned(measure(row), row[name])

    def pipeline(row: Row) -> str:
        if measure(row) == "consultations" or row["pipeline"] is None:
            return formats.NOTHING
        one = partial(formats.planned, measure(row))
        limits = formats.span(one(row["pipeline_low"]), one(row["pipeline_high"]))
        return Markup("{} {}").format(one(row["pipeline"]), grids.small(f"({limits})"))

    return [
        grids.Column(
            _("Missing"),
            lambda row: formats.planned(measure(row), max(row["remaining"], 0)),
            _("plan − actual"),
        ),
        grids.Column(
            _("From the pipeline"), pipeline, _("what the open opportunities should still yield within the month")
        ),
        grids.Column(
            _("Consultations needed a day"),
            needed,
            _("needed on each of the manager's remaining working days; small print: 95 % limits"),
        ),
        grids.Column(_("Best month"), best, _("the manager's consultations per working day in their best month")),
        grids.number(
            "usual",
            _("Usual month"),
            formats.a_day,
            _("the manager's consultations per working day, median of the months"),
        ),
        grids.status("feasibility", unsure="unsure"),
    ]


def label(measure: str) -> str:
    return _(MEASURES[measure].label)


def proposal(row: Row) -> str:
    if row["proposed"] is None:
        return formats.NOTHING
    return Markup("<b>{}</b> {}").format(formats.count(row["proposed"]), grids.small(label(row["asked_by"])))


def too_late(row: Row) -> str:
    """Why no number is said, and what there is to do instead."""
    if row["measure"] == "consultations":
        return _("More than they ever did: talk about the plan")
    if row["open_cases"]:
        return ngettext(
            "Too late for new visits: move the {number} open one forward",
            "Too late for new visits: move the {number} open ones forward",
            row["open_cases"],
        )
    return _("Too late for new visits, and nothing open can still come to it")


def needed(row: Row) -> str:
    if row["feasibility"] == "out_of_reach":
        return grids.long(too_late(row))
    if row["needed"] is None:
        return formats.NOTHING
    high = "…" if row["needed_high"] is None else formats.a_day(row["needed_high"])
    sure = row["needed"] == 0 or row["needed_low"] == row["needed_high"]
    limits = "" if sure else " " + grids.small(f"({formats.a_day(row['needed_low'])}–{high})")
    return Markup("<b>{}</b>{}").format(formats.a_day(row["needed"]), limits)


def best(row: Row) -> str:
    if row["best"] is None:
        return formats.NOTHING
    return Markup("{} {}").format(formats.a_day(row["best"]), grids.small(formats.month(row["best_month"])))


def sentence(row: Row) -> str:
    """“Needs 14 a day for deals; best month so far 9.”"""
    about = {"measure": label(row["measure"]), "best": formats.a_day(row["best"])}
    if row["feasibility"] == "done":
        return _("The plans of the month are reached.")
    if row["feasibility"] == "covered":
        return _("The open pipeline should cover what the plans of the month still ask for.")
    if row["feasibility"] == "out_of_reach":
        return _(
            "{measure}: {missing} missing. {words}.",
            missing=formats.planned(row["measure"], row["remaining"]),
            words=too_late(row),
            **about,
        )
    need = formats.a_day(row["needed"])
    return _("{measure}: needs {need} consultations a day; best month so far {best}.", need=need, **about)


def possible(book: Book, month: Standing, measure: str, rows: pl.DataFrame) -> Markup:
    """Where new visits come too late: the open opportunities that can still come to it, the likeliest on top."""
    late = rows.filter(pl.col("feasibility") == "out_of_reach")["manager"].to_list()
    if measure == "consultations" or not late:
        return Markup()
    found = standing.with_names(book.viewer, gather.still_possible(book, month, measure, late))
    if found.is_empty():
        return Markup()
    found = found.with_columns(pl.col("customer_name").fill_null(_("no customer")))
    names = fields.products(book.viewer)
    heading = Markup('<div class="cx-line"><b>{}</b></div>').format(
        _("What can still come to it this month, the likeliest first")
    )
    columns = [
        grids.customer(),
        grids.number("product", _("Product"), lambda one: names.get(one) or formats.NOTHING),
        grids.number("expected_amount_cents", _("Expected amount"), formats.amount),
        grids.number("latest_kind", _("Step"), word),
        grids.number(
            "chance", _("Likelihood"), formats.share, _("how often opportunities like it came to it in as many days")
        ),
    ]
    if book.part.manager is None:
        columns.insert(0, grids.manager())
    return heading + grids.html(found, columns)


def in_time(book: Book, month: Callable[[], Standing]) -> None:
    """Which of today's consultations can still become deals this month."""
    lines = remembered.answer(book.viewer, "in time", book.on, book.part, read=lambda: lines_in_time(book, month()))
    if lines:
        st.caption("  \n".join(lines))


def lines_in_time(book: Book, month: Standing) -> list[str]:
    found, lines = gather.still_in_time(book, month), []
    for row in found.filter(pl.col("measure") == "deals", pl.col("typical_lag").is_not_null()).to_dicts():
        about = {
            "family": word(row["family"]),
            "share": formats.share(row["chance"]),
            "last": formats.day(row["last_day"]) if row["last_day"] else formats.NOTHING,
        }
        lines.append(
            ngettext(
                "{family}: half of the deals close within {number} working day; {share} of today's consultations should still close this month; consultations up to {last} keep at least half of their usual chance.",
                "{family}: half of the deals close within {number} working days; {share} of today's consultations should still close this month; consultations up to {last} keep at least half of their usual chance.",
                row["typical_lag"],
                **about,
            )
        )
    return lines
