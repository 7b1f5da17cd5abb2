"""A control chart as a picture: the points, the centre, the limits, the plan; points that are a signal stand out."""

from collections.abc import Callable
from datetime import date

import plotly.graph_objects as go
import polars as pl

from dashboard.shell.language import _
from dashboard.widgets import charts, formats, workbooks
from dashboard.widgets.formats import Write
from metrics.diagnosis.process import SIGNALS

BETTER, WORSE, LIMIT, PLANNED = charts.BLUE, "#b36b00", "#9aa4b2", "#14804a"
HEIGHT, LETTER, GAP = 230, 7, 6  # px: of a chart, of a half-width letter, between a line and its text
UNSEEN = "rgba(0,0,0,0)"  # what is tapped lies over the point
Lead = Callable[[date], str | None]


def nowhere(_point: date) -> None:
    """A point that leads nowhere."""


def picture(chart: pl.DataFrame, target: float | None, write: Write, lead: Lead = nowhere) -> go.Figure:
    """Of a chart (metrics.diagnosis.process.charts); a signal is a square, orange below the centre and blue above. Each
    point leads to the entries behind it."""
    rows = chart.filter(pl.col("value").is_not_null())
    days = [formats.short_day(one) for one in rows["point"]]
    signal = rows.select(pl.any_horizontal(SIGNALS)).to_series().to_list()
    above = (rows["value"] > rows["centre"]).to_list()
    colours = [(BETTER if high else WORSE) if flag else "#6b7685" for flag, high in zip(signal, above, strict=True)]
    traces = [
        line(days, rows["centre"], {"color": LIMIT, "width": 1.5}),
        line(days, rows["high"], {"color": LIMIT, "width": 1, "dash": "dash"}),
        line(days, rows["low"], {"color": LIMIT, "width": 1, "dash": "dash"}),
    ]
    traces.append(
        go.Scatter(
            x=days,
            y=rows["value"].to_list(),
            mode="lines+markers",
            line={"color": "#6b7685", "width": 2},
            marker={"color": colours, "size": 9, "symbol": ["square" if one else "circle" for one in signal]},
            text=[write(one) for one in rows["value"]],
            hovertemplate="%{x}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    )
    ends = [one for name in ("value", "low", "high") for one in rows[name] if one is not None]
    ends += [] if target is None else [target]
    top = max(ends, default=1.0) * charts.ROOM or 1.0
    axes = {
        "xaxis": {"type": "category", "nticks": 6, "fixedrange": True, "tickangle": 0},
        "yaxis": {"range": [0, top], "nticks": 4, "fixedrange": True, **axis_text(top, write)},
    }
    hrefs = [lead(one) for one in rows["point"]]
    over = [
        charts.linked(
            "⬤", href, x=place, y=value, font={"size": 14, "color": UNSEEN}, hovertext=f"{day}: {write(value)}"
        )
        for place, (day, value, href) in enumerate(zip(days, rows["value"], hrefs, strict=True))
        if href is not None
    ]
    said = "" if target is None else _("plan {number}", number=write(target))
    room = {"l": 8, "r": 2 * GAP + LETTER * workbooks.width(said), "t": 28, "b": 8}  # for the plan, beside its line
    if target is not None:
        beside_it = charts.linked(said, None, x=1, xref="paper", y=target, xanchor="left", yanchor="middle")
        over.append(beside_it | {"xshift": GAP, "font": {"size": 13, "color": PLANNED}})
        across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target}
        axes["shapes"] = [across | {"line": {"color": PLANNED, "dash": "dot", "width": 2}}]
    return charts.figure(HEIGHT, *traces, annotations=over, margin=room, **axes)


def line(days: list[str], values: pl.Series, style: dict) -> go.Scatter:
    return go.Scatter(x=days, y=values.to_list(), mode="lines", line=style, hoverinfo="skip")


def axis_text(top: float, write: Write) -> dict:
    """Marks at nothing, the middle and the top, written as the measure is."""
    places = [0, top / 2, top]
    return {"tickvals": places[:2], "ticktext": [write(one) for one in places[:2]]}
