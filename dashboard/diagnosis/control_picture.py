"""A control chart as a picture: the points, the centre, the limits, the plan; points that are a signal stand out."""

import plotly.graph_objects as go
import polars as pl

from dashboard.shell.language import _
from dashboard.widgets import charts, formats
from dashboard.widgets.formats import Write
from metrics.diagnosis.process import SIGNALS

BETTER, WORSE, LIMIT = charts.BLUE, "#b36b00", "#9aa4b2"
HEIGHT = 230


def picture(chart: pl.DataFrame, target: float | None, write: Write) -> go.Figure:
    """Of a chart (metrics.diagnosis.process.charts); a signal is a square, orange below the centre and blue above."""
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
    found = charts.figure(HEIGHT, *traces, **axes)
    if target is not None:
        said = _("plan {number}", number=write(target))
        above_it = {"text": said, "xanchor": "right", "yanchor": "bottom"}
        found.add_hline(target, line_color="#14804a", line_dash="dot", annotation=above_it)
    return found


def line(days: list[str], values: pl.Series, style: dict) -> go.Scatter:
    return go.Scatter(x=days, y=values.to_list(), mode="lines", line=style, hoverinfo="skip")


def axis_text(top: float, write: Write) -> dict:
    """Marks at nothing, the middle and the top, written as the measure is."""
    places = [0, top / 2, top]
    return {"tickvals": places[:2], "ticktext": [write(one) for one in places[:2]]}
