"""A gap as a picture: from the reference to what was done, factor by factor."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.widgets import charts, formats
from metrics.catalog import MEASURES

UNSURE, DOWN, UP, WHOLE = "#c3cad4", "#b36b00", charts.BLUE, "#6b7685"
ROW = 42  # pixels
Step = tuple[str, float, bool, str | None]  # label, effect, whether it can be told from chance, where it leads
End = tuple[str, float, str | None]  # label, value, where it leads
GAP = 6  # pixels between a bar and its text


def waterfall(reference: End, steps: Sequence[Step], actual: End, measure: str) -> go.Figure:
    """From the reference down to the actual, each with its label and, beside its bar, what it is, which leads to the
    entries behind it; effects that cannot be told from chance are grey."""
    write = formats.PLANNED[MEASURES[measure].unit]
    labels, starts, lengths, colours, texts = [reference[0]], [0.0], [reference[1]], [WHOLE], [write(reference[1])]
    reached = reference[1]
    for label, effect, sure, _href in steps:
        labels.append(label)
        starts.append(reached)
        lengths.append(effect)
        colours.append((DOWN if effect < 0 else UP) if sure else UNSURE)
        texts.append(formats.signed(effect, write))
        reached += effect
    labels.append(actual[0])
    starts.append(0.0)
    lengths.append(actual[1])
    colours.append(WHOLE)
    texts.append(write(actual[1]))
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    low, high = min(0.0, *starts, *ends), max(*starts, *ends, 0.0)
    room = (high - low or 1.0) * 0.22  # for the text at the end of a bar
    bars = go.Bar(
        y=labels,
        x=lengths,
        base=starts,
        orientation="h",
        marker={"color": colours},
        hoverinfo="skip",
    )
    falls = [end for end, length in zip(ends, lengths, strict=True) if length < 0]  # their text stands on the left
    left = room if low < 0 or (falls and min(falls) - low < room) else 0.0
    axes = {
        "xaxis": {"range": [low - left, high + room], "visible": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True},
    }
    hrefs = [reference[2], *(step[3] for step in steps), actual[2]]
    said = [
        charts.linked(text, href, x=end, y=label, xanchor="right" if length < 0 else "left")
        | {"xshift": -GAP if length < 0 else GAP, "font": {"size": 14}}
        for text, href, end, length, label in zip(texts, hrefs, ends, lengths, labels, strict=True)
    ]
    return charts.figure(60 + ROW * len(labels), bars, bargap=0.35, annotations=said, **axes)
