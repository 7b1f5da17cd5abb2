"""Looking at pages as a person would: by role and link, reading cards and tables off the screen."""

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.words import speak

ROOT = Path(__file__).parents[2]
SEEN_BY = {
    "manager": ("my_day",),
    "branch_head": ("morning_meeting", "evening_meeting", "weekly_meeting"),
    "regional": ("morning_meeting", "evening_meeting", "weekly_meeting", "branch_comparison"),
    "operator": ("my_day", "morning_meeting", "evening_meeting", "weekly_meeting", "branch_comparison"),
}
AS = {"manager": "manager-100001", "branch_head": "head-1", "regional": "region-1"}


def look(page: str | None = None, **link: str) -> AppTest:
    """The page a link leads to, through the entry script; the viewer's first page unless told."""
    speak(link.get("lang", "zh"))  # AppTest spells options in this thread
    app = AppTest.from_file(ROOT / "dashboard" / "app.py", default_timeout=60)
    for name, value in link.items():
        app.query_params[name.rstrip("_")] = value
    app.run()
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run() if page else app


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].value
    assert not app.error, app.error[0].value
    assert app.title and app.title[0].value
    return app


def bodies(app: AppTest) -> list[str]:
    return [one.proto.body for one in app.get("html")]


def plain(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html)).strip()


def cards(app: AppTest) -> dict[str, tuple[str, str]]:
    """label → value and what stands below it; of two with one label the last."""
    pattern = r'class="l">(.*?)</div><div class="v[^"]*">(.*?)</div><div class="s">(.*?)</div>'
    found = [card for body in bodies(app) for card in re.findall(pattern, body)]
    return {plain(label): (plain(value), plain(about)) for label, value, about in found}


def tables(app: AppTest) -> list[list[list[str]]]:
    """Each table as rows of cells, headings first."""
    return [
        [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)] for line in body.split("<tr")[1:]]
        for body in bodies(app)
        if "<table" in body
    ]


def everything_said(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.caption, app.info, app.warning, app.text, app.markdown)
    return "\n".join([*(str(one.value) for kind in kinds for one in kind), *map(plain, bodies(app))])
