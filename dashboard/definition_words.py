"""The definitions in words: each setting as branch staff say it, what changed, where and since when a version holds."""

from collections.abc import Sequence
from datetime import date

from dashboard import formats
from dashboard.words import _
from metrics.definitions import Definitions
from metrics.settings import BY_NAME, CHOICE, CONDITIONS, DAYS, POINTS, SHARE, SWITCH, Unsound

ALWAYS = date(2000, 1, 1)  # the first version holds for all that is ever brought in
SELF_MADE = "installation"


def spelt(name: str, value) -> str:
    """A setting's value in the user's words."""
    one = BY_NAME[name]
    if one.kind == CONDITIONS:
        return " + ".join(_(one.choices[each]) for each in value) or _("whatever was logged as effective")
    if one.kind == CHOICE:
        return _(one.choices[value])
    if one.kind == SWITCH:
        return _("yes") if value else _("no")
    if one.kind == POINTS:
        return _("{number} points", number=f"{round(value * 100, 4):g}")
    if one.kind == SHARE:
        return formats.share(value)
    return _("{number} days", number=value) if one.kind == DAYS else _("{number} cases", number=value)


def lines(changes: dict[str, tuple]) -> list[str]:
    """One line a setting: "Few cases below: 10 cases → 5 cases"."""
    return [
        f"{_(BY_NAME[name].label)}: {spelt(name, old)} → {spelt(name, new)}" for name, (old, new) in changes.items()
    ]


def since(day: date) -> str:
    return _("from the beginning") if day <= ALWAYS else _("from {day} on", day=day)


def by_whom(account: str) -> str:
    return _("at installation") if account == SELF_MADE else account


def named(rules: Definitions, earlier: Sequence[Definitions]) -> str:
    """The versions of a period: "v2", or "v2 from 10 Nov on, v1 before" where several held."""
    if not earlier:
        return f"v{rules.version}"
    day, before = formats.short_day(rules.from_day), ", ".join(f"v{one.version}" for one in earlier)
    return _("v{version} from {day} on, {before} before", version=rules.version, day=day, before=before)


def unsound(error: Unsound) -> str:
    """Why settings are no definitions, in the user's words."""
    return _(error.message, **{name: _(one) if isinstance(one, str) else one for name, one in error.values.items()})
