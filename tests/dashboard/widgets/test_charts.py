"""Charts: names are escaped, Chinese is spoken, and the figure holds the numbers it was given."""

import json

import polars as pl
from streamlit.testing.v1 import AppTest

from dashboard.widgets import charts
from metrics.catalog import CONVERSION_RATE, COUNTS

HOSTILE = '<a href="http://127.0.0.1:9/x">王芳</a><script>alert(1)</script>'
TOTAL = {
    "consultations": 1200,
    "applications": 300,
    "deals": 60,
    "application_rate": 0.25,
    "deal_rate": 0.2,
    "conversion_rate": 0.05,
}


def rates(*rows: tuple) -> pl.DataFrame:
    """name, rate, low, high"""
    names = ("name", "conversion_rate", "conversion_rate_low", "conversion_rate_high")
    return pl.DataFrame(rows, dict(zip(names, (pl.String, *[pl.Float64] * 3), strict=True)), orient="row")


def spec(figure) -> dict:
    return json.loads(figure.to_json())


def test_names_are_escaped_wherever_plotly_would_read_them_as_html():
    written = charts.intervals(rates((HOSTILE, 0.1, 0.0, 0.2)), CONVERSION_RATE, "name", TOTAL).to_json()
    assert "<a" not in written and "<script" not in written
    assert "&lt;script&gt;" in json.loads(written)["data"][1]["y"][0]


def test_the_funnel_has_a_stage_a_count_and_each_its_rate():
    (trace,) = spec(charts.funnel(TOTAL))["data"]
    assert trace["x"] == [1200, 300, 60]
    assert trace["y"] == ["咨询量", "申请量", "成交量"]
    assert trace["text"] == ["1,200", "300  (25.0%)", "60  (20.0%)"]


def test_a_funnel_of_nothing_has_no_rates_but_dashes():
    (trace,) = spec(charts.funnel(dict.fromkeys(TOTAL, None) | dict.fromkeys(list(TOTAL)[:3], 0)))["data"]
    assert trace["text"] == ["0", "0  (—)", "0  (—)"]


def test_limits_are_drawn_from_the_lowest_rate_to_the_highest_without_those_who_have_none():
    table = rates(("王芳", 0.3, 0.2, 0.4), ("李强", 0.1, 0.05, 0.2), ("赵敏", None, None, None))
    figure = spec(charts.intervals(table, CONVERSION_RATE, "name", TOTAL))
    whiskers, points = figure["data"]
    assert points["y"] == ["李强", "王芳"] and points["x"] == [0.1, 0.3]
    assert whiskers["x"] == [0.05, 0.2, None, 0.2, 0.4, None]
    assert points["text"] == ["10.0% (5–20%)", "30.0% (20–40%)"]
    assert figure["layout"]["annotations"][0]["text"] == "合计 5.0%"
    first, last = figure["layout"]["xaxis"]["range"]
    assert first == 0 and last > 0.4, "the longest whisker is shown whole"


def test_limits_of_nobody_are_an_empty_chart():
    figure = spec(charts.intervals(rates(), CONVERSION_RATE, "name", dict.fromkeys(TOTAL)))
    assert figure["data"][1]["y"] == [] and "annotations" not in figure["layout"]


def test_the_trend_has_a_line_a_count_and_a_point_a_week():
    weeks = pl.DataFrame({"week": ["2026-11-09", "2026-11-16"]}).select(pl.col("week").str.to_date())
    table = weeks.with_columns(consultations=pl.Series([10, 12]), applications=3, deals=1)
    figure = spec(charts.trend(table, COUNTS))
    assert [trace["name"] for trace in figure["data"]] == ["咨询量", "申请量", "成交量"]
    assert figure["data"][0]["x"] == ["11-09", "11-16"] and figure["data"][0]["y"] == [10, 12]
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y2", "y3"], "each on its own scale"
    tops = [figure["layout"][name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert tops[0][0] > tops[1][1] > tops[1][0] > tops[2][1] > tops[2][0] >= 0
    assert [one["text"] for one in figure["layout"]["annotations"]] == ["咨询量", "申请量", "成交量"]


def shown(language: str) -> dict:
    def page(language: str):
        from dashboard.shell.language import speak
        from dashboard.widgets import charts

        speak(language)
        charts.show(charts.figure(100), "什么都没有")

    page_test = AppTest.from_function(page, args=[language]).run()
    assert not page_test.exception
    return json.loads(page_test.get("plotly_chart")[0].proto.config)


def test_plotly_is_told_its_chinese():
    config = shown("zh")
    assert config["locale"] == "zh-CN" and config["locales"]["zh-CN"]["format"]["months"][0] == "1月"


def test_plotly_is_left_alone_in_english():
    assert "locale" not in shown("en")


def test_two_of_one_name_stay_two_lines():
    table = rates(("王芳", 0.3, 0.2, 0.4), ("王芳", 0.1, 0.05, 0.2), ("李强", 0.2, 0.1, 0.3))
    table = table.with_columns(staff_no=pl.Series(["1001", "1002", "1003"]))
    figure = spec(charts.intervals(table, CONVERSION_RATE, "name", TOTAL))
    assert figure["data"][1]["y"] == ["王芳 1002", "李强", "王芳 1001"]
