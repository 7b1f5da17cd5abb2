"""The headline of a meeting page: each measure of all together against its plan, beside the time."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell import links, remembered
from dashboard.shell.language import _, ngettext, word
from dashboard.standing.book import Book
from dashboard.standing.part import Part
from dashboard.standing.standing import Standing
from dashboard.widgets import cards, formats
from dashboard.widgets.cards import Card
from metrics.catalog import MEASURES, WEEKLY
from metrics.plans.attainment import next_tier
from metrics.statuses import STATUSES


def of_month(book: Book) -> None:
    """The book's month."""
    asked = (book.on, book.part)
    remembered.show(book.viewer, "headline", *asked, made=lambda: html(book.month(), part=book.part))


def show(found: Standing, month: Standing | None = None, part: Part | None = None) -> None:
    st.html(html(found, month, part))


def html(found: Standing, month: Standing | None = None, part: Part | None = None) -> Markup:
    """Each measure of all together against its plan, beside the time; of a part that is given each leads to its entries.
    Of a week, given its month to date too, deals and amounts are the month's: their part of a week is no goal."""
    gone, days = found.working_days
    other = formats.share(found.other_progress)
    if found.rules.time_basis == "calendar":
        said = ngettext("{gone} of {number} calendar day", "{gone} of {number} calendar days", days, gone=gone)
        about = (said, _("by working days {share}", share=other))
    else:
        said = ngettext("{gone} of {number} working day", "{gone} of {number} working days", days, gone=gone)
        about = (said, _("by the calendar {share}", share=other))
    time = Card(_("Time progress"), formats.share(found.time_progress), " · ".join(about))
    shown = []
    for name in MEASURES:
        of, label = of_week(name, found, month)
        (row,) = of.total_standing.filter(pl.col("measure") == name).to_dicts()
        card = plan_card(row, of.tiers, label)
        if part is not None:
            days = of.period.first, min(of.on, of.period.last)
            card = replace(card, value=links.rows(card.value, name, *days, branch=part.branch, manager=part.manager))
        shown.append(card)
    return cards.row_html([*shown, time])


def of_week(measure: str, week: Standing, month: Standing | None) -> tuple[Standing, str]:
    """Where a measure stands in a week, and how that is headed: deals and amounts by the month to date."""
    label = _(MEASURES[measure].label)
    if month is None:
        return week, label
    if MEASURES[measure] in WEEKLY:
        return week, _("{measure} (week)", measure=label)
    return month, _("{measure} (month to date)", measure=label)


def plan_card(row: dict, tiers: dict[str, dict[str, float]], label: str) -> Card:
    metric = MEASURES[row["measure"]]
    write = formats.FORMAT[metric.unit]
    if row["plan"] is None:
        return Card(label, write(row["actual"]), _("No plan"), _(metric.formula))
    status = STATUSES[row["status"]]
    plan = formats.PLANNED[metric.unit](row["plan"])
    said = [
        _("{share} of {plan}", share=formats.share(row["attainment"]), plan=plan),
        f"{status.icon}\u00a0{_(status.label)}",
    ]
    if row["projection"] is not None:
        said.append(_("heading for {number}", number=formats.projection(row, metric.unit)))
    said += tier_messages(row, tiers, write)
    return Card(label, write(row["actual"]), " · ".join(said), _(metric.formula), row["status"])


def tier_messages(row: dict, tiers: dict[str, dict[str, float]], write: Callable) -> list[str]:
    """The lowest tier above the target that is not reached yet, or the highest that is."""
    found = next_tier(row["actual"], row["plan"], {tier: one.get(row["measure"], 0) for tier, one in tiers.items()})
    if found is None:
        return []
    tier, plan, share = found
    if share >= 1:
        return [_("{tier} reached", tier=word(tier))]
    return [_("{tier}: {share} of {plan}", tier=word(tier), share=formats.share(share), plan=write(plan))]
