"""Funnel plots: each unit's rate over its cases, and the limits that chance keeps within."""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from dashboard.shell.language import _
from dashboard.widgets import charts, formats
from dashboard.widgets.charts import BLUE, GREY
from metrics.statuses import STATUSES

HEIGHT, MARGIN = 430, {"l": 62, "r": 24, "t": 16, "b": 52}
COLOURS = {"bad": "#c62828", "warn": "#b36b00", "note": BLUE, "faint": GREY}
ROOM, WIDTH = 1.12, 880  # px of the plot, as narrow as it is on a desk
LETTER, LINE_HEIGHT, GAP = 13, 18, 9  # px of a label: a wide letter, its height, its distance from the point

Box = tuple[float, float, float, float]  # left, top, right, bottom, in px


def funnel(table: pl.DataFrame, limits: pl.DataFrame, name: str, cases: str, hrefs: Sequence[str]) -> go.Figure:
    """`table` has rate, cases, centre, place (metrics.diagnosis.funnels.placed) and the units' `name`, one row a unit;
    `limits` are funnels.lines. Whoever is beyond them is named, as a link to its `hrefs`, where the name has room;
    `cases` says what the cases are."""
    rows = table.with_columns(href=pl.Series(hrefs, dtype=pl.String)).filter(pl.col("rate").is_not_null())
    right = max([*rows["cases"], *limits["cases"].tail(1)], default=1)
    usual = sorted(rows["high_95"])[rows.height // 2 : rows.height // 2 + 1]  # the limit of a unit of middling size
    top = max([*rows["rate"], *usual], default=1) * ROOM
    traces = [
        line(limits, f"{end}_{width}", dash)
        for width, dash in (("95", "dot"), ("998", "solid"))
        for end in ("low", "high")
    ]
    labels = charts.told_apart(rows, name)
    tones = [STATUSES[place].tone for place in rows["place"]]
    said = [
        f"{formats.share(rate)} · {_(STATUSES[place].label)}"
        for rate, place in rows.select("rate", "place").iter_rows()
    ]
    points = go.Scatter(
        x=rows["cases"].to_list(),
        y=rows["rate"].to_list(),
        mode="markers",
        marker={"size": 10, "color": [COLOURS[tone] for tone in tones], "line": {"width": 1, "color": "white"}},
        customdata=list(zip(charts.names(rows, name), said, strict=True)),
        hovertemplate="%{customdata[0]}: %{customdata[1]} (%{x:,})<extra></extra>",
    )
    axes = {
        "xaxis": {"range": [0, right * 1.05], "title": {"text": cases}, "tickformat": ",d"},
        "yaxis": {"range": [0, top], "tickformat": ".0%"},
        "margin": MARGIN,
        "dragmode": False,
    }
    if rows.height:
        centre = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": rows["centre"][0], "y1": rows["centre"][0]}
        axes["shapes"] = [centre | {"line": {"color": GREY, "width": 1}}]
    axes["annotations"] = annotations(rows, labels, right * 1.05, top)
    return charts.figure(HEIGHT, *traces, points, **axes)


def line(limits: pl.DataFrame, name: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=limits["cases"].to_list(),
        y=limits[name].to_list(),
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": dash},
        hoverinfo="skip",
    )


def annotations(rows: pl.DataFrame, labels: Sequence[str], right: float, top: float) -> list[dict]:
    """The names of those beyond the limits, the furthest first, each beside its point where it covers no other name and
    no point."""
    height = HEIGHT - MARGIN["t"] - MARGIN["b"]
    marked = [
        (rate / top * height, cases / right * WIDTH, label, href, place, cases, rate)
        for cases, rate, place, href, label in zip(
            rows["cases"], rows["rate"], rows["place"], rows["href"], labels, strict=True
        )
        if place != "within"
    ]
    marked.sort(key=lambda one: (not str(one[4]).startswith("clearly"), -one[5]))
    dots = [
        (cases / right * WIDTH, height - rate / top * height)
        for cases, rate in rows.select("cases", "rate").iter_rows()
    ]
    taken: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in dots]
    found = []
    for y, x, label, href, place, cases, rate in marked:
        width = sum(LETTER if ord(letter) > 0x2E7F else LETTER * 0.62 for letter in label) + 4
        for side, up in ((1, 0), (-1, 0), (0, -1), (0, 1)):
            box = box_of(x, height - y, width, side, up)
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= height
            if inside and not any(overlap(box, other) for other in taken):
                taken.append(box)
                anchor = {1: "left", -1: "right", 0: "center"}[side]
                shift = {"xshift": side * GAP, "yshift": -up * (GAP + LINE_HEIGHT / 2)}
                found.append(
                    {
                        "x": cases,
                        "y": rate,
                        "text": str(charts.LINK.format(href, label)),
                        "showarrow": False,
                        "captureevents": True,
                    }
                    | {"xanchor": anchor, "yanchor": "middle"}
                    | {"font": {"size": LETTER, "color": COLOURS[STATUSES[place].tone]}}
                    | shift
                )
                break
    return found


def box_of(x: float, y: float, width: float, side: int, up: int) -> Box:
    left = x + side * GAP - (0 if side > 0 else width if side < 0 else width / 2)
    middle = y + up * (GAP + LINE_HEIGHT / 2)
    return left, middle - LINE_HEIGHT / 2, left + width, middle + LINE_HEIGHT / 2


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
