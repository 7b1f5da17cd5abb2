"""What a plan asks for, as it is shown: consultations a day, beside what he ever did; and what is still in time."""

from collections.abc import Callable
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from dashboard import formats, grids, reversing, standings
from dashboard.planning import Planning
from dashboard.standings import Standing
from dashboard.words import _, word
from db.access import Viewer
from metrics.catalog import MEASURES
from metrics.feasibility import judged
from metrics.reverse import binding

Row = dict
OUT_OF_REACH = 3  # times his best month: not to be caught up by more visits


def of_team(viewer: Viewer, month: Standing, branch: int, measure: str) -> None:
    """Each manager's need for one measure, whoever asks for the most on top."""
    found = reversing.of_month(viewer, month, branch).filter(pl.col("measure") == measure)
    found = found.filter(pl.col("remaining").is_not_null())
    if found.is_empty():
        return
    st.subheader(_("What it takes a day from here on"))
    rows = ranked(viewer, found)
    columns = [grids.text("manager_name", _("Manager")), *columns_of(lambda row: measure)]
    grids.show(rows, columns)
    in_time(viewer, month, branch)


def of_manager(viewer: Viewer, month: Standing, branch: int, manager: int) -> None:
    """What the manager's own plans ask of him, the most demanding in words, each in a table."""
    found = reversing.of_month(viewer, month, branch, manager).filter(pl.col("remaining").is_not_null())
    if found.is_empty():
        return
    most = binding(found).row(0, named=True)
    grids.line(most["feasibility"], sentence(most))
    with st.expander(_("What it takes a day from here on")):
        grids.show(
            judged(found), [grids.number("measure", _("Measure"), label), *columns_of(lambda row: row["measure"])]
        )
        in_time(viewer, month, branch)


def of_typed(viewer: Viewer, planning: Planning, typed: pl.DataFrame, today: date) -> None:
    """While a branch's plan is divided: what each manager's part asks of him, saved or not."""
    if planning.branch is None or planning.product is not None or planning.month.last < today:
        return
    wanted = planning.parts(typed).select(pl.col("holder").cast(pl.Int32).alias("manager"), "measure", "plan")
    done, through = reversing.done_so_far(viewer, planning.month, planning.branch, today)
    wanted = wanted.join(done, on=["manager", "measure"], how="left").with_columns(pl.col("actual").fill_null(0.0))
    here = wanted.with_columns(branch=pl.lit(planning.branch, pl.Int32))
    found = reversing.asked(viewer, here, planning.month, through, planning.branch)
    found = binding(found.filter(pl.col("remaining").is_not_null()))
    if found.is_empty():
        return
    st.subheader(_("What these plans ask of each manager"))
    rows = ranked(viewer, found)
    most = grids.number("measure", _("Most demanding"), label)
    columns = [grids.text("manager_name", _("Manager")), most, *columns_of(lambda row: row["measure"])]
    grids.show(rows, columns)
    if planning.month.first > today:
        st.caption(_("The month is begun with a pipeline like today's."))


def ranked(viewer: Viewer, found: pl.DataFrame) -> pl.DataFrame:
    """With names, whoever is asked for the most on top."""
    order = judged(found).sort("feasibility", "needed", descending=[False, True], nulls_last=True)
    return standings.with_names(viewer, order)


def columns_of(measure: Callable[[Row], str]) -> list[grids.Column]:
    def amount(name: str) -> Callable[[Row], str]:
        return lambda row: grids.escape(formats.planned(measure(row), row[name]))

    def pipeline(row: Row) -> str:
        if measure(row) == "consultations" or row["pipeline"] is None:
            return formats.NOTHING
        one = partial(formats.planned, measure(row))
        limits = formats.span(one(row["pipeline_low"]), one(row["pipeline_high"]))
        return f"{grids.escape(one(row['pipeline']))} <small>({grids.escape(limits)})</small>"

    return [
        grids.Column(
            _("Missing"),
            lambda row: grids.escape(formats.planned(measure(row), max(row["remaining"], 0))),
            _("plan − actual"),
        ),
        grids.Column(
            _("From the pipeline"), pipeline, _("what the open opportunities should still yield within the month")
        ),
        grids.Column(
            _("Consultations needed a day"), needed, _("needed on each own working day left; in brackets 95 % limits")
        ),
        grids.Column(_("Best month"), best, _("own consultations a working day in his best month")),
        grids.number("usual", _("Usually"), formats.a_day, _("own consultations a working day, median of the months")),
        grids.status("feasibility", unsure="unsure"),
    ]


def label(measure: str) -> str:
    return _(MEASURES[measure].label)


def needed(row: Row) -> str:
    if row["needed"] is None:
        return formats.NOTHING
    high = "…" if row["needed_high"] is None else formats.a_day(row["needed_high"])
    sure = row["needed"] == 0 or row["needed_low"] == row["needed_high"]
    limits = "" if sure else f" <small>({formats.a_day(row['needed_low'])}–{high})</small>"
    return f"<b>{formats.a_day(row['needed'])}</b>{limits}"


def best(row: Row) -> str:
    if row["best"] is None:
        return formats.NOTHING
    return f"{formats.a_day(row['best'])} <small>{grids.escape(formats.month(row['best_month']))}</small>"


def sentence(row: Row) -> str:
    """“Needs 14 a day for deals; best month so far 9.”"""
    about = {"measure": label(row["measure"]), "best": formats.a_day(row["best"])}
    if row["feasibility"] == "done":
        return _("The plans of the month are reached, or the open pipeline should do it.")
    if row["needed"] is None:
        return _("{measure}: new consultations no longer count this month; what is open has to.", **about)
    need = formats.a_day(row["needed"])
    if row["best"] and row["needed"] > OUT_OF_REACH * row["best"]:
        one = partial(formats.planned, row["measure"])
        about |= {"missing": one(row["remaining"]), "pipeline": one(row["pipeline"])}
        return _(
            "{measure}: {missing} missing, {pipeline} to be expected of the pipeline. New consultations alone would have to be {need} a day, best month so far {best}: move on what is open.",
            need=need,
            **about,
        )
    return _("{measure}: needs {need} consultations a day; best month so far {best}.", need=need, **about)


def in_time(viewer: Viewer, month: Standing, branch: int) -> None:
    """Which of today's consultations can still become deals this month."""
    found = reversing.still_in_time(viewer, month.period, month.through, branch)
    lines = []
    for row in found.filter(pl.col("measure") == "deals", pl.col("typical_lag").is_not_null()).to_dicts():
        about = {
            "family": word(row["family"]),
            "lag": row["typical_lag"],
            "share": formats.share(row["chance"]),
            "last": formats.day(row["last_day"]) if row["last_day"] else formats.NOTHING,
        }
        lines.append(
            _(
                "{family}: half of the deals come within {lag} working days; {share} of today's consultations still become one this month; half of a consultation's chance until {last}.",
                **about,
            )
        )
    if lines:
        st.caption("  \n".join(lines))
