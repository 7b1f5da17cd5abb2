"""The boards of the meeting pages: cards and tables drawn from where a part of the bank stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell import links, remembered, session
from dashboard.shell.language import _, language, ngettext, plain
from dashboard.standing import headline, standing
from dashboard.standing.bank_rules import versions_label
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import filters, formats, grids
from dashboard.workdays import working_days
from db.access import Viewer
from db.people import people
from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.metric import Metric
from metrics.periods import Period
from metrics.reverse_plan import feasibility

NAMED = {  # what a row stands for → where its name is, and its heading
    "manager": ("manager_name", "Manager"),
    "branch": ("branch_name", "Branch"),
    "product": ("product_{language}", "Product"),
}
TIME_HELP = {
    "workdays": lambda: _("working days elapsed ÷ working days; a manager's own leave is left out"),
    "calendar": lambda: _("calendar days elapsed ÷ calendar days; a manager's own leave is left out"),
}
NOBODY = "No manager is posted here yet. Import your people first: python -m dashboard import people FILE"


def nobody() -> None:
    """What to do when there is no one to show."""
    st.info(_(NOBODY))


def manager(viewer: Viewer, branch: int | None, span: Period) -> int | None:
    """One of those who work in the branch in these days, or None for all of them."""
    return filters.manager(viewer, set(people.managers(viewer, span, branch)["manager"]))


def title(meeting: str, viewer: Viewer, branch: int | None, on: date, manager: int | None = None) -> None:
    """Which meeting, of which branch, on which day, of one manager where it is not all; and whether the bank works on
    it."""
    whose = people.names(viewer).filter(pl.col("manager").eq(manager))["manager_name"] if manager is not None else []
    said = filter(None, [people.branch_name(viewer, branch), *whose])
    st.title(" · ".join([meeting, *map(plain, said), formats.day(on)]))
    if not working_days.is_workday(viewer, on):
        st.caption(_("Not a working day by the bank's calendar."))


def place_title(page: str, viewer: Viewer, branch: int | None) -> None:
    """The page, and the branch where it is about one."""
    st.title(" · ".join([page, *map(plain, filter(None, [people.branch_name(viewer, branch)]))]))


def no_log(book: Book) -> bool:
    """Whether nothing was ever recorded here: there is nothing to judge by then, and that is what is said."""
    if book.has_log():
        return False
    st.info(_("No activity data yet: import the log, or record the first visit."))
    return True


def html(
    book: Book,
    found: Standing,
    measure: str,
    drill: bool = False,
    total: bool = True,
    limits: pl.DataFrame | None = None,
    more: Sequence[grids.Column] = (),
    status: grids.Column | None = None,
) -> Markup:
    """Managers, branches or products against their plan of one measure, the furthest behind on top, with `more` columns
    at the end, and their status in a column of its own where one is given. `limits` (manager, measure, own_limit) is the most that is doable a day: what needs more is said in
    words."""
    rows = standing.with_names(book.viewer, found.ranked(measure))
    if found.as_of is not None and "manager" in rows.columns:
        rows = rows.join(book.late(found), on="manager", how="left", maintain_order="left")
    if limits is not None:
        rows = rows.join(limits, on=["manager", "measure"], how="left", maintain_order="left")
    name, heading = NAMED[next(key for key in ("manager", "branch", "product") if key in rows.columns)]
    name, heading = name.format(language=language()), _(heading)
    together = found.total_standing.filter(pl.col("measure") == measure).row(0, named=True)
    first = grids.manager() if name == "manager_name" else grids.text(name, heading)
    if drill:
        first = grids.link(name, heading, lambda row: session.href(branch=row["branch"]))
    unit, time_help = MEASURES[measure].unit, TIME_HELP[found.rules.time_basis]()
    columns = [
        first,
        status or grids.status(),
        grids.bullet(),
        grids.pair("actual", "plan", _("Actual / plan"), unit, to_rows(book, found, measure)),
        grids.number("time_progress", _("Time progress"), formats.share, time_help),
        grids.number("pace_gap", _("Pace gap"), formats.points, _("attainment − time progress")),
    ]
    if not found.is_over:  # then it is known where it ended
        about = _("(plan − actual) ÷ working days left")
        columns.append(grids.Column(_("Needed a day"), lambda row: needed(row, unit), about))
        columns.append(grids.projection(unit))
    return grids.html(rows, [*columns, *more], together | {name: _("Together")} if total else None)


def to_rows(book: Book, found: Standing, measure: str) -> grids.Lead:
    """From an actual to the entries it counts."""
    first, last = found.period.first, min(found.on, found.period.last)

    def lead(row: dict, text: str) -> str:
        place = {"branch": row.get("branch", book.part.branch), "manager": row.get("manager", book.part.manager)}
        return text if "product" in row else links.rows(text, measure, first, last, **place)

    return lead


def week_table(book: Book, week: Standing, month: Standing, measure: str, more: Sequence[grids.Column] = ()) -> None:
    """Each manager's week: consultations and applications against their plans, and beside them the deals of the month to
    date, with `more` columns at the end; the furthest behind in one measure on top."""
    rows = headline.of_week(measure, week, month)[0].ranked(measure).select("manager")
    team, together, columns = week.people.select("manager").unique(), {}, [grids.manager()]
    rows = pl.concat([rows, team.join(rows, on="manager", how="anti").sort("manager")])
    for name, metric in MEASURES.items():
        of, label = headline.of_week(name, week, month)
        facts = {one: f"{name}_{one}" for one in ("actual", "plan", "status")}
        own = of.standing.filter(pl.col("measure") == name).select("manager", *facts).rename(facts)
        rows = rows.join(own, on="manager", how="left", maintain_order="left")
        (total,) = of.total_standing.filter(pl.col("measure") == name).select(*facts).rename(facts).to_dicts()
        together |= total
        columns.append(grids.against(name, label, metric.unit, to_rows(book, of, name)))
    rows = standing.with_names(book.viewer, rows.join(team, on="manager", how="semi", maintain_order="left"))
    grids.show(rows, [*columns, *more], together | {"manager_name": _("Together")})


def needed(row: dict, unit: str) -> str:
    beyond = feasibility.is_beyond(row["needed_per_day"], row.get("own_limit"))
    return _("beyond doable") if beyond else formats.needed(row, unit)


def late(book: Book, month: Standing) -> None:
    """How much of what is dated before the morning was recorded after it."""
    number = book.late(month)["late"].sum()
    if number:
        said = ngettext(
            "{number} late entry: dated before this morning, recorded after it.",
            "{number} late entries: dated before this morning, recorded after it.",
            number,
        )
        st.caption(said)


def by_product(book: Book, found: Standing, measure: str) -> None:
    """Plans of single products against what was done, where there are any."""

    def made() -> Markup:
        single = book.likewise(found, ["product"])
        planned = single.standing.filter(pl.col("measure") == measure, pl.col("plan").is_not_null())
        if planned.is_empty():
            return Markup()
        return html(book, replace(single, standing=planned), measure, total=False)

    asked = (found.period, found.on, found.through, found.as_of, book.on, book.part, measure)
    planned = remembered.answer(book.viewer, "plans of single products", *asked, read=made)
    if planned:
        st.subheader(_("Plans of single products"))
        st.html(planned)


def about(metrics: Sequence[Metric], rules: Definitions, earlier: Sequence[Definitions] = ()) -> None:
    """How the numbers above are defined; `earlier` are the other versions that held in the period."""
    with st.expander(
        _("How these numbers are defined (definitions {versions})", versions=versions_label(rules, earlier))
    ):
        small_print = ngettext(
            "Small print: 95 % limits (Wilson, fitted to rates of a period); with fewer than {number} case a rate is marked “few cases”.",
            "Small print: 95 % limits (Wilson, fitted to rates of a period); with fewer than {number} cases a rate is marked “few cases”.",
            rules.small_sample,
        )
        where = _("What counts as effective, the thresholds, and who changed them: page “Definitions”.")
        said = [*(f"{_(one.label)}: {formats.formula(one)}" for one in metrics), small_print, where]
        st.text("\n".join(said))
