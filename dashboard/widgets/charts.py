"""Charts. Text that was stored (names) never reaches Plotly unescaped; labels and formats come from the metrics."""

from html import escape

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell.language import _, language
from dashboard.widgets import formats
from metrics.catalog import APPLICATION_RATE, COUNTS, DEAL_RATE
from metrics.metric import Metric, Ratio

BLUE, GREY = "#1f5fbf", "#9aa4b2"
COLOURS = (BLUE, "#b36b00", "#14804a")
ROOM = 1.04  # how far an axis goes beyond its largest value
SHARE_OF_ROW = 0.72  # of a chart's row that its axis takes; its title stands above
FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
LINK = Markup('<a href="{}" target="_self">{}</a>')
ZH = {
    "dictionary": {"Autoscale": "自动缩放", "Reset axes": "复位", "Zoom in": "放大", "Zoom out": "缩小"},
    "format": {
        "days": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
        "months": [f"{n}月" for n in range(1, 13)],
    },
}


def show(figure: go.Figure, alt: str = "") -> None:
    config = {"displayModeBar": False}
    if language() == "zh":
        config |= {"locale": "zh-CN", "locales": {"zh-CN": ZH}}
    st.plotly_chart(figure, config=config, alt=alt or None)


def figure(height: int, *traces, **layout) -> go.Figure:
    base = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "font": {"family": FONT, "size": 14},
        "showlegend": False,
        "hoverlabel": {"font": {"family": FONT}},
    }
    # Tests check every picture against Plotly's schema: done with each run it takes ten times as long as all else.
    return go.Figure(list(traces), base | layout, _validate=False)


def linked(text: str, href: str | None, **where: object) -> dict:
    """An annotation that is a link, where it leads anywhere: Plotly has no links on bars and points."""
    said = escape(text) if href is None else str(LINK.format(href, text))
    return {"text": said, "showarrow": False, "captureevents": href is not None} | where


def names(table: pl.DataFrame, name: str) -> list[str]:
    """Stored names, safe inside Plotly, which reads some HTML."""
    return [escape(one) for one in told_apart(table, name)]


def told_apart(table: pl.DataFrame, name: str) -> list[str]:
    """Stored names as they are; two of one name are told apart by their staff number."""
    twice = table[name].is_duplicated()
    numbers = table["staff_no"] if "staff_no" in table.columns else [""] * table.height
    return [
        f"{one} {number}" if double else str(one)
        for one, number, double in zip(table[name], numbers, twice, strict=True)
    ]


def funnel(total: dict) -> go.Figure:
    """From consultation to deal, each stage with its rate from the one before."""
    rates = [None, APPLICATION_RATE, DEAL_RATE]
    said = [
        formats.count(total[stage.name]) + (f"  ({formats.share(total[rate.name])})" if rate else "")
        for stage, rate in zip(COUNTS, rates, strict=True)
    ]
    trace = go.Funnel(
        y=[_(stage.label) for stage in COUNTS],
        x=[total[stage.name] for stage in COUNTS],
        text=said,
        textinfo="text",
        textfont={"size": 16},
        marker={"color": [BLUE, "#5b8bd6", "#9bbcec"]},
        connector={"fillcolor": "rgba(128, 140, 160, .18)"},
        hoverinfo="skip",
    )
    return figure(230, trace)


def intervals(table: pl.DataFrame, rate: Ratio, name: str, total: dict) -> go.Figure:
    """Each one's rate with its 95 % limits, beside the rate of all together."""
    rows = table.filter(pl.col(rate.name).is_not_null()).sort(rate.name)
    labels = names(rows, name)
    shares, lows, highs = (rows[f"{rate.name}{side}"].to_list() for side in ("", "_low", "_high"))
    limits = list(zip(labels, lows, highs, strict=True))
    whiskers = go.Scatter(
        x=[end for _name, low, high in limits for end in (low, high, None)],
        y=[label for label, _low, _high in limits for _end in range(3)],
        mode="lines",
        line={"color": GREY, "width": 3},
        cliponaxis=False,
        hoverinfo="skip",
    )
    said = [
        f"{formats.share(share)} ({formats.interval(low, high)})"
        for share, low, high in zip(shares, lows, highs, strict=True)
    ]
    points = go.Scatter(
        x=shares,
        y=labels,
        mode="markers",
        marker={"size": 11, "color": BLUE},
        cliponaxis=False,
        text=said,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    ends = [end for end in (*highs, *shares, total[rate.name]) if end is not None]
    whole = [0, max(ends, default=1) * ROOM]  # left to itself, an axis ends where the longest whisker does
    axes = {"xaxis": {"tickformat": ".0%", "range": whole}, "yaxis": {"categoryarray": labels}}
    chart = figure(90 + 30 * max(rows.height, 1), whiskers, points, **axes)
    if total[rate.name] is not None:
        together = _("{share} overall", share=formats.share(total[rate.name]))
        above = {"text": together, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "center"}
        chart.add_vline(total[rate.name], line_dash="dot", line_color=GREY, annotation=above)
    return chart


def trend(table: pl.DataFrame, metrics: tuple[Metric, ...], x: str = "week") -> go.Figure:
    """One line a count, week by week, each on a scale of its own above the others: a few deals can be read beside
    hundreds of consultations. The last week is still running."""
    traces, layout, titles = [], {}, []
    height = 1 / len(metrics)
    for place, (metric, colour) in enumerate(zip(metrics, COLOURS, strict=False)):
        axis, top = str(place + 1) if place else "", 1 - place * height
        traces.append(
            go.Scatter(
                x=[f"{one:%m-%d}" for one in table[x]],
                y=table[metric.name].to_list(),
                yaxis=f"y{axis}",
                name=_(metric.label),
                mode="lines+markers",
                line={"width": 3, "color": colour},
            )
        )
        layout[f"yaxis{axis}"] = {"rangemode": "tozero", "nticks": 4, "domain": [top - height * SHARE_OF_ROW, top]}
        titles.append(
            {"text": _(metric.label), "font": {"color": colour, "size": 14}, "showarrow": False}
            | {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
        )
    layout["xaxis"] = {"type": "category", "anchor": traces[-1].yaxis}
    return figure(130 * len(metrics), *traces, annotations=titles, **layout)
