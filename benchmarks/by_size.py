"""`python -m benchmarks.by_size [PAGE…]`: the time of every page, or of these, against the size of the log: on the demo of a branch,
on a region-year, and on logs of 10 and 50 million rows, whose old months are copies of the region's in Parquet files. Writes
docs/pages-by-size.md and its picture (needs Chromium)."""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import plotly.express as px
import plotly.graph_objects as go
import polars as pl
from playwright.sync_api import sync_playwright
from plotly.subplots import make_subplots

from benchmarks import region
from benchmarks.every_page import HEADINGS
from benchmarks.machine import load, machine
from dashboard.commands.demo import Size
from dashboard.shell.store import open_store
from db.log import mirror, saved
from db.log.columns import filed, snapshot
from db.log.columns.filed import Filed
from db.log.columns.partitions import ROW, Month, settled
from db.log.columns.state import State
from docs.pictures import CHROMIUM, FOLDER

PAGE = Path(__file__).parent.parent / "docs" / "pages-by-size.md"
PICTURE = FOLDER / "pages-by-size.png"
LOGS = (  # the demo, and how many years before its own are copies of it
    (Size.BRANCH, 0),
    (Size.REGION, 0),
    (Size.REGION, 4),
    (Size.REGION, 23),
)
QUICK = 3  # of them
SHOWN = ("warm ms", "written ms")
REMARKS = """Whoever looks runs their page again without and after somebody's visit in their branch (`python -m benchmarks.every_page`). The
copies lie in the mirror alone: what a page asks of the database has the region's size on all but the first. The newest 25 months lie
in memory, older ones in Parquet files (docs/decisions/0019)."""


def years_before(month: pl.LazyFrame, years: int) -> Month:
    """A month's rows as if of so many years before, under numbers and opportunities of their own."""
    own = [(pl.col(name) - (1 << 24) * years).cast(pl.Int32) for name in ("id", "opportunity")]
    return settled(month.select(list(ROW)).with_columns(pl.col("day").dt.offset_by(f"-{years}y"), *own).collect())


def lengthen(database: Path, years: int) -> int:
    """Puts copies of the log before it, in a snapshot beside the database; gives the rows there are then."""
    store = open_store(f"sqlite:///{database}")
    store.snapshots = database.parent
    state, disk = mirror.of(store).refresh(), saved.Saved(store)
    mirror.of(store).wait()
    since, rules = filed.held_since(max(state.months)), disk.rules(state.definitions)
    with store.reading() as connection:
        place = disk.place(connection)
    months: dict[date, Month | Filed] = dict(state.months)
    for year in range(1, years + 1):
        for first, month in state.months.items():
            moved = first.replace(year=first.year - year)
            months[moved] = saved.file_away(place, moved, years_before(month.rows(), year), state.version, rules, since)
    held = {first: one.settled().base.select(list(ROW)) for first, one in months.items() if isinstance(one, Month)}
    away = {first: one for first, one in months.items() if isinstance(one, Filed)}
    snapshot.write(place.path, snapshot.Snapshot(state.version, rules, held, away), place.identity)
    rows = replace(state, months=months).height
    store.close()
    return rows


def rows_of(database: Path) -> int:
    store = open_store(f"sqlite:///{database}")
    state: State = mirror.of(store).refresh()
    store.close()
    return state.height


def measured(database: Path, pages: list[str]) -> dict[str, dict[str, float]]:
    """“page (role)” → what was measured of it."""
    command = [sys.executable, "-m", "benchmarks.every_page", f"sqlite:///{database}", *pages]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split("\t") for line in said.splitlines() if line.count("\t") == len(HEADINGS) - 1][1:]
    return {f"{line[0]} ({line[1]})": dict(zip(HEADINGS[2:], map(float, line[2:]), strict=True)) for line in lines}


def picture(sizes: list[int], found: list[dict[str, dict[str, float]]]) -> go.Figure:
    """A line a page: milliseconds against rows, both by powers of ten."""
    figure = make_subplots(1, 2, subplot_titles=("again", "after a write in the branch"), shared_yaxes=True)
    colours = cycle(px.colors.qualitative.Dark24)
    for page, colour in zip(found[0], colours, strict=False):
        for column, name in enumerate(SHOWN, 1):
            times = [one[page][name] for one in found]
            how = {"showlegend": column == 1, "legendgroup": page, "line_color": colour}
            figure.add_scatter(x=sizes, y=times, name=page, row=1, col=column, **how)
    figure.update_xaxes(type="log", title="rows of the log")
    figure.update_yaxes(type="log", title="ms")
    return figure.update_layout(width=1500, height=1000, template="plotly_white", font_size=12)


def draw(figure: go.Figure, path: Path) -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as browsers:
        page = browsers.chromium.launch(executable_path=CHROMIUM).new_page(viewport={"width": 1500, "height": 1000})
        figure.write_html(Path(made) / "picture.html")
        page.goto(f"file://{made}/picture.html")
        page.wait_for_selector(".main-svg")
        page.screenshot(path=path)


def text(sizes: list[int], found: list[dict[str, dict[str, float]]], when: str) -> str:
    heads = [f"{size / 1e6:.2g} M" for size in sizes]
    lines = [
        "| page | " + " | ".join(f"{head} again | after a write" for head in heads) + " |",
        "| --- |" + " --- | --- |" * len(heads),
    ]
    for page in found[0]:
        cells = [f"{one[page][name]:.0f}" for one in found for name in SHOWN]
        lines.append(f"| {page} | " + " | ".join(cells) + " |")
    said = [
        "# Pages against the size of the log",
        f"Milliseconds, {when}",
        f"![Milliseconds of each page against rows](pictures/{PICTURE.name})",
        REMARKS,
        "\n".join(lines),
    ]
    return "\n\n".join(said) + "\n"


def main(pages: list[str], quick: bool) -> None:
    sizes, found, began = [], [], load()
    with tempfile.TemporaryDirectory(prefix="sizes-") as made:
        for size, years in LOGS[: QUICK if quick else None]:
            folder = Path(made) / f"{size} {years}"
            folder.mkdir()
            database = region.copied(folder, size)
            sizes.append(lengthen(database, years) if years else rows_of(database))
            found.append(measured(database, pages))
            print(f"{sizes[-1]:,} rows: {len(found[-1])} pages", flush=True)
    if quick:
        return print(text(sizes, found, ""))
    draw(picture(sizes, found), PICTURE)
    when = f"{datetime.now(UTC):%Y-%m-%d}, {machine(('polars', 'streamlit'))} Load {began} at the start, {load()} at the end."
    PAGE.write_text(text(sizes, found, when))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("pages", nargs="*", metavar="PAGE")
    asked.add_argument("--quick", action="store_true", help="only up to 10 million rows, and only print")
    main(**vars(asked.parse_args()))
