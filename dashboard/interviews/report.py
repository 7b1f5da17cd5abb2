"""Interviews as other programs read them, and as a table on the terminal: codes and numbers, no text."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboard.diagnosis import terminal
from dashboard.interviews import gather
from dashboard.shell.language import _, word
from dashboard.standing.part import Part
from dashboard.standing.summary_report import named, tidy
from dashboard.standing.summary_table import HEADINGS
from dashboard.widgets import formats
from db.access import Viewer
from metrics.interviews.effect import NUMBERS
from metrics.interviews.worked import SAID, worked
from metrics.periods import Period

KEYS = ("region", "branch", "manager")
CODES = ("factor", "proposed", "cause", "reaction", "watched", "actions", "actions_done")
SPLITS = {"reactions": ["reaction"], "causes": ["cause", "reaction"], "followed": ["followed"]}


def as_json(viewer: Viewer, period: Period, through: date, part: Part, by: Sequence[str]) -> dict:
    """The contract of `report interviews`: those held in a period, as their numbers stand `through` a day."""
    chains = gather.chains(viewer, period.last, through, since=period.first).filter(*part.conditions())

    def counted(some: pl.DataFrame) -> dict:
        """The counts of all of them, and by reaction, by cause and reaction, and by whether what was agreed is done."""
        answer = said(worked(some, []).row(0, named=True))
        return answer | {
            name: [said(row, keys) for row in worked(some, keys).to_dicts()] for name, keys in SPLITS.items()
        }

    rows = []
    if by:
        places = chains.select(by).unique().with_columns(id=pl.struct(by))
        for row in named(viewer, places, by).to_dicts():
            some = chains.filter(*(pl.col(key) == row["id"][key] for key in by))
            rows.append({name: row[name] for name in row if name != "id"} | counted(some))
    return {
        "kind": "interviews",
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": list(by),
        "rows": rows,
        "total": counted(chains),
        "chains": [chain(row) for row in named(viewer, chains, KEYS).sort("day", "interview").to_dicts()],
    }


def said(row: dict, keys: Sequence[str] = ()) -> dict:
    """Counts, and the share with its limits."""
    return {key: row[key] for key in keys} | {name: tidy_number(row[name]) for name in SAID}


def chain(row: dict) -> dict:
    """One interview: cause, reaction, actions and effect."""
    answer = {name: row[name] for name in ("region", "branch", "staff_no", "manager")}
    answer |= {"day": row["day"].isoformat()} | {name: row[name] for name in CODES}
    return (
        answer | {name: tidy_number(row[name]) for name in NUMBERS} | {"days": row["days"], "verdict": row["verdict"]}
    )


def tidy_number(value):
    return value if isinstance(value, bool) else tidy(value)


def show(answer: dict) -> None:
    """The answer on the terminal: a line a key, then by reaction, and by cause and reaction."""
    titles = [_("Interviews"), _("Actions done"), _("Long enough ago"), _("Number has risen"), _("Number has fallen")]
    titles.append(_("Share that rose"))
    keys = [name for name in HEADINGS if answer["rows"] and name in answer["rows"][0]]
    lines = [[row[key] or "" for key in keys] + line(row) for row in answer["rows"]]
    total = [[_("Total"), *[""] * (len(keys) - 1)][: len(keys)] + line(answer["total"])]
    about = f"{answer['from']} – {answer['to']} · {_('Performance interviews')}"
    terminal.show(about, [*(_(HEADINGS[key]) for key in keys), *titles], [*lines, *total])
    whose = {"cause": _("Cause"), "reaction": _("What to do")}
    for split in ("reactions", "causes"):
        names = SPLITS[split]
        rows = [[word(row[name]) for name in names] + line(row) for row in answer["total"][split]]
        terminal.show(about, [*(whose[name] for name in names), *titles], rows)


def line(row: dict) -> list[str]:
    share = _("few cases")
    if row["enough"]:
        share = f"{formats.share(row['share'])} ({formats.interval(row['low'], row['high'])})"
    counts = [formats.count(row[name]) for name in ("judged", "risen", "fallen")]
    return [formats.count(row["held"]), f"{row['actions_done']} / {row['actions']}", *counts, share]
