"""Which branches, or which managers of one, are really behind, and why: the beginning of the page."""

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.comparison import cells
from dashboard.comparison.gather import Compared
from dashboard.diagnosis import gather as diagnoses
from dashboard.diagnosis import reasons
from dashboard.diagnosis.sentence import because
from dashboard.shell import links, session
from dashboard.shell.language import _, ngettext
from dashboard.standing import standing
from dashboard.widgets import formats, workbooks
from metrics import statuses
from metrics.statuses import STATUSES

FEW = 12  # rows whose bars in the table are one picture already
SHOWN = 8  # lines; whoever else is behind has their reason in the table
LETTERS, LETTER = 16, 0.39  # half-width ones of a name that are in view, and the room of one in rem
FULL = 1.3  # attainment at which a column is as high as it gets
COLUMNS = Markup('<div class="cx-wrap"><div class="cx-columns" style="--names:{:.1f}rem">{}{}</div></div>')
COLUMN = Markup(
    '<a href="{}" target="_self" title="{}"><b><i class="cx-{}" style="height:{:.1f}%"></i></b><span>{}</span></a>'
)
TIME = Markup('<u style="bottom:calc(var(--names) + (100% - var(--names) - 1.1rem) * {:.4f})"><small>{}</small></u>')
LINE = Markup("<div><span>{}</span>{}<small>{}</small><p>{}</p></div>")


def show(asked: Compared) -> None:
    """All of them in one picture where they are many, then whoever is behind for more than chance, a line each."""
    rows = standing.with_names(asked.book.viewer, asked.placed_in(asked.found.ranked(asked.measure)))
    if rows["plan"].null_count() == rows.height:
        return
    if rows.height > FEW:
        columns(asked, rows)
    late = rows.filter(pl.col("status").is_in(reasons.BEHIND))
    said = [really_behind(asked, late.height)]
    if watched := rows.filter(pl.col("status") == statuses.WATCH.code).height:
        said.append(watched_too(asked, watched))
    st.html(Markup('<div class="cx-line">{}</div>').format(" · ".join(said)))
    if late.height:
        lines(asked, late)


def really_behind(asked: Compared, late: int) -> str:
    if asked.key == "branch" and not late:
        return _("No branch is behind for more than chance")
    if asked.key == "branch":
        return ngettext("{number} branch is really behind", "{number} branches are really behind", late)
    if not late:
        return _("No manager is behind for more than chance")
    return ngettext("{number} manager is really behind", "{number} managers are really behind", late)


def watched_too(asked: Compared, watched: int) -> str:
    if asked.key == "branch":
        return ngettext(
            "{number} branch below the pace, as chance may have it",
            "{number} branches below the pace, as chance may have it",
            watched,
        )
    return ngettext(
        "{number} manager below the pace, as chance may have it",
        "{number} managers below the pace, as chance may have it",
        watched,
    )


def lines(asked: Compared, late: pl.DataFrame) -> None:
    """Name, status, numbers, reason."""
    reasons = why(asked, late)
    found = Markup().join(
        LINE.format(
            cells.name_of(asked, row),
            cells.status(row["status"], cells.rows_behind(asked, row, asked.found.period, asked.measure)),
            against_time(row),
            reasons.get(row[asked.key], ""),
        )
        for row in late.head(SHOWN).to_dicts()
    )
    st.html(Markup('<div class="cx-behind">{}</div>').format(found))
    if late.height > SHOWN:
        st.caption(_("Further ones: {number}, in the table below.", number=late.height - SHOWN))


def against_time(row: dict) -> str:
    """Attainment beside the time gone."""
    facts = {"share": formats.share(row["attainment"]), "time": formats.share(row["time_progress"])}
    return _("{share}, time {time}", **facts)


def why(asked: Compared, late: pl.DataFrame) -> dict[int, str]:
    """The reason of each, in the sentence that the profile and `report why` have."""
    if asked.found.period.until(asked.found.through) is None:
        return {}
    branches = reasons.late_branches(late) if asked.key == "branch" else []
    found = diagnoses.of(asked.book, asked.found, asked.measure, by=(asked.key,), branches=branches)
    names = reasons.veterans(asked.book.viewer, found.table)
    return {
        row[asked.key]: because(row, asked.measure, "plan", found.borrowed, names.get(row.get("manager")))
        for row in found.table.to_dicts()
    }


def columns(asked: Compared, rows: pl.DataFrame) -> None:
    """A column each, as high as its attainment, the furthest behind on the left, and where time stands."""
    each = Markup().join(column(asked, row) for row in rows.to_dicts())
    progress = asked.found.time_progress
    mark = ""
    if progress is not None:
        mark = TIME.format(min(progress, FULL) / FULL, _("time {share}", share=formats.share(progress)))
    longest = max(map(workbooks.width, rows[f"{asked.key}_name"]))
    st.html(COLUMNS.format(min(longest, LETTERS) * LETTER + 0.5, each, mark))


def column(asked: Compared, row: dict) -> Markup:
    name = row[f"{asked.key}_name"]
    tone = STATUSES[row["status"]].tone
    about = f"{name}: {formats.share(row['attainment'])} · {_(STATUSES[row['status']].label)}"
    href = (
        session.href(branch=row["branch"])
        if asked.key == "branch"
        else session.href(links.MANAGER, **links.of_manager(row["manager"], row["branch"]))
    )
    return COLUMN.format(href, about, tone, min(row["attainment"] or 0, FULL) / FULL * 100, name)
