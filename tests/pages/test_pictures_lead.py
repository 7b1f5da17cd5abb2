"""From a bar of the waterfall or a point of a control chart to the entries behind it, in one click."""

import json
from urllib.parse import parse_qs, urlparse

import plotly.graph_objects as go
import pytest

from metrics.periods import week
from tests.conftest import FRIDAY
from tests.support.pages import healthy, look

pytestmark = pytest.mark.slow


def links(chart) -> list[dict]:
    """Where the annotations of a chart lead, by what the links say."""
    said = json.loads(chart.proto.spec)["layout"].get("annotations", [])
    hrefs = [one["text"].split('href="')[1].split('"')[0] for one in said if "href" in one["text"]]
    return [parse_qs(urlparse(one.replace("&amp;", "&")).query) for one in hrefs]


def test_every_bar_and_point_leads_to_its_entries(demo):
    app = healthy(look("manager_profile", as_="head-1", manager="3"))
    waterfall, volume, rate, *_others = map(links, app.get("plotly_chart"))
    assert [one["kind"] for one in waterfall] == [["consultation"], ["application"], ["deal"], ["deal"]]
    assert all(one["manager"] == ["3"] and one["since"] == ["2026-11-01"] for one in waterfall)
    assert {one["kind"][0] for one in volume} == {"consultation"}
    assert {one["kind"][0] for one in rate} == {"application"}
    starts = [one["since"][0] for one in volume]
    assert starts == sorted(set(starts)) and len(starts) > 10
    assert all(week(type(FRIDAY).fromisoformat(one)).first.isoformat() == one for one in starts), (
        "weeks, by their Monday"
    )


def test_the_plan_stands_beside_its_line(demo):
    app = healthy(look("manager_profile", as_="head-1", manager="3"))
    (_bars, volume, *_rest) = (json.loads(one.proto.spec) for one in app.get("plotly_chart"))
    (plan,) = [one for one in volume["layout"]["annotations"] if one["text"].startswith("计划")]
    assert (plan["xref"], plan["x"], plan["xanchor"]) == ("paper", 1, "left")
    assert volume["layout"]["margin"]["r"] > 40


@pytest.mark.parametrize(
    ("page", "who", "link"),
    [
        ("manager_profile", "head-1", {"manager": "3"}),
        ("weekly_meeting", "head-1", {}),
        ("branch_comparison", "region-1", {"section": "rates"}),
    ],
)
def test_a_picture_is_one_that_plotly_knows(demo, page, who, link):
    """They are made without being checked, which would take longer than the page."""
    drawn = [json.loads(one.proto.spec) for one in healthy(look(page, as_=who, **link)).get("plotly_chart")]
    assert drawn and all(go.Figure(one).to_dict()["data"] for one in drawn)
