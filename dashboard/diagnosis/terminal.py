"""Diagnoses as tables on the terminal."""

from collections.abc import Sequence

from dashboard.diagnosis.sentence import FACTOR
from dashboard.shell.language import _, ngettext, word
from dashboard.standing.summary_table import HEADINGS
from dashboard.widgets import formats
from metrics.catalog import MEASURES
from metrics.diagnosis import cohorts
from metrics.metric import AMOUNT

WIDTH = 200  # where it is no terminal


def show_why(answer: dict) -> None:
    """The answer of `report why`: a line a key, then the sentences."""
    scale = 100 if MEASURES[answer["measure"]].unit == AMOUNT else 1
    write = formats.PLANNED[MEASURES[answer["measure"]].unit]

    def cell(value: float | None) -> str:
        return formats.NOTHING if value is None else write(value * scale)

    keys, rows = keys_and_rows(answer)
    titles = [*(_(HEADINGS[key]) for key in keys), _("Actual"), _("Reference value"), _("Gap")]
    titles += [FACTOR[one]() for one in FACTOR] + [_("Because")]
    lines = [
        [row.get(key, "") for key in keys]
        + [cell(row[name]) for name in ("actual", "reference", "gap")]
        + [cell(row["effects"][one]) for one in FACTOR]
        + [row["because"]]
        for row in rows
    ]
    show(f"{answer['from']} – {answer['to']} · {_(MEASURES[answer['measure']].label)}", titles, lines)


def show_cohorts(answer: dict) -> None:
    """The answer of `report cohorts`: the shares at the horizon."""
    keys, rows = keys_and_rows(answer)
    titles = [*(_(HEADINGS[key]) for key in keys), _("Started"), _("Mature")]
    titles += [word(kind) for kind in cohorts.KIND.values()]

    def last(points: Sequence[Sequence[float | None]]) -> str:
        if not points:
            return formats.NOTHING
        _day, share, low, high = points[-1]
        return formats.share(share) + ("" if low is None else f" ({formats.interval(low, high)})")

    lines = [
        [row.get(key, "") for key in keys]
        + [formats.count(row["started"]), formats.share(row["mature"])]
        + [last(row[end]) for end in cohorts.KIND]
        for row in rows
    ]
    title = ngettext("within {number} working day", "within {number} working days", answer["horizon"])
    show(f"{answer['from']} – {answer['to']} · {title}", titles, lines)


def keys_and_rows(answer: dict) -> tuple[list[str], list[dict]]:
    """The keys of an answer, and its rows with the total below, where there are any keys."""
    keys = [name for name in HEADINGS if answer["rows"] and name in answer["rows"][0]]
    return keys, [*answer["rows"], {keys[0]: _("Total")} | answer["total"]] if keys else [answer["total"]]


def show(title: str, titles: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # names are text, not markup

    grid = Table(title=title)
    for one in titles:
        grid.add_column(Text(one))
    for line in lines:
        grid.add_row(*(Text(str(cell)) for cell in line))
    Console(width=None if Console().is_terminal else WIDTH).print(grid)
