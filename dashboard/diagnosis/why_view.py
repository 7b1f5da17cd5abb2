"""Why somebody is behind, as a page shows it: the sentence, the waterfall, and each factor with its limits."""

import polars as pl
import streamlit as st

from dashboard.diagnosis import gather, reasons
from dashboard.diagnosis.sentence import FACTOR, REFERENCE, because, shown
from dashboard.diagnosis.waterfall import waterfall
from dashboard.shell import links
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import charts, filters, formats, grids
from metrics.catalog import MEASURES
from metrics.diagnosis.shortfall import FACTORS
from metrics.diagnosis.shortfall import MEASURES as EXPLAINED

TOO_WIDE = 3  # times what was done or asked for
BEHIND = {  # whose entries a factor is made of
    "consultations": "consultations",
    "application_rate": "applications",
    "deal_rate": "deals",
    "ticket": "deal_amount",
}
MADE_OF = {one: factor for factor, one in BEHIND.items()}
FACTOR_FORMAT = {"application_rate": formats.share, "deal_rate": formats.share, "ticket": formats.amount}


def of_manager(book: Book, month: Standing, measure: str) -> None:
    """Why the book's one manager is where they are in the month: against plan, the others of their branch, or as many
    days before. A manager is told nothing of the others."""
    st.subheader(_("Why, and what to do"))
    if month.period.until(month.through) is None:
        st.caption(_("No day of the month is over yet."))
        return
    choices = [one for one in gather.AGAINST if one != "peers" or book.viewer.manager is None]
    against = filters.segments("against", _("Against"), {one: REFERENCE[one]() for one in choices})
    why = gather.of(book, month, measure, against)
    rows = why.table.filter(pl.col("manager") == book.part.manager).to_dicts()
    if not rows:
        st.caption(_("Not posted here in these days."))
        return
    (row,) = rows
    st.caption(_("The days that are over, up to {day}", day=formats.day(month.through)))
    veteran = reasons.veterans(book.viewer, why.table).get(row["manager"])
    grids.sentence(because(row, measure, against, why.borrowed, veteran))
    if row["gap"] is None:
        return
    if veteran:
        leads = grids.joined(_("To learn from:"), links.manager(row["veteran"], veteran, row["veteran_branch"]))
        grids.sentence(leads)
    place = {"branch": book.part.branch, "manager": book.part.manager}
    gone = month.period.until(month.through)
    hrefs = {name: links.to_rows(one, gone.first, gone.last, **place) for name, one in BEHIND.items()} if gone else {}
    hrefs["actual"] = hrefs.get(MADE_OF[measure])
    picture(row, measure, against, hrefs)
    factors(row, measure, hrefs)


def picture(row: dict, measure: str, against: str, hrefs: dict[str, str | None]) -> None:
    """The waterfall of a row of a shortfall; its parts add up also as they are printed."""
    parts = shown(row, measure)
    applying = [one for place, one in enumerate(FACTORS) if place < EXPLAINED[measure]]
    steps = [(FACTOR[one](), parts.get(one, 0.0), is_sure(row, one), hrefs.get(one)) for one in applying]
    if parts.get("unallocated"):
        steps.append((FACTOR["unallocated"](), parts["unallocated"], True, None))
    title = _("From {reference} to what was done", reference=REFERENCE[against]())
    ends = (REFERENCE[against](), parts["reference"], None), (_("Actual"), parts["actual"], hrefs["actual"])
    charts.show(waterfall(ends[0], steps, ends[1], measure), title)
    if not all(sure for _label, _effect, sure, _href in steps):
        st.caption(_("Grey: cannot be told from chance."))


def is_sure(row: dict, factor: str) -> bool:
    """Days are known; of the others whether the effect is credibly on its side."""
    return factor == "days" or row[f"{factor}_weak"] or row[f"{factor}_strong"]


def factors(row: dict, measure: str, hrefs: dict[str, str | None]) -> None:
    """Each factor: what it was, what it should be, its effect with its limits."""
    write, parts = formats.PLANNED[MEASURES[measure].unit], shown(row, measure)
    number = EXPLAINED[measure]

    def limits(one: dict) -> str:
        low, high = row.get(f"{one['factor']}_low"), row.get(f"{one['factor']}_high")
        if one["factor"] in ("days", "gap"):
            return ""
        if low is None or high is None:
            return _("few cases")
        if max(abs(low), abs(high)) > TOO_WIDE * max(row["actual"], row["reference"]):
            return _("limits too wide to say anything")
        words = "" if is_sure(row, one["factor"]) else " · " + _("cannot be told from chance")
        return _("{low} to {high}", low=formats.signed(low, write), high=formats.signed(high, write)) + words

    def value(side: str):
        def cell(one: dict) -> str:
            if one["factor"] == "gap":
                return one.get(side, "")
            found = row.get(f"{one['factor']}_{side}")
            said = FACTOR_FORMAT.get(one["factor"], formats.number_short)(found)
            href = hrefs.get(one["factor"]) if side == "done" and found is not None else None
            return said if href is None else links.ROWS.format(href, said)

        return cell

    columns = [
        grids.Column(_("Factor"), lambda one: one["label"], left=True),
        grids.Column(_("Effect"), lambda one: formats.signed(one["effect"], write)),
        grids.Column(_("Actual"), value("done")),
        grids.Column(_("Reference value"), value("asked")),
        grids.Column(_("95% limits"), limits, _("how far chance alone may move the effect"), left=True),
    ]
    lines = [{"factor": one, "label": FACTOR[one](), "effect": parts.get(one, 0.0)} for one in FACTORS[:number]]
    ends = {"done": write(parts["actual"]), "asked": write(parts["reference"])}
    total = {"factor": "gap", "label": _("Gap"), "effect": parts["gap"]}
    if parts.get("unallocated"):
        lines.append(total | {"label": FACTOR["unallocated"](), "effect": parts["unallocated"]})
    grids.show(pl.DataFrame(lines), columns, total | ends)
