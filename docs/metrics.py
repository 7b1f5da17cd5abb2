"""Writes docs/metrics.md from the declarations in metrics.catalog."""

from pathlib import Path

from dashboard import words
from dashboard.formats import formula
from metrics.catalog import CATALOG
from metrics.definitions import DEFAULT
from metrics.metric import AMOUNT, COUNT, NUMBER, SHARE, Ratio

TARGET = Path(__file__).parent / "metrics.md"
UNITS = {COUNT: "count", AMOUNT: "cents (分), shown in 万元", SHARE: "share 0–1", NUMBER: "number"}

PLAN = """
## Against the plan

Computed by `metrics.attainment`, one row a key and measure; the plan is spread over working days before it is joined.

| name | 中文 | formula |
| --- | --- | --- |
| attainment | 计划达成率 | actual to date ÷ plan of the whole period; not capped; null without a plan or with a plan of 0 |
| time_progress | 时间进度 | working days elapsed ÷ working days of the period; a manager's own leave is left out of his |
| pace_gap | 进度差 | attainment − time_progress, in percentage points |
| needed_per_day | 日均需完成 | (plan − actual) ÷ working days left, never below 0; null when no day is left |
| status | 状态 | pace_gap ≥ {watch_below:.0%} on pace · ≥ {behind_below:.0%} watch · ≥ {far_behind_below:.0%} behind · else far behind |

## Definitions, version 1

A consultation is effective when all of this holds: {effective}. A rate of fewer than {small_sample} cases reads
“few cases” (样本不足). Time is counted in {time_basis}. The definitions are data: each version has a day from which it
is in force, and the reports name the version they were made by.

Rates with limits carry the Wilson 95 % interval (E. B. Wilson, JASA 22, 1927); a period rate above 100 % has none.
"""


def text() -> str:
    lines = [
        "# Metrics",
        "",
        "Generated from `metrics/catalog.py` by `make docs`; do not edit.",
        "",
        "| name | label | 中文 | unit | formula | limits | source |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in CATALOG:
        words.speak("en")
        said = formula(one)
        limits = "Wilson 95 %" if isinstance(one, Ratio) and one.interval else ""
        words.speak("zh")
        row = (f"`{one.name}`", one.label, words._(one.label), UNITS[one.unit], said, limits, one.source)
        lines.append("| " + " | ".join(row) + " |")
    settings = DEFAULT | {"effective": ", ".join(DEFAULT["effective"])}
    return "\n".join(lines) + "\n" + PLAN.format(**settings)


if __name__ == "__main__":
    TARGET.write_text(text())
