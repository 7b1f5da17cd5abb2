"""Writes docs/metrics.md from the declarations in metrics.catalog and metrics.settings."""

from pathlib import Path

from dashboard.shell import language
from dashboard.widgets.formats import formula
from metrics.catalog import CATALOG
from metrics.definitions import DEFAULT
from metrics.metric import AMOUNT, COUNT, NUMBER, SHARE, Ratio
from metrics.settings import CHOICE, CONDITIONS, SETTINGS, SWITCH, Setting

TARGET = Path(__file__).parent / "metrics.md"
UNITS = {COUNT: "count", AMOUNT: "cents (分), shown in 万元", SHARE: "share 0–1", NUMBER: "number"}

PLAN = """
## Against the plan

Computed by `metrics.attainment`, one row a key and measure; the plan is spread over working days before it is joined
(by calendar days where the definitions say so).

| name | 中文 | formula |
| --- | --- | --- |
| attainment | 计划达成率 | actual to date ÷ plan of the whole period; not capped; null without a plan or with a plan of 0 |
| time_progress | 时间进度 | working days elapsed ÷ working days of the period; a manager's own leave is left out of theirs |
| pace_gap | 进度差 | attainment − time_progress, in percentage points |
| needed_per_day | 日均需完成 | (plan − actual) ÷ working days left, never below 0; null when no day is left |
| projection | 预计达成 | done ÷ time_progress, with 95 % limits of a sum over the days left, each like the days gone; no limits before three days |
| chance | 偶然概率 | how likely so little is by chance alone when the plan to date is what is to be expected: a negative binomial with the variance of the branch's last 60 working days, at least Poisson's; amounts a gamma with their tickets' scatter |
| needed | 日均需咨询 | (plan − actual − what the open pipeline should yield) ÷ what one consultation a day should still bring: docs/decisions/0009-reverse-planning.md |
| status | 状态 | pace_gap ≥ {watch_below:.0%} on pace · ≥ {behind_below:.0%} watch · ≥ {far_behind_below:.0%} behind · else far behind; watch instead of both where chance is above 5 % or unknown |

## Penetration

Computed by `metrics.penetration` on a day: the owners, postings and registers of that day hold. A customer of a territory counts
there, whoever won them, divided by its owners' shares; an owner who works elsewhere on the day owns nothing, and what nobody
owns is 未分配. Products per customer and product penetration go by the customer's own manager, the attach rate by the manager of
the loan deal. Everything is a sum over cells of one manager and one territory, so parts add up to the whole. A holding from
before the log counts as its product in the stock, never as a deal. Customers without a territory, or in one without a
register, are counted (`outside_register`) and stand in no ratio. The attach rate carries Wilson's limits.

## Definitions

What the training material leaves to the bank. Each version holds from a day on, for a region or the whole bank; the reports
name the version they were made by, and no version is ever changed ([why](decisions/0010-definitions-are-versions.md)).

| setting | label | 中文 | at first | allowed | meaning |
| --- | --- | --- | --- | --- | --- |
{settings}

Rates of a period carry 95 % limits: Wilson's interval (JASA 22, 1927) of numerator ÷ (numerator + denominator), mapped
back, the narrower the more cases of the numerator have their own event of the denominator in the same period. They hold
above 100 %, too.
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
        language.speak("en")
        said = formula(one)
        limits = "95 %" if isinstance(one, Ratio) and one.interval else ""
        language.speak("zh")
        row = (f"`{one.name}`", one.label, language._(one.label), UNITS[one.unit], said, limits, one.source)
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n" + PLAN.format(**DEFAULT, settings="\n".join(map(setting, SETTINGS)))


def setting(one: Setting) -> str:
    chinese = language._(one.label)
    first = ", ".join(one.default) if isinstance(one.default, list) else str(one.default)
    allowed = {CONDITIONS: "any of " + ", ".join(one.choices), CHOICE: ", ".join(one.choices), SWITCH: "True, False"}
    said = allowed.get(one.kind, f"{one.least} to {one.most}")
    return "| " + " | ".join((f"`{one.name}`", one.label, chinese, first, said, one.help)) + " |"


if __name__ == "__main__":
    TARGET.write_text(text())
